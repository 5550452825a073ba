import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models.attached import AttachedFile
from creation.models.district import District, Unit
from creation.models.indicator import Indicator, IndicatorSystem
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class CampaignState(models.TextChoices):
    DRAFT = "draft", "筹备中"
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


class CampaignQuerySet(VersionedQuerySet["Campaign"]):
    def open(self) -> Self:
        return self.filter(state=CampaignState.OPEN)

    def visible_to(self, user: "User") -> Self:
        """Return the campaigns that this person may read. Units see a campaign once it is open; the office also sees drafts."""
        places: dict[str, Any] = {"district": "district", "campaign": "pk", "unit": None}
        early = user.permission_filter(Permission.CAMPAIGN_READ, beyond_unit=True, **places)
        return self.filter(user.permission_filter(Permission.CAMPAIGN_READ, **places)).filter(
            early | ~models.Q(state=CampaignState.DRAFT)
        )


class Campaign(Versioned):
    """A year's creation campaign of a district, run on one edition of an indicator system."""

    district = models.ForeignKey(District, models.PROTECT, related_name="campaigns", verbose_name="行政区")
    system = models.ForeignKey(IndicatorSystem, models.PROTECT, related_name="campaigns", verbose_name="指标体系")
    host = models.ForeignKey(Unit, models.PROTECT, related_name="hosted", verbose_name="办公室所在单位")
    name = models.CharField("名称", max_length=100)
    preset = models.CharField("预置方案", max_length=40, blank=True)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="following", verbose_name="沿用自"
    )
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT)
    window_from = models.DateField("材料起始日期", null=True, blank=True)
    window_to = models.DateField("材料截止日期", null=True, blank=True)
    sign_off = models.BooleanField("报送前须分管领导审签", default=False)
    finding_prefix = models.CharField("督导问题文号字头", max_length=20, default="法督")
    ranking = models.BooleanField("简报中列出各单位名次", default=False)
    assignments_confirmed = models.BooleanField("分工已确认", default=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "创建活动"
        ordering = ["-year", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "system", "year"],
                name="campaign_once_a_year",
                violation_error_message="该年度的创建活动已经存在。",
            ),
            models.UniqueConstraint(
                fields=["previous", "year"],
                condition=models.Q(previous__isnull=False),
                name="rolled_forward_once_a_year",
                violation_error_message="该年度的活动已经沿用建立。",
            ),
            models.CheckConstraint(
                condition=models.Q(window_from=None)
                | models.Q(window_to=None)
                | models.Q(window_to__gte=models.F("window_from")),
                name="campaign_window_in_order",
                violation_error_message="材料截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=CampaignState.values),
                name="campaign_state_is_known",
                violation_error_message="活动状态不在可选范围。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaign_setup", args=[self.pk])

    def scope(self) -> Scope:
        return Scope(self.district_id, campaign=self.pk)

    @property
    def is_open(self) -> bool:
        return self.state == CampaignState.OPEN

    def require_open(self, cannot: str, status: int = 422) -> None:
        """Raise Refusal unless the campaign is open; its sentence ends with ``cannot``."""
        if not self.is_open:
            raise Refusal(f"“{self}”{self.get_state_display()}，{cannot}。", status)

    @property
    def closed_message(self) -> str:
        """The message shown when a closed campaign is edited; empty while the campaign may be changed."""
        return f"“{self}”已结束，只供查阅，不能再改动。" if self.state == CampaignState.CLOSED else ""

    def require_not_closed(self) -> None:
        """Raise Refusal if the campaign is closed. One in preparation may be changed, see ``require_open``."""
        if sentence := self.closed_message:
            raise Refusal(sentence)

    def require_own_units(self, units: Iterable[Unit], field: str = "") -> None:
        """Raise Refusal if a unit is of another district; ``field`` is the form field that named it."""
        if strangers := [unit for unit in units if unit.district_id != self.district_id]:
            raise Refusal(f"{strangers[0]} 不是本区单位，请重新选择。", field=field)

    def window_includes(self, day: date) -> bool:
        """Return whether the day is within the window of admissible dates. Material outside the window causes a warning, not an error."""
        return (self.window_from is None or self.window_from <= day) and (
            self.window_to is None or day <= self.window_to
        )


class PhaseKind(models.TextChoices):
    MOBILIZATION = "mobilization", "动员部署"
    INSPECTION = "inspection", "集中督导"
    EVIDENCE = "evidence", "收集印证资料"
    ASSESSMENT = "assessment", "自评报告"
    APPLICATION = "application", "申报材料"
    PUBLICITY = "publicity", "营造氛围"
    COMMENDATION = "commendation", "总结表彰"


class Phase(Versioned):
    """One of the seven phases. A phase without dates is still to be announced (以省、国家通知为准)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="phases", verbose_name="创建活动")
    kind = models.CharField("阶段", max_length=12, choices=PhaseKind.choices)
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("顺序")
    starts = models.DateField("开始", null=True, blank=True)
    ends = models.DateField("结束", null=True, blank=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = "阶段"
        ordering = ["campaign", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind"], name="phase_kind_once", violation_error_message="该阶段已存在。"
            ),
            models.CheckConstraint(
                condition=models.Q(starts=None, ends=None)
                | models.Q(starts__isnull=False, ends__gte=models.F("starts")),
                name="phase_dates_in_order_or_unannounced",
                violation_error_message="开始和结束日期须同时填写或同时留空，且结束不早于开始。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("phase", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def announced(self) -> bool:
        return self.starts is not None

    def state(self, today: date) -> str:
        if self.starts is None or self.ends is None:
            return "unannounced"
        return "ahead" if today < self.starts else "past" if today > self.ends else "current"


class Audience(models.TextChoices):
    OFFICE = "office", "创建办"
    EVERY_UNIT = "every_unit", "所有单位"
    CHOSEN = "chosen", "指定单位"


class AnswerMode(models.TextChoices):
    UPLOAD = "upload", "上传材料"
    ON_SITE = "on_site", "现场提供"
    STATEMENT = "statement", "情况说明"


class EvidenceKind(models.TextChoices):
    DOCUMENT = "document", "文件"
    IMAGE = "image", "图片"
    VIDEO = "video", "视频"
    LINK = "link", "新闻链接"
    BRIEF = "brief", "文字材料"
    STATEMENT = "statement", "情况说明"


class AssignmentRole(models.TextChoices):
    LEAD = "lead", "牵头"
    ASSIST = "assist", "配合"


class PersonalActKind(models.TextChoices):
    """What the head of a unit does in person (四个亲自)."""

    DEPLOY = "deploy", "亲自部署"
    ASK = "ask", "亲自过问"
    COORDINATE = "coordinate", "亲自协调"
    SUPERVISE = "supervise", "亲自督办"


class Action(models.Model):
    """Work of a phase that is not an indicator: from the plan, an instruction, a meeting's decision or a supplementary notice."""

    phase = models.ForeignKey(Phase, models.CASCADE, related_name="actions", verbose_name="阶段")
    code = models.CharField("编号", max_length=20)
    title = models.CharField("事项", max_length=100)
    text = models.TextField("要求", blank=True)
    source = models.CharField("来源", max_length=100, blank=True)
    audience = models.CharField("对象", max_length=12, choices=Audience.choices)
    units = models.ManyToManyField(Unit, blank=True, related_name="actions", verbose_name="指定单位")
    lead = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="actions_led", verbose_name="牵头单位"
    )
    modes = models.JSONField("答复方式", default=list)
    due_on = models.DateField("完成时限", null=True, blank=True)
    days_before_end = models.PositiveSmallIntegerField("阶段结束前几天完成", default=0)
    cancelled_on = models.DateField("取消日期", null=True, blank=True)
    personal_act = models.CharField("亲自事项", max_length=10, choices=PersonalActKind.choices, blank=True, default="")

    class Meta:
        verbose_name = "工作事项"
        ordering = ["phase__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "code"], name="action_code_once", violation_error_message="本阶段已有该编号。"
            ),
            models.CheckConstraint(
                condition=models.Q(audience__in=Audience.values),
                name="action_audience_is_known",
                violation_error_message="对象不在可选范围。",
            ),
            models.CheckConstraint(
                condition=models.Q(personal_act__in=["", *PersonalActKind.values]),
                name="personal_act_of_an_action_is_known",
                violation_error_message="亲自事项不在可选范围。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("action", args=[self.phase.campaign_id, self.pk])

    def scope(self) -> Scope:
        return self.phase.scope()

    @property
    def state(self) -> str:
        """A digest of the editable text. A form carries it to say which text the person saw."""
        said = f"{self.title}\n{self.due_on}\n{self.text}".replace("\r\n", "\n")
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def role_of(self, unit_id: int) -> str:
        """Return whether the unit leads or assists. Where no unit leads, each answers for itself."""
        return AssignmentRole.LEAD if self.lead_id in (None, unit_id) else AssignmentRole.ASSIST

    @property
    def due(self) -> date | None:
        """Return the action's own due day, or the day counted back from the end of its phase; None while the phase has no end date."""
        if self.due_on or not self.phase.ends:
            return self.due_on
        return self.phase.ends - timedelta(days=self.days_before_end)


class ActionFile(AttachedFile):
    """A file that the office attaches to an action."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="files", verbose_name="事项")

    class Meta:
        verbose_name = "事项附件"


class Assignment(models.Model):
    """A unit leads or assists a checkpoint in a campaign. ``example`` marks a preset value that the office has not confirmed yet (示例)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assignments", verbose_name="创建活动")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="assignments", verbose_name="指标")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments", verbose_name="单位")
    role = models.CharField("分工", max_length=6, choices=AssignmentRole.choices)
    example = models.BooleanField("示例", default=False)

    class Meta:
        verbose_name = "任务分工"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "indicator", "unit"],
                name="assignment_once",
                violation_error_message="该单位在此指标上已有分工。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "indicator"],
                condition=models.Q(role=AssignmentRole.LEAD),
                name="one_lead_a_checkpoint",
                violation_error_message="每个指标只能有一个牵头单位。",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=AssignmentRole.values),
                name="assignment_role_is_known",
                violation_error_message="分工只能是牵头或配合。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} {self.unit} {self.get_role_display()}"
