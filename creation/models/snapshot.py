from django.db import models

from creation.models.campaign import Campaign


class Snapshot(models.Model):
    """The figures of a campaign at the end of a day. ``figures`` maps "all", a section code or a unit id to counts by light and rates."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="snapshots", verbose_name="创建活动")
    day = models.DateField("日期")
    figures = models.JSONField("数据")

    class Meta:
        verbose_name = "每日快照"
        ordering = ["campaign", "day"]
        constraints = [models.UniqueConstraint(fields=["campaign", "day"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.day}"
