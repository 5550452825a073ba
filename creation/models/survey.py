from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from creation.models.campaign import Campaign
from creation.models.district import Unit
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class SurveyQuerySet(VersionedQuerySet["Survey"]):
    def visible_to(self, user: "User") -> Self:
        places: dict[str, Any] = {"district": "campaign__district", "campaign": "campaign", "unit": None}
        return self.filter(user.permission_filter(Permission.SURVEY_READ, **places))


class Survey(Versioned):
    """A satisfaction survey (满意度测评). ``questions`` are sentences, each answered on one scale; see ``creation.rules.satisfaction``."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="surveys", verbose_name="创建活动")
    title = models.CharField("名称", max_length=60)
    intro = models.CharField("说明", max_length=500, blank=True)
    questions = models.JSONField("题目", default=list)
    starts = models.DateField("开始")
    ends = models.DateField("结束")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="组织人")
    created_at = models.DateTimeField("建立时间")

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "满意度测评"
        ordering = ["-starts", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "title"], name="survey_title_once", violation_error_message="已有同名的测评。"
            ),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="survey_days_in_order",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("survey", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    def is_open(self, today: date) -> bool:
        return self.campaign.is_open and self.starts <= today <= self.ends


class SurveyBatch(models.Model):
    """The codes of one unit (street or department): serial numbers ``first`` to ``last``.

    Printed codes are as many as the unit's quota. Behind a short link (``limit``) every phone draws a number of its own from a range
    that is never used up, and so many answers are taken.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="batches", verbose_name="满意度测评")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    first = models.PositiveIntegerField("起始编号")
    last = models.PositiveIntegerField("终止编号")
    limit = models.PositiveIntegerField("短链接的名额", null=True, blank=True)

    class Meta:
        verbose_name = "测评码批次"
        ordering = ["survey", "first"]
        constraints = [
            models.CheckConstraint(condition=Q(limit=None) | Q(limit__gt=0), name="a_survey_link_takes_answers"),
            models.UniqueConstraint(fields=["survey", "first"], name="survey_codes_begin_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="survey_codes_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.first}–{self.last}"

    @property
    def is_link(self) -> bool:
        return self.limit is not None

    @property
    def quota(self) -> int:
        """Return the number of answers that are asked for."""
        return self.last - self.first + 1 if self.limit is None else self.limit

    @property
    def uses(self) -> models.QuerySet["SurveyUse"]:
        """Return the codes of this batch that have been used."""
        return SurveyUse.objects.filter(survey=self.survey_id, serial__range=(self.first, self.last))

    @property
    def is_full(self) -> bool:
        """Return whether a short link has taken all its answers. Printed codes are used up one by one."""
        return self.limit is not None and self.uses.count() >= self.limit


class SurveyUse(models.Model):
    """A code that has been used. It has neither time nor answer, so that nobody can tell whose answer is whose."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="uses", verbose_name="满意度测评")
    serial = models.PositiveIntegerField("编号")

    class Meta:
        verbose_name = "已用测评码"
        constraints = [models.UniqueConstraint(fields=["survey", "serial"], name="a_survey_code_is_used_once")]

    def __str__(self) -> str:
        return f"{self.survey} {self.serial}"


class SurveyAnswer(models.Model):
    """One filled-in form: a choice for each question, without a name, an address or a time of day. ``by_hand``: from paper."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="answers", verbose_name="满意度测评")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    choices = models.JSONField("选择", default=list)
    comment = models.CharField("意见建议", max_length=500, blank=True)
    by_hand = models.BooleanField("纸质", default=False)
    day = models.DateField("日期")

    class Meta:
        verbose_name = "测评答卷"
        indexes = [models.Index(fields=["survey", "unit"])]

    def __str__(self) -> str:
        return f"{self.survey} {self.pk}"
