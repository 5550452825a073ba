from typing import Self

from django.db import models
from django.db.models import Q

from creation.models.campaign import Action, Campaign
from creation.models.evidence import Evidence
from creation.models.indicator import Indicator
from creation.models.task import Task
from creation.rules.policy import Scope


class RolloverGapQuerySet(models.QuerySet["RolloverGap"]):
    def waiting(self) -> Self:
        return self.filter(settled_at=None)


class RolloverGap(models.Model):
    """Something that could not be carried over from last year, as its unit or person is gone. The office ticks it off."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="gaps", verbose_name="创建活动")
    indicator = models.ForeignKey(
        Indicator, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="指标"
    )
    action = models.ForeignKey(Action, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="事项")
    text = models.CharField("待定事项", max_length=300)
    settled_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects = RolloverGapQuerySet.as_manager()

    class Meta:
        verbose_name = "沿用待定事项"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator=None) | Q(action=None),
                name="undecided_at_one_place",
                violation_error_message="待定事项只能对应一个指标或一个事项。",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="what_is_settled_names_who",
                violation_error_message="已处理的事项须有处理人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def scope(self) -> Scope:
        return self.campaign.scope()


class RejectedSuggestion(models.Model):
    """A unit's statement that evidence it cited last year is not applicable this year (不再适用).

    The row is deleted if the statement is revoked.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="rejections", verbose_name="任务")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="rejections", verbose_name="印证资料")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="判断人")
    created_at = models.DateTimeField("判断时间")

    class Meta:
        verbose_name = "不再适用"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "evidence"],
                name="dismissal_once",
                violation_error_message="这份资料已标为不再适用。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.evidence}"
