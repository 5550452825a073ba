from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from creation.models.campaign import Campaign, CampaignState
from creation.models.district import Unit
from creation.models.indicator import Indicator
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class AppraisalKind(models.TextChoices):
    PAPER = "paper", "材料评审"
    ON_SITE = "on_site", "实地验收"
    DEBRIEF = "debrief", "公述民评"


class AppraisalQuerySet(VersionedQuerySet["Appraisal"]):
    def visible_to(self, user: "User") -> Self:
        """Return the mock assessments that this person may read. Their scores are another matter, see ``ScoreQuerySet``."""
        places: dict[str, Any] = {"district": "campaign__district", "campaign": "campaign", "unit": None}
        return self.filter(user.permission_filter(Permission.APPRAISAL_READ, **places))

    def for_table(self) -> Self:
        return self.select_related("campaign", "created_by").order_by("-starts", "-pk")


class Appraisal(Versioned):
    """A mock assessment (模拟考核). While it is open, assessors are blind to each other; closing it shows the results and ends the scoring.

    ``everyone``: each unit is scored at each point; otherwise at the checkpoints where it has a task.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="appraisals", verbose_name="创建活动")
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("方式", max_length=8, choices=AppraisalKind.choices, default=AppraisalKind.PAPER)
    starts = models.DateField("开始")
    ends = models.DateField("结束")
    note = models.TextField("说明", blank=True)
    everyone = models.BooleanField("每个单位评全部要点", default=False)
    units = models.ManyToManyField(Unit, related_name="appraisals", verbose_name="受评单位")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="组织人")
    created_at = models.DateTimeField("建立时间")
    closed_at = models.DateTimeField("结束评分时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结束人"
    )

    objects = AppraisalQuerySet.as_manager()

    class Meta:
        verbose_name = "模拟考核"
        ordering = ["campaign", "starts", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="appraisal_name_once",
                violation_error_message="已有同名的模拟考核。",
            ),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="appraisal_days_in_order",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AppraisalKind.values),
                name="appraisal_kind_is_known",
                violation_error_message="考核方式不在可选范围。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("appraisal", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class PointEffect(models.TextChoices):
    NORMAL = "normal", "得分"
    BONUS = "bonus", "加分"
    DEDUCTION = "deduction", "扣分"
    VETO = "veto", "一票否决"


class AppraisalPoint(models.Model):
    """A line of the score sheet: a checkpoint with its points, or an item of its own (加分, 扣分, 一票否决) without one."""

    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="points", verbose_name="模拟考核")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="appraisal_points", verbose_name="要点"
    )
    title = models.CharField("评分项", max_length=200)
    effect = models.CharField("性质", max_length=9, choices=PointEffect.choices, default=PointEffect.NORMAL)
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, default=0)
    order = models.PositiveIntegerField("顺序")

    class Meta:
        verbose_name = "评分项"
        ordering = ["appraisal", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal", "indicator"],
                condition=Q(indicator__isnull=False),
                name="appraisal_point_once_a_checkpoint",
            ),
            models.CheckConstraint(
                condition=Q(effect=PointEffect.VETO, points=0) | (~Q(effect=PointEffect.VETO) & Q(points__gt=0)),
                name="only_a_veto_has_no_points",
                violation_error_message="除一票否决外，评分项须有分值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} {self.title}" if self.indicator else self.title


class AppraisalSeat(models.Model):
    """A person who scores in a mock assessment. ``sections``: codes of the sections to score, empty for all."""

    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="seats", verbose_name="模拟考核")
    person = models.ForeignKey("creation.User", models.PROTECT, related_name="appraisal_seats", verbose_name="评分人")
    sections = models.JSONField("负责的一级指标", default=list, blank=True)

    class Meta:
        verbose_name = "评分席位"
        ordering = ["appraisal", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal", "person"], name="seat_once_a_person", violation_error_message="此人已在评分人中。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.appraisal}"


class ScoreQuerySet(VersionedQuerySet["Score"]):
    def visible_to(self, user: "User") -> Self:
        """Return the scores that this person may see: the own ones, and after the close those of assessments that the person may read."""
        places: dict[str, Any] = {
            "district": "seat__appraisal__campaign__district",
            "campaign": "seat__appraisal__campaign",
            "unit": None,
        }
        closed = Q(seat__appraisal__closed_at__isnull=False)
        return self.filter(
            Q(seat__person=user) | (closed & user.permission_filter(Permission.APPRAISAL_READ, **places))
        )


class Score(Versioned):
    """What one assessor gives one unit at one point. ``value`` is None for a veto that is not cast and for a point left open."""

    seat = models.ForeignKey(AppraisalSeat, models.CASCADE, related_name="scores", verbose_name="评分人")
    point = models.ForeignKey(AppraisalPoint, models.CASCADE, related_name="scores", verbose_name="评分项")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scores", verbose_name="单位")
    value = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    vetoed = models.BooleanField("否决", default=False)
    remark = models.CharField("评语", max_length=500, blank=True)
    scored_at = models.DateTimeField("评分时间")

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = "评分"
        constraints = [
            models.UniqueConstraint(fields=["seat", "point", "unit"], name="score_once"),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0),
                name="scores_are_not_negative",
                violation_error_message="得分不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.unit} {self.value}"


class AppraisalRequestQuerySet(models.QuerySet["AppraisalRequest"]):
    def visible_to(self, user: "User") -> Self:
        """Return the requests that this person may read: the own ones, those to the own unit, and for organizers all."""
        answering, organizing = (
            _requests_of(user, permission) for permission in (Permission.APPRAISAL_ANSWER, Permission.APPRAISAL_MANAGE)
        )
        return self.filter(Q(seat__person=user) | answering | organizing)

    def to_answer_by(self, user: "User") -> Self:
        """Return the requests to units of this person that wait for an answer, oldest first; an ended assessment waits for none."""
        rows = self.filter(_requests_of(user, Permission.APPRAISAL_ANSWER), answered_at=None)
        rows = rows.filter(seat__appraisal__closed_at=None).filter(seat__appraisal__campaign__state=CampaignState.OPEN)
        return rows.select_related("seat__appraisal", "point__indicator").order_by("asked_at", "pk")


def _requests_of(user: "User", permission: Permission) -> Q:
    campaign = "seat__appraisal__campaign"
    return user.permission_filter(permission, district=f"{campaign}__district", campaign=campaign, unit="unit")


class AppraisalRequest(models.Model):
    """An assessor asks a unit for something at a point (补充材料); the unit's answer lands beside the point."""

    seat = models.ForeignKey(AppraisalSeat, models.CASCADE, related_name="requests", verbose_name="评分人")
    point = models.ForeignKey(AppraisalPoint, models.CASCADE, related_name="requests", verbose_name="评分项")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appraisal_requests", verbose_name="单位")
    text = models.TextField("需要补充的")
    asked_at = models.DateTimeField("提出时间")
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = AppraisalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "考核补充要求"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="an_answered_request_has_words",
                violation_error_message="请填写答复。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("appraisal_request", args=[self.seat.appraisal.campaign_id, self.pk])

    def scope(self) -> Scope:
        campaign = self.seat.appraisal.campaign
        return Scope(campaign.district_id, campaign=campaign.pk, unit=self.unit_id)
