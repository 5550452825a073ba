from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from creation.models.campaign import Campaign, CampaignState
from creation.models.citation import Citation
from creation.models.evidence import Evidence, EvidenceVersion
from creation.models.publicity import Publicity
from creation.models.task import Task
from creation.rules.policy import Scope

if TYPE_CHECKING:
    from creation.models.user import User


class LinkState(models.TextChoices):
    UNCHECKED = "unchecked", "待核查"
    ALIVE = "alive", "能打开"
    FAILING = "failing", "暂时打不开"
    DEAD = "dead", "已失效"
    UNREACHED = "unreached", "未能核查"
    SEEN = "seen", "人工核查能打开"


class LinkWatchQuerySet(models.QuerySet["LinkWatch"]):
    def current(self) -> Self:
        """Return links of the newest version of evidence that is not deleted."""
        newer = EvidenceVersion.objects.filter(
            evidence=OuterRef("version__evidence"), number__gt=OuterRef("version__number")
        )
        return self.filter(~Exists(newer), version__evidence__deleted_at=None)

    def due(self, now: datetime) -> Self:
        """Return links that open campaigns cite or list as publicity and whose next check is due, longest overdue first."""
        cited = Citation.objects.counting().filter(
            evidence=OuterRef("version__evidence"), task__dropped_on=None, task__campaign__state=CampaignState.OPEN
        )
        published = Publicity.objects.active().filter(
            evidence=OuterRef("version__evidence"), campaign__state=CampaignState.OPEN
        )
        wanted = Exists(cited) | Exists(published)
        return self.current().filter(wanted, next_at__lte=now).order_by("next_at", "pk")

    def visible_to(self, user: "User") -> Self:
        return self.current().filter(version__evidence__in=Evidence.objects.visible_to(user))

    def cited_in(self, campaign: Campaign, user: "User") -> Self:
        """Return links cited by the tasks of this campaign that this person may see."""
        tasks = Task.objects.visible_to(user).filter(campaign=campaign)
        cited = Citation.objects.counting().filter(evidence=OuterRef("version__evidence"), task__in=tasks)
        return self.visible_to(user).filter(Exists(cited))

    def for_table(self) -> Self:
        return self.select_related("version__evidence__unit").prefetch_related("sightings__created_by")


class LinkWatch(models.Model):
    """The state of a link: when it last opened, what it showed then, since when it fails. One per version with an address."""

    version = models.OneToOneField(EvidenceVersion, models.CASCADE, related_name="watch", verbose_name="资料版本")
    state = models.CharField("状态", max_length=10, choices=LinkState.choices, default=LinkState.UNCHECKED)
    said = models.CharField("核查结果", max_length=200, blank=True)
    status = models.PositiveSmallIntegerField("HTTP 状态", null=True, blank=True)
    place = models.CharField("应答主机", max_length=270, blank=True)  # host:port of the last answer
    checked_at = models.DateTimeField("上次核查", null=True, blank=True)
    answered_at = models.DateTimeField("上次有应答", null=True, blank=True)
    good_at = models.DateTimeField("上次能打开", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("连续失败", default=0)
    failing_since = models.DateTimeField("失败起于", null=True, blank=True)
    told_at = models.DateTimeField("已告知", null=True, blank=True)
    next_at = models.DateTimeField("下次核查", db_index=True)
    # Seen at the first successful check. Later changes of the page are noted, but not stored here.
    title = models.CharField("网页标题", max_length=200, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    text = models.TextField("网页文字", blank=True)
    seen_at = models.DateTimeField("留存时间", null=True, blank=True)
    changed_at = models.DateTimeField("内容变化", null=True, blank=True)

    objects = LinkWatchQuerySet.as_manager()

    class Meta:
        verbose_name = "链接核查"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LinkState.values),
                name="link_state_is_known",
                violation_error_message="链接状态不在可选范围。",
            ),
            models.CheckConstraint(
                condition=~Q(state=LinkState.DEAD) | Q(failing_since__isnull=False),
                name="a_dead_link_has_failed",
                violation_error_message="失效的链接须有失败时间。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.version.evidence)

    @property
    def evidence(self) -> Evidence:
        return self.version.evidence

    def scope(self) -> Scope:
        return self.version.evidence.scope()


class LinkSighting(models.Model):
    """A person's report on opening a link, with an optional screenshot."""

    watch = models.ForeignKey(LinkWatch, models.CASCADE, related_name="sightings", verbose_name="链接")
    opens = models.BooleanField("能打开")
    seen_on = models.DateField("核查日期")
    note = models.CharField("说明", max_length=200, blank=True)
    blob = models.CharField("存储标识", max_length=80, blank=True)
    name = models.CharField("原文件名", max_length=120, blank=True)
    media_type = models.CharField("媒体类型", max_length=120, blank=True)
    size = models.PositiveBigIntegerField("字节数", null=True, blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="核查人")
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "人工核查"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.watch} {self.seen_on}"
