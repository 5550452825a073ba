from datetime import date
from typing import Self

from django.db import models

from creation.models.campaign import Campaign
from creation.models.district import Unit
from creation.models.user import User
from creation.rules.policy import Scope


class PhoneCallQuerySet(models.QuerySet["PhoneCall"]):
    def since(self, day: date) -> Self:
        return self.filter(day__gte=day)

    def for_table(self) -> Self:
        return self.select_related("unit", "created_by").order_by("-created_at", "-pk")


class PhoneCall(models.Model):
    """A phone call by the office to a unit that did not respond to urging: who called, and what was said. Append-only."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="calls", verbose_name="创建活动")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="calls", verbose_name="单位")
    note = models.CharField("通话情况", max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="联系人")
    day = models.DateField("日期")
    created_at = models.DateTimeField("时间")

    objects = PhoneCallQuerySet.as_manager()

    class Meta:
        verbose_name = "电话联系"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["campaign", "unit", "day"])]

    def __str__(self) -> str:
        return f"{self.unit} {self.day}"

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id, unit=self.unit_id)
