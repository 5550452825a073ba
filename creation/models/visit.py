from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from creation.models.attached import AttachedFile
from creation.models.campaign import CampaignState
from creation.models.district import Unit
from creation.models.round import InspectionTeam, SupervisionRound
from creation.models.task import Task
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.finding import Finding
    from creation.models.user import User


class Half(models.TextChoices):
    """The part of a day that a visit takes."""

    MORNING = "am", "上午"
    AFTERNOON = "pm", "下午"
    WHOLE = "day", "全天"


class VisitQuerySet(VersionedQuerySet["Visit"]):
    def active(self) -> Self:
        """Return visits that were not cancelled."""
        return self.filter(cancelled_on=None)

    def visible_to(self, user: "User") -> Self:
        """Return the visits that this person may read: a unit those that were announced to it, the office and readers all."""
        places: dict[str, Any] = {
            "district": "round__campaign__district",
            "campaign": "round__campaign",
            "unit": "unit",
        }
        near = user.permission_filter(Permission.VISIT_READ, **places)
        whole = user.permission_filter(Permission.VISIT_READ, beyond_unit=True, **places)
        announced = Q(announced_for__isnull=False) & ~Q(round__campaign__state=CampaignState.DRAFT)
        return self.filter(near).filter(whole | announced)

    def in_open_campaigns(self) -> Self:
        return self.filter(round__campaign__state=CampaignState.OPEN)

    def unrecorded(self) -> Self:
        """Return visits that still have to be made or recorded."""
        return self.active().filter(recorded_at=None)

    def unrecorded_since(self, day: date) -> Self:
        """Return visits of that day and of days before it whose record is missing."""
        return self.unrecorded().filter(day__lte=day)

    def to_sign(self) -> Self:
        """Return recorded visits whose unit has not signed for the feedback yet."""
        return self.active().filter(recorded_at__isnull=False, signed_at=None)

    def unannounced(self) -> Self:
        """Return planned visits of which the unit has not heard yet, or has heard another day."""
        return (
            self.unrecorded()
            .filter(day__isnull=False)
            .exclude(announced_for=models.F("day"), announced_half=models.F("half"), announced_for__isnull=False)
        )

    def for_table(self) -> Self:
        return self.select_related("round__campaign", "team__leader", "unit")

    def by_day(self) -> Self:
        return self.order_by(models.F("day").asc(nulls_last=True), "half", "team", "unit__order", "pk")


class Visit(Versioned):
    """A team's visit (走访) to a unit. ``announced_for`` is the day that the unit was told, None while it has heard nothing, and
    ``announced_half`` the half of that day.

    ``feedback`` (反馈意见) is written when the visit is recorded; a unit signs for it once, on an account of its own or with the name
    of the person who signs on the inspector's phone. What was signed for is not changed any more.
    """

    round = models.ForeignKey(SupervisionRound, models.CASCADE, related_name="visits", verbose_name="督导轮次")
    team = models.ForeignKey(InspectionTeam, models.PROTECT, related_name="visits", verbose_name="督导组")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visits", verbose_name="单位")
    day = models.DateField("日期", null=True, blank=True)
    half = models.CharField("时段", max_length=3, choices=Half.choices, default=Half.WHOLE)
    announced_for = models.DateField("已通知的日期", null=True, blank=True)
    announced_half = models.CharField("已通知的时段", max_length=3, choices=Half.choices, default=Half.WHOLE)
    feedback = models.TextField("反馈意见", blank=True)
    recorded_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="记录人"
    )
    recorded_at = models.DateTimeField("记录时间", null=True, blank=True)
    signed_name = models.CharField("签收人", max_length=40, blank=True)
    signed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收账号"
    )
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    cancelled_on = models.DateField("取消日期", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "督导走访"
        ordering = ["round", "day", "pk"]
        indexes = [models.Index(fields=["day", "recorded_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(half__in=Half.values), name="half_of_the_day_is_known"),
            models.CheckConstraint(
                condition=Q(recorded_at=None) | (~Q(feedback="") & Q(day__isnull=False)),
                name="a_recorded_visit_has_a_day_and_feedback",
                violation_error_message="已记录的走访须有日期和反馈意见。",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | (~Q(signed_name="") & Q(recorded_at__isnull=False)),
                name="who_signs_for_feedback_has_a_name",
                violation_error_message="签收须有反馈意见和签收人姓名。",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_on=None) | ~Q(cancel_reason=""),
                name="a_cancelled_visit_has_a_reason",
                violation_error_message="取消走访须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.unit}" + (f" {self.day:%Y-%m-%d}" if self.day else "")

    def get_absolute_url(self) -> str:
        return reverse("visit", args=[self.round.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.round.campaign.district_id, campaign=self.round.campaign_id, unit=self.unit_id)

    @property
    def state(self) -> str:
        return self.state_on(timezone.localdate())

    def state_on(self, today: date) -> str:
        """Return the state in words: a visit whose day has passed is not still to come."""
        if self.cancelled_on:
            return "已取消"
        if self.signed_at:
            return "已签收"
        if self.recorded_at:
            return "待签收"
        if self.day is None:
            return "待定日期"
        return "没有记录" if self.day < today else "待走访"

    @property
    def when(self) -> str:
        """The day and its half as a person says it: ``8月5日（周三）上午``."""
        if not self.day:
            return "日期待定"
        return f"{self.day.month}月{self.day.day}日（周{'一二三四五六日'[self.day.weekday()]}）{Half(self.half).label}"

    @property
    def told(self) -> str:
        """The day and half of which the unit has heard, "" if it has heard nothing: ``2026-08-05 上午``."""
        return f"{self.announced_for:%Y-%m-%d} {Half(self.announced_half).label}" if self.announced_for else ""

    @property
    def is_told(self) -> bool:
        """Return whether the unit has heard of the day and half that are planned now."""
        return (self.announced_for, self.announced_half) == (self.day, self.half)


class Verdict(models.TextChoices):
    SEEN = "seen", "看到"
    NOT_SEEN = "not_seen", "未看到"
    MISMATCH = "mismatch", "不符"


class VisitCheckQuerySet(models.QuerySet["VisitCheck"]):
    def visible_to(self, user: "User") -> Self:
        """Return what this person may read of visits: a unit what was noted on a visit to it, once that is recorded."""
        places: dict[str, Any] = {
            "district": "visit__round__campaign__district",
            "campaign": "visit__round__campaign",
            "unit": "visit__unit",
        }
        whole = user.permission_filter(Permission.VISIT_READ, beyond_unit=True, **places)
        return self.filter(visit__in=Visit.objects.visible_to(user)).filter(whole | Q(visit__recorded_at__isnull=False))

    def of_task(self, task: Task) -> Self:
        """Return what was noted about the task on visits that were not cancelled, the last first, with all that a page shows of it."""
        return self.filter(task=task, visit__cancelled_on=None).for_page().order_by("-pk")

    def of_finding(self, finding: "Finding") -> Self:
        """Return what was noted on the visit on which the finding was made, with all that a page shows of it."""
        return self.filter(pk=finding.noted_id, visit__cancelled_on=None).for_page()

    def for_page(self) -> Self:
        return self.select_related("visit__round", "visit__team", "created_by").prefetch_related("photos")


class VisitCheck(models.Model):
    """What one inspector found about one thing on a visit: a task, a rectification, or something else (``about``).

    ``key`` is made by the browser when the first word is typed: what arrives a second time under the same key is the same row.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="checks", verbose_name="督导走访")
    key = models.UUIDField()
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="visit_checks", verbose_name="任务"
    )
    about = models.CharField("查看内容", max_length=100, blank=True)
    verdict = models.CharField("结果", max_length=8, choices=Verdict.choices, blank=True)
    remark = models.TextField("说明", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="记录人")
    created_at = models.DateTimeField("记录时间")

    objects = VisitCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "走访查看"
        ordering = ["visit", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "key"], name="a_check_arrives_once"),
            models.CheckConstraint(
                condition=Q(task__isnull=False, about="") | (Q(task=None) & ~Q(about="")),
                name="a_check_is_about_one_thing",
                violation_error_message="查看内容须是一项任务，或写明是什么。",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", *Verdict.values]),
                name="verdict_is_known",
                violation_error_message="查看结果不在可选范围。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.get_verdict_display()}".strip()

    @property
    def title(self) -> str:
        return str(self.task) if self.task else self.about

    @property
    def said(self) -> str:
        """The note with where and by whom, in one line: ``8月5日走访，杜督导：看到，已补齐``."""
        day = self.visit.day or timezone.localdate(self.created_at)
        words = "，".join(filter(None, (self.get_verdict_display(), " ".join(self.remark.split()))))
        return f"{day.month}月{day.day}日走访，{self.created_by}：{words or '看过'}"


class VisitPhotoQuerySet(models.QuerySet["VisitPhoto"]):
    def visible_to(self, user: "User") -> Self:
        """Return photos of visits that this person may read. Units see those of their visit once it is recorded."""
        return self.filter(line__in=VisitCheck.objects.visible_to(user))


class VisitPhoto(AttachedFile):
    """A photo taken on a visit. ``key`` is made by the browser, like that of the check."""

    line = models.ForeignKey(VisitCheck, models.CASCADE, related_name="photos", verbose_name="走访查看")
    key = models.UUIDField()
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="拍摄人")
    created_at = models.DateTimeField("上传时间")

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "走访照片"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["line", "key"], name="a_photo_arrives_once")]
