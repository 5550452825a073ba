from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse

from creation.models.attached import AttachedFile
from creation.models.campaign import Campaign
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(
            user.permission_filter(Permission.PAPER_MAKE, district="campaign__district", campaign="campaign", unit=None)
        )


class Bulletin(AttachedFile):
    """An issue of the office's bulletin (工作简报) that went out, with its file as it was previewed. Append-only.

    Its number is used for no other issue of the campaign.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="bulletins", verbose_name="创建活动")
    number = models.PositiveSmallIntegerField("期号")
    title = models.CharField("标题", max_length=60)
    first = models.DateField("统计期第一天")
    last = models.DateField("统计期最后一天")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="发出人")
    created_at = models.DateTimeField("发出时间")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = "工作简报"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"],
                name="an_issue_number_is_given_once",
                violation_error_message="这一期已经发出。",
            ),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="a_bulletins_period_is_in_order",
                violation_error_message="统计期的最后一天不能早于第一天。",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 期 {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.campaign_id, "bulletin"])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)
