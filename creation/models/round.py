from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from creation.models.campaign import Campaign, CampaignState
from creation.models.indicator import Indicator
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class SupervisionRoundQuerySet(VersionedQuerySet["SupervisionRound"]):
    def visible_to(self, user: "User") -> Self:
        """Return the rounds that this person may read: a unit those that have announced a visit to it."""
        from creation.models.visit import Visit

        whole = user.permission_filter(
            Permission.VISIT_READ,
            district="campaign__district",
            campaign="campaign",
            unit=None,
            beyond_unit=True,
        )
        own = Visit.objects.visible_to(user).filter(round=OuterRef("pk"))
        return self.filter(whole | Q(Exists(own)))

    def with_counts(self) -> Self:
        """Annotate ``visit_count``, the visits that were not cancelled, and ``recorded_count``, those that have been recorded."""
        live = Q(visits__cancelled_on=None)
        return self.annotate(
            visit_count=Count("visits", filter=live),
            recorded_count=Count("visits", filter=live & Q(visits__recorded_at__isnull=False)),
        )

    def for_table(self) -> Self:
        return self.select_related("campaign").order_by("-number")

    def ahead(self) -> Self:
        """Return the rounds of open campaigns, the next first."""
        return self.filter(campaign__state=CampaignState.OPEN).order_by("starts", "number")


class SupervisionRound(Versioned):
    """A round of inspection (督导轮次): its days, and what its teams look at.

    ``points`` are sections, items or checkpoints, ``focus`` is free text. ``preparation``: what the units are to have ready.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rounds", verbose_name="创建活动")
    number = models.PositiveSmallIntegerField("轮次")
    name = models.CharField("名称", max_length=60)
    starts = models.DateField("开始")
    ends = models.DateField("结束")
    points = models.ManyToManyField(Indicator, related_name="rounds", blank=True, verbose_name="重点指标")
    focus = models.TextField("督导重点", blank=True)
    preparation = models.TextField("请单位准备", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="安排人")
    created_at = models.DateTimeField("安排时间")

    objects = SupervisionRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "督导轮次"
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="round_number_once"),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="a_round_ends_after_it_starts",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)


class InspectionTeam(models.Model):
    """A team (督导组) of a round. The units that it goes to are those of its visits."""

    round = models.ForeignKey(SupervisionRound, models.CASCADE, related_name="teams", verbose_name="督导轮次")
    name = models.CharField("组名", max_length=40)
    leader = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="组长")
    members = models.ManyToManyField("creation.User", related_name="inspection_teams", blank=True, verbose_name="成员")

    class Meta:
        verbose_name = "督导组"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "name"], name="team_name_once", violation_error_message="本轮已有这个组名。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def scope(self) -> Scope:
        return self.round.scope()
