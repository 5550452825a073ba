from django.db import models

from creation.models.attached import AttachedFile
from creation.models.campaign import Campaign
from creation.models.indicator import Indicator


class ApplicationEntry(models.Model):
    """A checkpoint was entered on the national site (申报平台): by whom, when, with which receipt.

    ``answer`` is the approved answer that was there to be entered; None when there was none, and for entries from before it was noted.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="application_entries", verbose_name="创建活动")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="要点")
    answer = models.ForeignKey(
        "creation.Submission", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="上传的答复"
    )
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


class ApplicationReceipt(AttachedFile):
    """A picture of what the national site showed after the upload (平台回执)."""

    entry = models.ForeignKey(ApplicationEntry, models.CASCADE, related_name="receipts", verbose_name="申报登记")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "申报平台回执"
        ordering = ["created_at", "id"]
