from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from creation.models.campaign import Action, Campaign
from creation.models.district import Unit
from creation.models.finding import Finding
from creation.models.task import ANSWERED, UNANSWERED, Task
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules import periods
from creation.rules.policy import Permission, Reach, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class ReplyCycle(models.TextChoices):
    ONCE = "once", "一次"
    WEEKLY = periods.WEEKLY, "每周，直到办结"
    MONTHLY = periods.MONTHLY, "每月，直到办结"


SHORT_CYCLES: dict[str, str] = {ReplyCycle.WEEKLY: "每周", ReplyCycle.MONTHLY: "每月"}  # for a narrow column


class SupervisionOrderQuerySet(VersionedQuerySet["SupervisionOrder"]):
    def open(self) -> Self:
        return self.filter(closed_on=None)

    def visible_to(self, user: "User") -> Self:
        """Return the orders that this person may read: a unit those that it has to answer, the office and readers all."""
        allowed = Q(pk__in=())
        for grant, reach in user.grants_for(Permission.ORDER_READ):
            near = Q(campaign__district=grant.district)
            if grant.campaign:
                near &= Q(campaign=grant.campaign)
            if reach is Reach.UNIT:
                near &= Q(Exists(Task.objects.filter(action=OuterRef("action"), unit=grant.unit)))
            allowed |= near
        return self.filter(allowed)

    def with_counts(self, today: date) -> Self:
        """Annotate the replies: ``replies`` asked for until now, ``answered`` ones, and ``missed`` ones (未回复).

        Missed is a reply whose day passed without one, also when it is not asked for any more: closing an order does not make up for it.
        """
        live, due_on = Q(action__tasks__dropped_on=None), F("action__tasks__due_on")
        unanswered = Q(action__tasks__status__in=UNANSWERED, action__tasks__due_on__lt=today)
        missed = unanswered & (live | Q(action__tasks__dropped_on__gt=due_on))
        return self.annotate(
            replies=Count("action__tasks", filter=live | missed),
            answered=Count("action__tasks", filter=live & Q(action__tasks__status__in=ANSWERED)),
            missed=Count("action__tasks", filter=missed),
        )

    def for_table(self) -> Self:
        return self.select_related("campaign", "action", "lead", "finding", "issued_by", "closed_by").order_by(
            "-serial"
        )


class SupervisionOrder(Versioned):
    """An order to deal with a matter (督办单). The units answer it once, or once a week or month until it is closed.

    What has to be done is ``action``, and each reply is a task of it: by unit and, for cycles, by period.
    ``serial`` is unique in the campaign and never reused. ``cycle_since`` is the day on which the cycle was changed, None if it never was.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="orders", verbose_name="创建活动")
    serial = models.PositiveIntegerField("序号")
    action = models.OneToOneField(Action, models.PROTECT, related_name="order", verbose_name="督办事项")
    lead = models.ForeignKey(Unit, models.PROTECT, related_name="led_orders", verbose_name="牵头单位")
    cycle = models.CharField("报送周期", max_length=8, choices=ReplyCycle.choices, default=ReplyCycle.ONCE)
    cycle_since = models.DateField("周期改自", null=True, blank=True)
    instruction = models.TextField("领导批示", blank=True)
    finding = models.ForeignKey(
        Finding, models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name="督导问题"
    )
    task = models.ForeignKey(
        Task, models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name="所督任务"
    )
    issued_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("下发时间")
    closed_on = models.DateField("办结日期", null=True, blank=True)
    closed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办结人"
    )
    close_note = models.CharField("办结情况", max_length=500, blank=True)

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "督办单"
        ordering = ["campaign", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "serial"], name="order_number_once"),
            models.CheckConstraint(
                condition=Q(cycle__in=ReplyCycle.values),
                name="order_cycle_is_known",
                violation_error_message="报送周期不在可选范围。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | ~Q(close_note=""),
                name="a_closed_order_says_how",
                violation_error_message="办结督办单须写明办结情况。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action.title}"

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def number(self) -> str:
        """The number as printed on papers: ``源法督办〔2026〕第 003 号``."""
        return f"{self.campaign.finding_prefix}办〔{self.campaign.year}〕第 {self.serial:03d} 号"

    @property
    def cycle_in_short(self) -> str:
        return SHORT_CYCLES.get(self.cycle, self.get_cycle_display())

    @property
    def is_repeated(self) -> bool:
        return self.cycle != ReplyCycle.ONCE

    def days_open(self, today: date) -> int:
        return ((self.closed_on or today) - timezone.localdate(self.issued_at)).days


class OrderChange(models.Model):
    """A correction of an order while it was open: what it said before and what it says now. Append-only."""

    order = models.ForeignKey(SupervisionOrder, models.CASCADE, related_name="changes", verbose_name="督办单")
    old = models.JSONField("原内容")
    new = models.JSONField("现内容")
    changed_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="修改人")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "督办单变动"
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.order} {self.changed_at:%Y-%m-%d %H:%M}"

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Return label, former and present text of what was changed."""
        return [(label, old, self.new[label]) for label, old in self.old.items() if old != self.new[label]]
