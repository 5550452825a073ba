from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, F, Value, When

from creation.models.campaign import Campaign

WEEK = timedelta(days=7)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def to_compare_with(self, today: date) -> Self:
        """Order the former days: the latest that is at least a week old first, then the others, the oldest first."""
        a_week_old = When(day__lte=today - WEEK, then=F("day"))
        age = Case(a_week_old, default=Value(None), output_field=models.DateField())
        return self.filter(day__lt=today).order_by(age.desc(nulls_last=True), "day")


class Snapshot(models.Model):
    """The figures of a campaign at the end of a day. ``figures`` maps "all", a section code or a unit id to counts by light and rates."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="snapshots", verbose_name="创建活动")
    day = models.DateField("日期")
    figures = models.JSONField("数据")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = "每日快照"
        ordering = ["campaign", "day"]
        constraints = [models.UniqueConstraint(fields=["campaign", "day"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.day}"
