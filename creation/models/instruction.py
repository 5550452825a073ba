from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from creation.models.campaign import Action, Campaign
from creation.models.district import Unit
from creation.models.task import ANSWERED
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class InstructionQuerySet(models.QuerySet["Instruction"]):
    def visible_to(self, user: "User") -> Self:
        """Return the instructions of the campaigns that the leading group and the office read; units see the action made of one."""
        return self.filter(
            user.permission_filter(
                Permission.INSTRUCTION_READ, district="campaign__district", campaign="campaign", unit=None
            )
        )

    def waiting(self) -> Self:
        return self.filter(settled_at=None)

    def for_table(self) -> Self:
        """Join what a row needs; annotate ``given`` and ``answered``: the tasks of the action made of it."""
        live = Q(action__tasks__isnull=False, action__tasks__dropped_on=None)
        rows = self.select_related("campaign", "lead", "action__phase", "created_by", "settled_by")
        return (
            rows.prefetch_related("assists")
            .annotate(
                given=Count("action__tasks", filter=live),
                answered=Count("action__tasks", filter=live & Q(action__tasks__status__in=ANSWERED)),
            )
            .order_by("-created_at", "-pk")
        )


class Instruction(models.Model):
    """What a leader orders (批示). The coordinator settles it: by an action with tasks for units, or by an answer."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="instructions", verbose_name="创建活动")
    text = models.TextField("批示")
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="instructions_led", verbose_name="牵头单位"
    )
    assists = models.ManyToManyField(Unit, blank=True, related_name="instructions_assisted", verbose_name="配合单位")
    due_on = models.DateField("完成时限", null=True, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="批示人")
    created_at = models.DateTimeField("批示时间")
    action = models.ForeignKey(
        Action, models.SET_NULL, null=True, blank=True, related_name="instructions", verbose_name="工作事项"
    )
    answer = models.TextField("办理情况", blank=True)
    settled_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    settled_at = models.DateTimeField("办理时间", null=True, blank=True)

    objects = InstructionQuerySet.as_manager()

    class Meta:
        verbose_name = "领导批示"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_at=None) | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="a_settled_instruction_names_who_and_when",
                violation_error_message="办理人和办理时间须同时填写。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_by}的批示"

    def get_absolute_url(self) -> str:
        return reverse("instructions", args=[self.campaign_id]) + f"#instruction-{self.pk}"

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)
