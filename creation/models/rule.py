from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from creation.models.campaign import Campaign, CampaignState, PhaseKind
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Scope


class RuleAudience(models.TextChoices):
    LIAISON = "liaison", "责任人或联络员"
    UNIT_LEADER = "unit_leader", "单位分管领导"
    OFFICE = "office", "综合协调组"
    REVIEWER = "reviewer", "材料指导组"
    INSPECTOR = "inspector", "督导检查组"


OFFICE_AUDIENCES = frozenset({RuleAudience.OFFICE, RuleAudience.REVIEWER, RuleAudience.INSPECTOR})


class ReminderRuleQuerySet(VersionedQuerySet["ReminderRule"]):
    def enabled(self) -> Self:
        """Return the enabled rules of open campaigns."""
        return self.filter(enabled=True, campaign__state=CampaignState.OPEN)

    def in_order(self) -> Self:
        return self.order_by("campaign", "pk")


class ReminderRule(Versioned):
    """A reminder rule of a phase: recipients, condition (see ``creation.notices.reminders.conditions``), lead times and wording."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rules", verbose_name="创建活动")
    phase_kind = models.CharField("阶段", max_length=12, choices=PhaseKind.choices)
    name = models.CharField("名称", max_length=60)
    audience = models.CharField("提醒谁", max_length=12, choices=RuleAudience.choices)
    condition = models.CharField("提醒什么", max_length=20)
    lead_times = models.JSONField("提前天数", default=list, blank=True)
    overdue_every = models.PositiveSmallIntegerField("逾期后间隔", default=0)
    text = models.CharField("提醒文字", max_length=200)
    leader_after = models.PositiveSmallIntegerField("分管领导", default=0)
    office_after = models.PositiveSmallIntegerField("创建办", default=0)
    enabled = models.BooleanField("启用", default=True)

    objects = ReminderRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒规则"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "phase_kind", "condition"],
                name="a_phase_has_one_rule_a_condition",
                violation_error_message="该阶段已有这一条提醒规则。",
            ),
            models.CheckConstraint(
                condition=Q(phase_kind__in=PhaseKind.values),
                name="rule_phase_is_known",
                violation_error_message="阶段不在可选范围。",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=RuleAudience.values),
                name="rule_audience_is_known",
                violation_error_message="提醒对象不在可选范围。",
            ),
            models.CheckConstraint(
                condition=Q(office_after=0) | Q(office_after__gte=models.F("leader_after")),
                name="office_hears_after_the_leader",
                violation_error_message="创建办不能先于分管领导得知，请把创建办的次数改大，或改为 0（不告知）。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_kind_display()}：{self.name}"

    def get_absolute_url(self) -> str:
        return reverse("rule", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def days(self) -> str:
        """The lead times in days, as ``30、14、7、3、1、0``."""
        return "、".join(map(str, self.lead_times))

    def values(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}
