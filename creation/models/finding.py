from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from creation.models.campaign import Campaign
from creation.models.district import District
from creation.models.indicator import Indicator
from creation.models.task import Task, TaskStatus
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Reach, Scope

if TYPE_CHECKING:
    from creation.models.user import User

DEFAULT_SOURCES = (
    "集中督导",
    "上级督察",
    "执法监督",
    "审计",
    "人大、政协监督",
    "群众投诉",
    "第三方评估",
    "自查",
)


class FindingSourceQuerySet(models.QuerySet["FindingSource"]):
    def with_use(self) -> Self:
        """Annotate ``used``, the number of findings, in the order of the office."""
        return self.annotate(used=Count("findings")).order_by("order", "pk")


class FindingSource(models.Model):
    """Where findings come from: a list that each district's office keeps. One that is no longer used stays with its findings."""

    district = models.ForeignKey(District, models.CASCADE, related_name="finding_sources", verbose_name="行政区")
    name = models.CharField("问题来源", max_length=40)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    active = models.BooleanField("在用", default=True)

    objects = FindingSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "问题来源"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"], name="source_name_once", violation_error_message="已有这个问题来源。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def scope(self) -> Scope:
        return Scope(self.district_id)


class Severity(models.TextChoices):
    GENERAL = "general", "一般"
    SERIOUS = "serious", "较重"
    GRAVE = "grave", "严重"


class FindingQuerySet(VersionedQuerySet["Finding"]):
    def active(self) -> Self:
        """Return findings that were not withdrawn."""
        return self.filter(withdrawn_on=None)

    def visible_to(self, user: "User") -> Self:
        """Return the findings that this person may read: a unit those that it has to rectify, the office and readers all."""
        allowed = Q(pk__in=())
        for grant, reach in user.grants_for(Permission.FINDING_READ):
            near = Q(campaign__district=grant.district)
            if grant.campaign:
                near &= Q(campaign=grant.campaign)
            if reach is Reach.UNIT:
                own = Task.objects.active().filter(finding=OuterRef("pk"), unit=grant.unit)
                near &= Q(Exists(own))
            allowed |= near
        return self.filter(allowed)

    def with_counts(self) -> Self:
        """Annotate ``units_count``, the units that have to rectify it, and ``closed_count``, those that have (已销号)."""
        live = Q(rectifications__dropped_on=None)
        return self.annotate(
            units_count=Count("rectifications", filter=live),
            closed_count=Count("rectifications", filter=live & Q(rectifications__status=TaskStatus.APPROVED)),
        )

    def for_table(self) -> Self:
        return self.select_related("campaign", "source", "indicator", "created_by").order_by("-serial")


class Finding(Versioned):
    """A problem that a supervision found. Each unit that has to rectify it has a task of its own, with its own due day.

    ``serial`` is unique in the campaign and never reused; ``code`` (W017) is the short number, under which evidence of rectification is
    numbered too (W017-01). ``is_common``: the problem is found in many units (共性问题).
    ``task`` is the answer that it was found in, ``visit`` the visit on which it was found and ``noted`` what was
    noted there, if any.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="findings", verbose_name="创建活动")
    serial = models.PositiveIntegerField("序号")
    code = models.CharField("编号", max_length=20)
    source = models.ForeignKey(FindingSource, models.PROTECT, related_name="findings", verbose_name="问题来源")
    source_paper = models.CharField("来源文件", max_length=200, blank=True)
    found_on = models.DateField("发现日期", null=True, blank=True)
    title = models.CharField("问题", max_length=100)
    text = models.TextField("问题表述", blank=True)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="对应要点"
    )
    basis = models.CharField("依据", max_length=300, blank=True)
    demand = models.TextField("整改要求", blank=True)
    severity = models.CharField("程度", max_length=8, choices=Severity.choices, default=Severity.GENERAL)
    is_common = models.BooleanField("共性问题", default=False)
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="findings_in_answer", verbose_name="所涉任务"
    )
    visit = models.ForeignKey(
        "creation.Visit", models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="督导走访"
    )
    noted = models.ForeignKey(
        "creation.VisitCheck", models.SET_NULL, null=True, blank=True, related_name="findings", verbose_name="走访查看"
    )
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    withdrawn_on = models.DateField("撤销日期", null=True, blank=True)
    withdraw_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "督导问题"
        ordering = ["campaign", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "serial"], name="finding_number_once"),
            models.UniqueConstraint(fields=["campaign", "code"], name="finding_code_once"),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values),
                name="finding_severity_is_known",
                violation_error_message="问题程度不在可选范围。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | ~Q(withdraw_reason=""),
                name="a_withdrawn_finding_has_a_reason",
                violation_error_message="撤销问题须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("finding", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def number(self) -> str:
        """The number as printed on papers: ``源法督〔2026〕第 017 号``."""
        return f"{self.campaign.finding_prefix}〔{self.campaign.year}〕第 {self.serial:03d} 号"


class FindingChange(models.Model):
    """A correction of a finding's wording: the old text and the new one. Append-only."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="changes", verbose_name="督导问题")
    old = models.JSONField("原内容")
    new = models.JSONField("现内容")
    changed_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="修改人")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "督导问题变动"
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.finding} {self.changed_at:%Y-%m-%d %H:%M}"


class RectificationPlan(Versioned):
    """How a unit will rectify a finding, and who answers for it: the columns 整改措施, 责任领导 and 责任人 of the ledger."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="rectification_plan", verbose_name="整改任务")
    measures = models.TextField("整改措施", blank=True)
    leader = models.CharField("责任领导", max_length=40, blank=True)
    person = models.CharField("责任人", max_length=40, blank=True)
    updated_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="填写人")
    updated_at = models.DateTimeField("填写时间")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = "整改方案"

    def __str__(self) -> str:
        return f"{self.task} 整改方案"


class RectificationPlanChange(models.Model):
    """What a plan said before it was written or changed, by which a past day is read. Append-only."""

    plan = models.ForeignKey(RectificationPlan, models.CASCADE, related_name="changes", verbose_name="整改方案")
    measures = models.TextField("原整改措施", blank=True)
    leader = models.CharField("原责任领导", max_length=40, blank=True)
    person = models.CharField("原责任人", max_length=40, blank=True)
    changed_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="修改人")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "整改方案变动"
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.plan} {self.changed_at:%Y-%m-%d %H:%M}"
