from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from creation.models.task import Task
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, user: "User") -> Self:
        """Return the opinions that this person may read: all for the office, the own ones for an assessor, none for units."""
        office, written = (
            user.permission_filter(
                permission, district="task__campaign__district", campaign="task__campaign", unit=None
            )
            for permission in (Permission.OPINION_READ, Permission.OPINION_WRITE)
        )
        return self.filter(office | (written & Q(created_by=user)))

    def waiting(self) -> Self:
        return self.filter(settled_at=None, task__dropped_on=None)

    def for_table(self) -> Self:
        joins = ("task__campaign", "task__unit", "task__indicator", "task__action", "created_by", "settled_by")
        return self.select_related(*joins).order_by("-created_at", "-pk")


class Opinion(models.Model):
    """What an assessor says of a unit's answer to a point (专家意见). The office answers it; the unit does not see it."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="opinions", verbose_name="任务")
    text = models.TextField("意见")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="专家")
    created_at = models.DateTimeField("提出时间")
    answer = models.TextField("处理情况", blank=True)
    settled_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "专家意见"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_at=None, answer="")
                | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="a_settled_opinion_names_who_and_when",
                violation_error_message="处理人和处理时间须同时填写。",
            )
        ]

    def __str__(self) -> str:
        return f"对 {self.task} 的意见"

    def scope(self) -> Scope:
        return self.task.scope()
