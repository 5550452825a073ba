from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from creation.lib import fulltext
from creation.models.campaign import Assignment, AssignmentRole, CampaignState, EvidenceKind
from creation.models.district import Unit
from creation.models.task import Task
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Reach, Scope

if TYPE_CHECKING:
    from creation.models.user import User


MAX_KEYS = 1000  # in a query; above that, reading all stopped pieces is quicker


class Confidentiality(models.TextChoices):
    PUBLIC = "public", "可公开"
    INTERNAL = "internal", "内部资料（不涉密）"


def is_flagged(evidence: str = "pk") -> Exists:
    """Return a condition: the piece has a secrecy mark that nobody has cleared.

    ``evidence`` is the lookup that leads from the filtered row to the piece.
    """
    from creation.models.secrecy_mark import SecrecyMark

    return Exists(SecrecyMark.objects.waiting().filter(evidence=OuterRef(evidence)))


def _own_and_kept(user: "User") -> tuple[Q, Q]:
    """Return Qs for the pieces of the person's own unit, and for those that the person may hide."""
    own = user.permission_filter(
        Permission.EVIDENCE_READ, district="unit__district", campaign=None, unit="unit", within_unit=True
    )
    return own, user.permission_filter(Permission.EVIDENCE_HIDE, district="unit__district", campaign=None, unit=None)


def _editable_by(user: "User") -> Q:
    """Return a Q for the pieces that this person may edit; an office role of one campaign reaches what that campaign cites."""
    from creation.models.citation import Citation

    allowed = Q(pk__in=())
    for grant, reach in user.grants_for(Permission.EVIDENCE_EDIT):
        near = Q(unit=grant.unit) if reach is Reach.UNIT else Q(unit__district=grant.district)
        if reach is not Reach.UNIT and grant.campaign:
            near &= Q(Exists(Citation.objects.filter(evidence=OuterRef("pk"), task__campaign=grant.campaign)))
        allowed |= near
    return allowed


class EvidenceQuerySet(VersionedQuerySet["Evidence"]):
    def active(self) -> Self:
        return self.filter(deleted_at=None)

    def in_recycle_bin(self) -> Self:
        """Return deleted pieces whose content is still stored."""
        return self.exclude(deleted_at=None).filter(Exists(EvidenceVersion.objects.filter(evidence=OuterRef("pk"))))

    def restorable_by(self, user: "User") -> Self:
        """Return the deleted pieces that this person may restore."""
        clean = self.in_recycle_bin().exclude(versions__scan__state="infected")
        return clean.filter(_editable_by(user)).not_hidden_from(user)

    def unrestricted(self) -> Self:
        """Return pieces that are neither hidden by the office nor blocked by a secrecy mark."""
        return self.filter(~is_flagged(), hidden_at=None)

    def with_content(self, field: str, value: Any) -> Self:
        """Return pieces of which a version has this content. ``field``: ``sha256``, ``url`` or ``text``."""
        versions = EvidenceVersion.objects.filter(evidence=OuterRef("pk"))
        return self.filter(Exists(versions.filter(**{field: value})))

    def flagged(self) -> Self:
        """Return pieces blocked by a secrecy mark."""
        return self.filter(is_flagged())

    def not_hidden_from(self, user: "User") -> Self:
        """Exclude blocked pieces unless they belong to the person's own unit, and hidden pieces unless the person may hide evidence."""
        own, keeper = _own_and_kept(user)
        return self.filter(Q(hidden_at=None) & ~Q(is_flagged()) | Q(hidden_at=None) & own | keeper)

    def of_own_unit_or_keeper(self, user: "User") -> Self:
        """Return pieces of the person's own unit, and those that the person may hide: what is marked as secret is open to them."""
        own, keeper = _own_and_kept(user)
        return self.filter(Q(hidden_at=None) & own | keeper)

    def words_visible_to(self, user: "User") -> Self:
        """Return the pieces whose words (title, passage, why it was stopped) this person may read in a list, a notice or a file.

        This is the one rule for every place that names a piece: hidden pieces are for those who may hide, pieces blocked by a secrecy
        mark also for their unit, deleted ones for their unit and for those who may restore them.
        """
        own = user.permission_filter(
            Permission.EVIDENCE_READ, district="unit__district", campaign=None, unit="unit", within_unit=True
        )
        return self.not_hidden_from(user).filter(Q(deleted_at=None) | own | _editable_by(user))

    def words_withheld_from(self, user: "User") -> Self:
        """Return the hidden, blocked and deleted pieces whose words this person may not read."""
        stopped = self.filter(Q(hidden_at__isnull=False) | Q(is_flagged()) | Q(deleted_at__isnull=False))
        return stopped.filter(~Exists(Evidence.objects.words_visible_to(user).filter(pk=OuterRef("pk"))))

    def are_words_withheld(self, keys: Sequence[int], user: "User") -> bool:
        """Return whether this person may not read the words of one of these pieces. Costs one query."""
        if len(keys) <= MAX_KEYS:
            return self.filter(pk__in=keys).words_withheld_from(user).exists()
        return not set(keys).isdisjoint(self.words_withheld_from(user).values_list("pk", flat=True))

    def matching_text(self, question: str) -> Self:
        """Return pieces in which every word of the question occurs, in the description or in the text."""
        found = fulltext.matching_ids(question, self.db)
        return self.none() if found is None else self.filter(pk__in=found)

    def unindexed(self) -> Self:
        """Return pieces whose search entry is missing or out of date."""
        return self.filter(Q(entry=None) | ~Q(entry__seen=F("version")))

    def visible_to(self, user: "User") -> Self:
        """Return the pieces that this person may read.

        These are: the evidence of the person's own unit; evidence cited in tasks that the person may read beyond that unit;
        and, for a leading unit, evidence cited by its assisting units.
        """
        from creation.models.citation import Citation

        allowed = Q(pk__in=())
        for grant, reach in user.grants_for(Permission.EVIDENCE_READ):
            live = Citation.objects.in_readable_tasks().filter(evidence=OuterRef("pk"), removed_at=None)
            if reach is Reach.UNIT:
                leads = Assignment.objects.filter(
                    unit=grant.unit,
                    role=AssignmentRole.LEAD,
                    indicator=OuterRef("task__indicator"),
                    campaign=OuterRef("task__campaign"),
                )
                assisting = live.exclude(task__campaign__state=CampaignState.DRAFT).filter(Exists(leads))
                if grant.campaign:
                    assisting = assisting.filter(task__campaign=grant.campaign)
                allowed |= Q(unit=grant.unit) | Q(Exists(assisting))
            else:
                in_campaign = live.filter(task__campaign__district=grant.district)
                if grant.campaign:
                    in_campaign = in_campaign.filter(task__campaign=grant.campaign)
                allowed |= Q(Exists(in_campaign))
        return self.active().filter(allowed).not_hidden_from(user)


class Evidence(Versioned):
    """A piece of evidence of a unit: uploaded once, cited by many tasks."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="evidence", verbose_name="单位")
    kind = models.CharField("类型", max_length=10, choices=EvidenceKind.choices)
    title = models.CharField("题名", max_length=200)
    doc_number = models.CharField("文号", max_length=60, blank=True)
    dated_on = models.DateField("成文日期", null=True, blank=True)
    issuer = models.CharField("责任者", max_length=80, blank=True)
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    place = models.CharField("拍摄地点", max_length=80, blank=True)
    people = models.CharField("画面人物", max_length=100, blank=True)
    confidentiality = models.CharField(
        "公开属性", max_length=10, choices=Confidentiality.choices, default=Confidentiality.PUBLIC
    )
    hidden_at = models.DateTimeField("隐藏时间", null=True, blank=True)
    hide_reason = models.CharField("隐藏原因", max_length=200, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间")
    deleted_at = models.DateTimeField("删除时间", null=True, blank=True)
    deleted_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="删除人"
    )
    delete_reason = models.CharField("删除原因", max_length=200, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "印证资料"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["unit", "kind"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EvidenceKind.values),
                name="evidence_kind_is_known",
                violation_error_message="资料类型不在可选范围。",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | ~Q(delete_reason=""),
                name="a_deletion_has_a_reason",
                violation_error_message="删除资料须写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None) | ~Q(hide_reason=""),
                name="hiding_has_a_reason",
                violation_error_message="隐藏资料须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evidence", args=[self.pk])

    @property
    def is_unrestricted(self) -> bool:
        """Whether the piece is neither hidden by the office nor blocked by a secrecy mark."""
        return self.hidden_at is None and not self.flagged_marks

    @property
    def flagged_marks(self) -> str:
        """The marks that nobody has cleared, as ``首页：机密；文件名：内部``. Lists should prefetch ``secrecy_marks``."""
        from creation.models.secrecy_mark import marks_in_words

        return marks_in_words(
            (mark.place, mark.word) for mark in self.secrecy_marks.all() if mark.declaration_id is None
        )

    def scope(self) -> Scope:
        return Scope(self.unit.district_id, unit=self.unit_id)


class EvidenceVersionQuerySet(models.QuerySet["EvidenceVersion"]):
    def visible_to(self, user: "User") -> Self:
        """Return the versions that this person may read.

        These are: the newest version of visible evidence, every version of the own unit's evidence, and the versions submitted
        with a visible task. Other units do not see a version that was replaced before it was submitted.
        """
        from creation.models.answer import SubmittedCitation

        units = [grant.unit for grant, reach in user.grants_for(Permission.EVIDENCE_READ) if reach is Reach.UNIT]
        newer = EvidenceVersion.objects.filter(evidence=OuterRef("evidence"), number__gt=OuterRef("number"))
        handed_in = SubmittedCitation.objects.filter(
            version=OuterRef("pk"), submission__task__in=Task.objects.visible_to(user)
        )
        piece = {"pk": OuterRef("evidence")}
        shown = Exists(Evidence.objects.visible_to(user).filter(**piece))
        seen = Q(shown) & (~Exists(newer) | Q(evidence__unit__in=units))
        readable = Exists(Evidence.objects.words_visible_to(user).filter(**piece))
        return self.filter(readable, seen | Exists(handed_in))


class EvidenceVersion(models.Model):
    """One version of a piece of evidence: a stored file, a link or a text. Immutable; a correction is a new version."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="versions", verbose_name="印证资料")
    number = models.PositiveSmallIntegerField("版本", default=1)
    blob = models.CharField("存储标识", max_length=80, blank=True)
    given_name = models.CharField("原文件名", max_length=120, blank=True)
    extension = models.CharField("扩展名", max_length=8, blank=True)
    media_type = models.CharField("媒体类型", max_length=120, blank=True)
    size = models.PositiveBigIntegerField("字节数", null=True, blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    url = models.URLField("链接", max_length=500, blank=True)
    text = models.TextField("文本", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间")

    objects = EvidenceVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "资料版本"
        ordering = ["evidence", "number"]
        indexes = [models.Index(fields=["sha256"])]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="evidence_version_once"),
            models.CheckConstraint(
                condition=(~Q(blob="") & Q(url="", text="", size__gt=0) & ~Q(sha256=""))
                | (~Q(url="") & Q(blob="", text=""))
                | (~Q(text="") & Q(blob="", url="")),
                name="one_payload_a_version",
                violation_error_message="一份资料只能是文件、链接或文本之一。",
            ),
            models.UniqueConstraint(fields=["blob"], condition=~Q(blob=""), name="a_blob_belongs_to_one_version"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence} v{self.number}"

    @property
    def link_watch(self) -> Any:
        """The watch of a link, or None."""
        return getattr(self, "watch", None)

    @property
    def is_quarantined(self) -> bool:
        """Whether the file waits for the virus scanner or failed its check. A quarantined file cannot be opened."""
        scan = getattr(self, "scan", None) if settings.CLAMAV else None
        return scan is not None and scan.state != "clean"

    @property
    def is_secrecy_checked(self) -> bool:
        """Whether marks were looked for in the content. A file is read in the background. Lists should select ``extract``."""
        extract = getattr(self, "extract", None) if self.blob else None
        return not self.blob or (extract is not None and extract.is_current)

    @property
    def has_unreadable_text(self) -> bool:
        """Whether a file was read without finding any text: a scan, a picture, a conversion that failed. Films have none to be read."""
        extract = getattr(self, "extract", None) if self.blob else None
        silent = extract is not None and extract.state in ("nothing", "failed")
        return silent and not self.media_type.startswith("video/")
