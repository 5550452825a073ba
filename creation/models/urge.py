from datetime import date, timedelta
from typing import Self

from django.db import models

from creation.models.task import Task
from creation.models.user import User

URGE_COOLDOWN_DAYS = 2  # days between two urgings of the same task, so that the unit has time to act
# Urgings, or workdays without an answer, after which the unit's leader is notified too.
LEADER_URGES, LEADER_DAYS = (
    2,
    3,
)
PHONE_URGES, PHONE_DAYS = 3, 5  # the same for a phone call by the office


class UrgeQuerySet(models.QuerySet["Urge"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(task__in=Task.objects.visible_to(user))

    def recent(self, today: date) -> Self:
        """Return urgings so recent that their tasks are not urged again. Days are compared, not hours."""
        return self.filter(day__gt=today - timedelta(days=URGE_COOLDOWN_DAYS))


class Urge(models.Model):
    """The office's urging of a unit to answer one task (催办). Append-only."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="urges", verbose_name="任务")
    reason = models.CharField("催办原因", max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="催办人")
    day = models.DateField("催办日期")
    created_at = models.DateTimeField("催办时间")

    objects = UrgeQuerySet.as_manager()

    class Meta:
        verbose_name = "催办"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "day"],
                name="a_task_is_urged_once_a_day",
                violation_error_message="该任务今天已经催办。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.day}"
