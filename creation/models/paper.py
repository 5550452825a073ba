from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from creation.models.campaign import Campaign, EvidenceKind
from creation.models.commendation import Commendation
from creation.models.district import Unit
from creation.models.evidence import EvidenceVersion
from creation.models.task import Task
from creation.rules.policy import PERMISSION_MATRIX, Grant, Permission, Reach, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class PaperKind(models.TextChoices):
    LEDGER = "ledger", "创建工作台账"
    BREAKDOWN = "breakdown", "任务分解表"
    LIAISONS = "liaisons", "联络员信息表"
    STATEMENT = "statement", "情况说明"
    ON_SITE = "on_site", "现场核查清单"
    ASSESSMENT = "assessment", "自评报告"
    BULLETIN = "bulletin", "工作简报"
    CIRCULAR = "circular", "通报"
    SUPERVISION = "supervision", "督办单"
    INSPECTION = "inspection", "督导通报"
    ROUND_NOTICE = "round_notice", "督导通知"
    ROUND_REPORT = "round_report", "督导轮次通报"
    FEEDBACK = "feedback", "反馈意见书"
    RECTIFIED = "rectified", "整改报告"
    LISTS = "lists", "两清单一台账"
    APPROVAL = "approval", "表彰审批表"
    DECISION = "decision", "表彰决定"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: "User") -> Self:
        """Return the papers that this person may read.

        A unit sees its own papers, except those about all units' tasks that carry its seal. The office and viewers see all
        papers of the campaign. Only roles that may see all phone numbers see lists of liaisons. A paper without a file was never
        issued and is left out.
        """
        allowed = Q(pk__in=())
        for grant, reach in user.grants_for(Permission.PAPER_READ):
            near = Q(campaign__district=grant.district)
            if grant.campaign:
                near &= Q(campaign=grant.campaign)
            if not _sees_phones(grant):
                near &= ~Q(kind=PaperKind.LIAISONS)
            allowed |= near & Q(unit=grant.unit, is_whole=False) if reach is Reach.UNIT else near
        return self.exclude(blob="").filter(allowed)

    def active(self) -> Self:
        return self.filter(voided_at=None)

    def unstamped(self) -> Self:
        """Return active papers without a scan of the stamped copy."""
        return self.with_proof().active().filter(scans=None, in_proof=False)

    def with_proof(self) -> Self:
        """Annotate ``in_proof``: whether the stamped copy of a statement was submitted with the task, so that it is not requested again."""
        scans = EvidenceVersion.objects.filter(
            evidence__kind=EvidenceKind.STATEMENT,
            evidence__citations__task=OuterRef("task"),
            evidence__citations__removed_at=None,
            created_at__gte=OuterRef("created_at"),
        )
        return self.annotate(in_proof=Exists(scans.exclude(blob="")))

    def for_table(self) -> Self:
        rows = self.with_proof().select_related("campaign", "unit", "created_by", "task")
        return rows.prefetch_related("scans__created_by").order_by("-serial")


def _sees_phones(grant: Grant) -> bool:
    """Whether the role sees the phone numbers of the whole campaign: a printed liaison list contains every number in full."""
    return PERMISSION_MATRIX[Permission.PHONE_REVEAL].get(grant.role) is Reach.CAMPAIGN


class Paper(models.Model):
    """A paper issued to be stamped. Its number and a check code over its content are printed on it; its file is kept.

    ``unit`` is the unit whose seal is stamped, ``task`` the task that a statement is about, ``commendation`` what a decision on commending
    decides (None where it was numbered before it was noted). ``is_whole`` means that the paper
    covers more than the unit's own tasks. ``digest`` covers the printed content except number and code; the same content is the
    same paper, no matter who prints it again.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="papers", verbose_name="创建活动")
    kind = models.CharField("种类", max_length=12, choices=PaperKind.choices)
    serial = models.PositiveIntegerField("编号")
    title = models.CharField("名称", max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="papers", verbose_name="用印单位")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="papers", verbose_name="任务")
    commendation = models.ForeignKey(
        Commendation, models.SET_NULL, null=True, blank=True, related_name="papers", verbose_name="评选表彰"
    )
    is_whole = models.BooleanField("全区的文件", default=False)
    evidence = models.JSONField("所含资料", default=list, blank=True)
    digest = models.CharField("摘要", max_length=64)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="经办人")
    created_at = models.DateTimeField("生成时间")
    blob = models.CharField(max_length=80, blank=True)
    name = models.CharField("文件名", max_length=120, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField("字节数", default=0)
    sha256 = models.CharField("文件摘要", max_length=64, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人"
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "用印文件"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "serial"], name="a_paper_number_is_given_once"),
            models.UniqueConstraint(
                fields=["campaign", "kind", "unit", "digest"],
                condition=Q(voided_at=None),
                name="the_same_contents_have_one_number",
            ),
            models.UniqueConstraint(
                fields=["commendation"],
                condition=Q(voided_at=None) & ~Q(blob=""),
                name="a_commendation_has_one_decision_in_force",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | ~Q(void_reason=""),
                name="a_void_paper_has_a_reason",
                violation_error_message="作废须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("paper", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id, unit=self.unit_id)

    @property
    def number(self) -> str:
        return f"{self.campaign.year}-{self.serial:04d}"

    @property
    def code(self) -> str:
        """The printed check code: the first sixteen digits of the digest, in groups of four."""
        return "-".join(self.digest[start : start + 4] for start in range(0, 16, 4)).upper()

    @property
    def note(self) -> str:
        """The line printed on the paper, with its number and check code."""
        return f"编号：{self.number}  校验码：{self.code}"


class PaperScan(models.Model):
    """A scan of the stamped copy. Several may exist; the newest counts."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="scans", verbose_name="用印文件")
    blob = models.CharField(max_length=80)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField(max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "盖章扫描件"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name
