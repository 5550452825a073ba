"""Filters of the lists of supervision, and of the workbook of findings and rectifications."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet

from creation.lib.filter_sets import ListFilter
from creation.models import (
    CHANGEABLE,
    Campaign,
    Finding,
    FindingSource,
    MeetingKind,
    PersonalAct,
    PersonalActKind,
    ReplyCycle,
    Severity,
    SupervisionOrder,
    SupervisionRound,
    Task,
    TaskStatus,
    Unit,
    User,
    Visit,
)
from creation.models.finding import FindingQuerySet
from creation.models.task import RECTIFICATION_STATES
from creation.models.visit import VisitQuerySet
from creation.rules.deadlines import RECTIFICATION_LIGHT_NAMES
from creation.tasks.filters import SELECT

ORDER_STATES = [("open", "办理中"), ("missed", "有未回复的"), ("closed", "已办结")]
LIGHT_CHOICES = [(light.value, name) for light, name in RECTIFICATION_LIGHT_NAMES.items()]
STATE_CHOICES = [("open", "未销号"), ("closed", "全部销号"), ("withdrawn", "已撤销")]
STATUS_CHOICES = [
    ("unclosed", "未销号（全部）"),
    ("at_unit", "在单位（待整改、退回、部分）"),
    *((status.value, label) for status, label in RECTIFICATION_STATES.items()),
]
RECTIFICATION_FIELDS = (
    *("finding__title", "finding__text", "finding__code", "finding__source_paper"),
    "unit__short_name",
)


class _OfCampaign(ListFilter):
    source = django_filters.ModelChoiceFilter(
        label="来源", queryset=FindingSource.objects.none(), empty_label="全部", widget=SELECT
    )
    section = django_filters.ChoiceFilter(label="一级指标", empty_label="全部", widget=SELECT)
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )

    def __init__(
        self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], *, campaign: Campaign, **kwargs: Any
    ) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["source"].queryset = FindingSource.objects.filter(district=campaign.district_id)
        self.filters["section"].extra["choices"] = campaign.system.indicators.choices()[0]
        given = Task.objects.active().rectifications().filter(campaign=campaign)
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=given.values("unit")).only("short_name")


class FindingFilter(_OfCampaign):
    """``queryset`` must be annotated by ``with_counts``."""

    search_fields = ("title", "text", "code", "source_paper")
    severity = django_filters.ChoiceFilter(label="程度", choices=Severity.choices, empty_label="全部", widget=SELECT)
    state = django_filters.ChoiceFilter(
        label="状态", choices=STATE_CHOICES, method="in_state", empty_label="全部", widget=SELECT
    )
    is_common = django_filters.BooleanFilter(label="只看共性问题", method="common", widget=forms.CheckboxInput)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["section"].field_name = "indicator__parent__parent__code"
        self.filters["unit"].method = self.of_unit

    def of_unit(self, rows: Any, name: str, value: Unit | None) -> Any:
        if value is None:
            return rows
        return rows.filter(pk__in=Task.objects.active().filter(unit=value).values("finding"))

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "withdrawn":
            return rows.exclude(withdrawn_on=None)
        if value == "closed":
            return rows.active().filter(units_count__gt=0, closed_count=F("units_count"))
        return rows.active().exclude(closed_count=F("units_count")) if value == "open" else rows

    def common(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(is_common=True) if value else rows


class RectificationFilter(_OfCampaign):
    """``queryset`` must be annotated by ``with_light``."""

    search_fields = RECTIFICATION_FIELDS
    status = django_filters.ChoiceFilter(
        label="状态", choices=STATUS_CHOICES, method="of_status", empty_label="全部", widget=SELECT
    )
    light = django_filters.ChoiceFilter(label="亮灯", choices=LIGHT_CHOICES, empty_label="全部", widget=SELECT)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["section"].field_name = "finding__indicator__parent__parent__code"
        self.filters["source"].field_name = "finding__source"

    def of_status(self, rows: Any, name: str, value: str) -> Any:
        if value == "unclosed":
            return rows.exclude(status=TaskStatus.APPROVED)
        return rows.filter(status__in=CHANGEABLE if value == "at_unit" else (value,))


class WorkbookFilter(_OfCampaign):
    """The conditions of both lists, for the workbook of findings and rectifications. Those of ``OF_STATE`` depend on the day that it shows:
    ``filter_queryset`` leaves them to its rows. So do those of ``OF_WORDING`` when it shows a past day."""

    OF_STATE = ("status", "light", "state")
    OF_WORDING = ("source", "section", "severity", "is_common", "q")
    search_fields = RECTIFICATION_FIELDS
    severity = django_filters.ChoiceFilter(
        label="程度", field_name="finding__severity", choices=Severity.choices, empty_label="全部", widget=SELECT
    )
    is_common = django_filters.BooleanFilter(label="只看共性问题", method="common", widget=forms.CheckboxInput)
    status = django_filters.ChoiceFilter(label="整改状态", choices=STATUS_CHOICES, method="later", widget=SELECT)
    light = django_filters.ChoiceFilter(label="亮灯", choices=LIGHT_CHOICES, method="later", widget=SELECT)
    state = django_filters.ChoiceFilter(label="问题状态", choices=STATE_CHOICES[:2], method="later", widget=SELECT)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        had = queryset.order_by().values("unit")
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=had).only("short_name")
        self.filters["section"].field_name = "finding__indicator__parent__parent__code"
        self.filters["source"].field_name = "finding__source"

    def common(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(finding__is_common=True) if value else rows

    def later(self, rows: Any, name: str, value: str) -> Any:
        return rows


class OrderFilter(ListFilter):
    """``queryset`` must be annotated by ``with_counts``."""

    search_fields = ("action__title", "action__code", "instruction", "lead__short_name")
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), method="of_unit", empty_label="全部", widget=SELECT
    )
    cycle = django_filters.ChoiceFilter(label="报送", choices=ReplyCycle.choices, empty_label="全部", widget=SELECT)
    state = django_filters.ChoiceFilter(
        label="状态", choices=ORDER_STATES, method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(
        self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], *, campaign: Campaign, **kwargs: Any
    ) -> None:
        super().__init__(data, queryset, **kwargs)
        asked = Unit.objects.filter(actions__order__campaign=campaign)
        self.filters["unit"].queryset = asked.only("short_name").distinct()

    def of_unit(self, rows: Any, name: str, value: Unit | None) -> Any:
        if value is None:
            return rows
        return rows.filter(pk__in=SupervisionOrder.objects.filter(action__units=value).values("pk"))

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "missed":
            return rows.filter(missed__gt=0)
        return rows.open() if value == "open" else rows.exclude(closed_on=None)


class MeetingFilter(ListFilter):
    search_fields = ("title", "minutes", "agenda")
    kind = django_filters.ChoiceFilter(label="类型", choices=MeetingKind.choices, empty_label="全部", widget=SELECT)


ACT_STATES = [("none", "没有登记"), ("some", "有登记"), ("unproved", "登记了，没有上传证明")]


class PersonalActFilter(ListFilter):
    """``queryset`` is ``acting_tasks``."""

    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    act = django_filters.ChoiceFilter(
        label="事项",
        field_name="action__personal_act",
        choices=PersonalActKind.choices,
        empty_label="全部",
        widget=SELECT,
    )
    state = django_filters.ChoiceFilter(
        label="登记", choices=ACT_STATES, method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Task]) -> None:
        super().__init__(data, queryset)
        asked = queryset.order_by().values("unit")
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=asked).only("short_name")

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            told = PersonalAct.objects.filter(Q(what__icontains=word) | Q(where__icontains=word)).values("task")
            rows = rows.filter(Q(unit__short_name__icontains=word) | Q(pk__in=told))
        return rows

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "unproved":
            return rows.filter(pk__in=PersonalAct.objects.filter(citation=None).values("task"))
        return rows.filter(act_count=0) if value == "none" else rows.filter(act_count__gt=0)


def acting_tasks(campaign: Campaign, user: User) -> Any:
    """Return the tasks for personal acts that this person may see, with ``act_count``, ``last_act_on`` and the records as ``acts``."""
    rows = Task.objects.visible_to(user).filter(campaign=campaign).exclude(action=None).exclude(action__personal_act="")
    rows = rows.for_table().annotate(act_count=Count("personal_acts"), last_act_on=Max("personal_acts__done_on"))
    acts = PersonalAct.objects.select_related("citation__number", "citation__evidence", "recorded_by")
    return rows.prefetch_related(Prefetch("personal_acts", acts.order_by("done_on", "pk"), to_attr="acts")).order_by(
        "unit__order", "unit", "action_id"
    )


def findings_of(campaign: Campaign, user: User) -> FindingQuerySet:
    """Return the findings that this person may list, annotated for every filter and column."""
    return Finding.objects.visible_to(user).filter(campaign=campaign).for_table().with_counts()


VISIT_STATES = {
    "undated": Q(cancelled_on=None, recorded_at=None, day=None),
    "ahead": Q(cancelled_on=None, recorded_at=None, day__isnull=False),
    "to_sign": Q(cancelled_on=None, recorded_at__isnull=False, signed_at=None),
    "signed": Q(signed_at__isnull=False),
    "cancelled": Q(cancelled_on__isnull=False),
}
VISIT_STATE_CHOICES = [
    ("today", "今天走访"),
    ("missed", "该记录没有记录"),
    ("undated", "待定日期"),
    ("ahead", "待走访"),
    ("to_sign", "待签收"),
    ("signed", "已签收"),
    ("cancelled", "已取消"),
]


ROUND_STATE_CHOICES = [
    ("ahead", "还没开始"),
    ("running", "进行中"),
    ("over", "已结束"),
    ("unrecorded", "有走访没有记录"),
]


class RoundFilter(ListFilter):
    """``queryset`` must be annotated by ``with_counts``."""

    unit = django_filters.ModelChoiceFilter(
        label="走访单位", queryset=Unit.objects.none(), method="of_unit", empty_label="全部", widget=SELECT
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=ROUND_STATE_CHOICES, method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        queryset: QuerySet[SupervisionRound],
        *,
        campaign: Campaign,
        user: User,
        today: date,
    ) -> None:
        super().__init__(data, queryset)
        self.today = today
        self.visits = Visit.objects.visible_to(user).filter(round__campaign=campaign)
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=self.visits.values("unit")).only("short_name")

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            about = SupervisionRound.objects.filter(points__title__icontains=word).values("pk")
            found = Q(name__icontains=word) | Q(preparation__icontains=word) | Q(pk__in=about)
            rows = rows.filter(found)
        return rows

    def of_unit(self, rows: Any, name: str, value: Unit | None) -> Any:
        return rows.filter(pk__in=self.visits.filter(unit=value).active().values("round")) if value else rows

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "unrecorded":
            return rows.filter(pk__in=self.visits.unrecorded_since(self.today).values("round"))
        narrowed = {
            "ahead": Q(starts__gt=self.today),
            "running": Q(starts__lte=self.today, ends__gte=self.today),
            "over": Q(ends__lt=self.today),
        }
        return rows.filter(narrowed[value])


def rounds_of(campaign: Campaign, user: User) -> Any:
    """Return the rounds that this person may list, annotated for every filter and column."""
    return SupervisionRound.objects.visible_to(user).filter(campaign=campaign).for_table().with_counts()


class VisitFilter(ListFilter):
    """``missed_on``: the last day whose visits should have been recorded by now."""

    search_fields = ("unit__short_name", "unit__name", "team__name", "round__name", "feedback")
    round = django_filters.ModelChoiceFilter(
        label="轮次", queryset=SupervisionRound.objects.none(), empty_label="全部", widget=SELECT
    )
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=VISIT_STATE_CHOICES, method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        queryset: QuerySet[Visit],
        *,
        campaign: Campaign,
        user: User,
        today: date,
        missed_on: date,
    ) -> None:
        super().__init__(data, queryset)
        self.today, self.missed_on = today, missed_on
        seen = Visit.objects.visible_to(user).filter(round__campaign=campaign)
        self.filters["round"].queryset = SupervisionRound.objects.filter(pk__in=seen.values("round"))
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=seen.values("unit")).only("short_name")

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "today":
            return rows.active().filter(day=self.today)
        return rows.unrecorded_since(self.missed_on) if value == "missed" else rows.filter(VISIT_STATES[value])


def visits_of(campaign: Campaign, user: User) -> VisitQuerySet:
    """Return the visits that this person may list, annotated for every filter and column."""
    rows = Visit.objects.visible_to(user).filter(round__campaign=campaign).for_table().by_day()
    return rows.annotate(finding_count=Count("findings", filter=Q(findings__withdrawn_on=None)))
