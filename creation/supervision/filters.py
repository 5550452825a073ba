"""Filters of findings and of rectifications."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet

from creation.models import (
    CHANGEABLE,
    Campaign,
    Finding,
    FindingSource,
    MeetingKind,
    ReplyCycle,
    Severity,
    SupervisionOrder,
    Task,
    TaskStatus,
    Unit,
)
from creation.models.task import RECTIFICATION_STATES
from creation.rules.deadlines import RECTIFICATION_LIGHTS
from creation.tasks.filters import SELECT

ORDER_STATES = [("open", "办理中"), ("overdue", "有逾期答复"), ("closed", "已办结")]
STATE_CHOICES = [("open", "未销号"), ("closed", "全部销号"), ("withdrawn", "已撤销")]
LIGHT_CHOICES = [(light.value, name) for light, name in RECTIFICATION_LIGHTS.items()]
STATUS_CHOICES = [
    ("unclosed", "未销号（全部）"),
    ("at_unit", "在单位（待整改、退回、部分）"),
    *((status.value, label) for status, label in RECTIFICATION_STATES.items()),
]


class _OfCampaign(django_filters.FilterSet):
    q = django_filters.CharFilter(label="查找", method="search")
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

    @property
    def chosen(self) -> bool:
        """Return whether the URL narrows the list."""
        return self.form.is_valid() and any(value not in (None, "", False) for value in self.form.cleaned_data.values())


class FindingFilter(_OfCampaign):
    """``queryset`` must be annotated by ``with_counts``."""

    severity = django_filters.ChoiceFilter(label="程度", choices=Severity.choices, empty_label="全部", widget=SELECT)
    state = django_filters.ChoiceFilter(
        label="状态", choices=STATE_CHOICES, method="in_state", empty_label="全部", widget=SELECT
    )
    is_common = django_filters.BooleanFilter(label="只看共性问题", method="common", widget=forms.CheckboxInput)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["section"].field_name = "indicator__parent__parent__code"
        self.filters["unit"].method = self.of_unit

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            found = Q(title__icontains=word) | Q(text__icontains=word) | Q(code__icontains=word)
            rows = rows.filter(found | Q(source_paper__icontains=word))
        return rows

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

    status = django_filters.ChoiceFilter(
        label="状态", choices=STATUS_CHOICES, method="of_status", empty_label="全部", widget=SELECT
    )
    light = django_filters.ChoiceFilter(label="亮灯", choices=LIGHT_CHOICES, empty_label="全部", widget=SELECT)

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(data, queryset, **kwargs)
        self.filters["section"].field_name = "finding__indicator__parent__parent__code"
        self.filters["source"].field_name = "finding__source"

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            found = Q(finding__title__icontains=word) | Q(finding__text__icontains=word)
            rows = rows.filter(found | Q(finding__code__icontains=word) | Q(unit__short_name__icontains=word))
        return rows

    def of_status(self, rows: Any, name: str, value: str) -> Any:
        if value == "unclosed":
            return rows.exclude(status=TaskStatus.APPROVED)
        return rows.filter(status__in=CHANGEABLE if value == "at_unit" else (value,))


class OrderFilter(django_filters.FilterSet):
    """``queryset`` must be annotated by ``with_counts``."""

    q = django_filters.CharFilter(label="查找", method="search")
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

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            found = Q(action__title__icontains=word) | Q(action__code__icontains=word)
            rows = rows.filter(found | Q(instruction__icontains=word) | Q(lead__short_name__icontains=word))
        return rows

    def of_unit(self, rows: Any, name: str, value: Unit | None) -> Any:
        if value is None:
            return rows
        return rows.filter(pk__in=SupervisionOrder.objects.filter(action__units=value).values("pk"))

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "overdue":
            return rows.open().filter(overdue__gt=0)
        return rows.open() if value == "open" else rows.exclude(closed_on=None)

    @property
    def chosen(self) -> bool:
        """Return whether the URL narrows the list."""
        return self.form.is_valid() and any(value not in (None, "", False) for value in self.form.cleaned_data.values())


class MeetingFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="查找", method="search")
    kind = django_filters.ChoiceFilter(label="类型", choices=MeetingKind.choices, empty_label="全部", widget=SELECT)

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            rows = rows.filter(Q(title__icontains=word) | Q(minutes__icontains=word) | Q(agenda__icontains=word))
        return rows

    @property
    def chosen(self) -> bool:
        """Return whether the URL narrows the list."""
        return self.form.is_valid() and any(value not in (None, "", False) for value in self.form.cleaned_data.values())


def findings_of(campaign: Campaign, user: Any) -> Any:
    """Return the findings that this person may list, annotated for every filter and column."""
    return Finding.objects.visible_to(user).filter(campaign=campaign).for_table().with_counts()
