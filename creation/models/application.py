from django.db import models

from creation.models.campaign import Campaign
from creation.models.indicator import Indicator


class ApplicationEntry(models.Model):
    """A checkpoint was entered on the national site (申报平台): by whom, when, with which receipt."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="application_entries", verbose_name="创建活动")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="要点")
    note = models.CharField("备注", max_length=100, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "申报登记"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "indicator"],
                name="a_checkpoint_is_entered_once",
                violation_error_message="该要点已登记为上传。",
            )
        ]

    def __str__(self) -> str:
        return str(self.indicator)
