from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Coalesce

from creation.models.district import District, Unit
from creation.models.user import User
from creation.rules.policy import ROLE_NAMES, UNIT_ROLES, Grant, Role

if TYPE_CHECKING:
    from creation.models.campaign import Campaign

UNIT_ROLE_VALUES = sorted(role.value for role in UNIT_ROLES)
ROLE_CHOICES = [(role.value, name) for role, name in ROLE_NAMES.items()]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, on: date) -> Self:
        return self.filter(models.Q(expires=None) | models.Q(expires__gte=on), ended_on=None)

    def of_role(self, *roles: Role) -> Self:
        return self.filter(role__in=roles)

    def for_campaign(self, campaign: "Campaign") -> Self:
        """Return the memberships of the campaign's district that apply to this campaign or to all campaigns."""
        return self.applying_to(campaign, campaign.district_id)

    def applying_to(self, campaign: "Campaign", district: int) -> Self:
        """Return what ``for_campaign`` does, for a query that is composed once: its district is a value of its own."""
        scoped = models.Q(campaign=None) | models.Q(campaign=campaign)
        return self.filter(scoped, district=district)

    def recipients(self, on: date, *roles: Role) -> Self:
        """Return the memberships through which a person can be notified on that day: in force, with an active account.

        Callers narrow the result by ``for_campaign`` where a campaign is concerned, and by ``unit`` or ``district``.
        """
        held = self.active(on).of_role(*roles).filter(user__is_active=True)
        return held.select_related("user").order_by("pk")

    def people(self) -> list[User]:
        """Return each person once, in the order of the rows."""
        return list({held.user_id: held.user for held in self}.values())


class Membership(models.Model):
    """A person's role in a unit (unit roles) or for the district's campaigns. If ``campaign`` is None, it applies to all of them."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=ROLE_CHOICES)
    district = models.ForeignKey(District, models.PROTECT, related_name="memberships", verbose_name="行政区")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="单位"
    )
    campaign = models.ForeignKey(
        "creation.Campaign", models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="创建活动"
    )
    expires = models.DateField("有效期至", null=True, blank=True)
    ended_on = models.DateField("结束日期", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=UNIT_ROLE_VALUES, unit__isnull=False)
                | (~models.Q(role__in=UNIT_ROLE_VALUES) & models.Q(unit=None)),
                name="unit_roles_have_a_unit",
                violation_error_message="联络员、承办人、分管领导须选择单位，其他角色不选单位。",
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.ASSESSOR.value) | models.Q(expires__isnull=False),
                name="assessors_expire",
                violation_error_message="第三方专家须填写有效期。",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in ROLE_NAMES]),
                name="membership_role_is_known",
                violation_error_message="角色不在可选范围。",
            ),
            models.UniqueConstraint(
                "user",
                "role",
                "district",
                Coalesce("unit", 0),
                Coalesce("campaign", 0),
                condition=models.Q(ended_on=None),
                name="membership_once",
                violation_error_message="此人已担任该角色。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {ROLE_NAMES[Role(self.role)]}"

    def grant(self) -> Grant:
        return Grant(Role(self.role), self.district_id, self.unit_id, self.campaign_id)
