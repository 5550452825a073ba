"""The filter of the library, and the form to cite a piece in many tasks."""

import re
from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef

from creation.evidence.library import listing
from creation.lib.filter_sets import ListFilter
from creation.models import Campaign, Confidentiality, EvidenceKind, EvidenceNumber, Unit
from creation.models.evidence import EvidenceQuerySet
from creation.web.bootstrap_forms import DATE_VALIDATORS, date_input

# 4-3-3 or 4-3-3-02: a point, or the number of a piece.
NUMBER_PATTERN = re.compile(r"(?:[A-Za-z]+-\d{1,3}|\d{1,2}-\d{1,3})(?:-\d+){0,2}")
ACTIONS = "action"
SELECT = forms.Select(attrs={"class": "form-select form-select-sm"})
DAY = date_input()
DAY.attrs["class"] = "form-control form-control-sm"


class EvidenceFilter(ListFilter):
    """The filter: ``EvidenceFilter(request.GET, pieces, campaign=campaign).qs`` is the list.

    The units to choose from are those of the pieces, so that no unit is revealed.
    """

    kind = django_filters.ChoiceFilter(label="类型", choices=EvidenceKind.choices, empty_label="全部", widget=SELECT)
    section = django_filters.ChoiceFilter(label="一级指标", method="in_section", empty_label="全部", widget=SELECT)
    item = django_filters.ChoiceFilter(label="二级指标", method="in_item", empty_label="全部", widget=SELECT)
    cited = django_filters.ChoiceFilter(
        label="引用",
        choices=[("yes", "已引用"), ("no", "未引用")],
        method="is_cited",
        empty_label="全部",
        widget=SELECT,
    )
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    confidentiality = django_filters.ChoiceFilter(
        label="公开属性", choices=Confidentiality.choices, empty_label="全部", widget=SELECT
    )
    since = django_filters.DateFilter(
        label="成文日期自", field_name="dated_on", lookup_expr="gte", widget=DAY, validators=DATE_VALIDATORS
    )
    until = django_filters.DateFilter(
        label="至", field_name="dated_on", lookup_expr="lte", widget=DAY, validators=DATE_VALIDATORS
    )
    stopped = django_filters.ChoiceFilter(
        label="密级标志",
        choices=[("held", "待确认"), ("hidden", "已紧急隐藏")],
        method="is_stopped",
        empty_label="全部",
        widget=SELECT,
    )
    outside = django_filters.BooleanFilter(label="只看时间范围外", method="is_outside", widget=forms.CheckboxInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        queryset: EvidenceQuerySet,
        *,
        campaign: Campaign,
        with_hidden: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, queryset, **kwargs)
        self.campaign = campaign
        if not with_hidden:
            self.filters["stopped"].extra["choices"] = [("held", "待确认")]
        sections, items = campaign.system.indicators.choices()
        self.filters["section"].extra["choices"] = [*sections, (ACTIONS, "工作事项")]
        self.filters["item"].extra["choices"] = items
        units = list(Unit.objects.filter(pk__in=queryset.order_by().values("unit")).values_list("pk", flat=True))
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=units)
        if len(units) < 2:
            del self.filters["unit"]

    def search(self, queryset: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        """Search numbers (4-3-3-02) among the numbers, and all other words in descriptions and text."""
        words = [word for word in value.split() if not NUMBER_PATTERN.fullmatch(word)]
        for number in set(value.split()) - set(words):
            queryset = queryset.filter(Exists(self._numbered(number)))
        return queryset.matching_text(" ".join(words)) if words else queryset

    def _numbered(self, number: str) -> Any:
        numbers = EvidenceNumber.objects.filter(campaign=self.campaign, evidence=OuterRef("pk"))
        point, _, serial = number.rpartition("-")
        whole = numbers.filter(point=point, serial=int(serial)) if len(serial) > 1 and len(serial) < 6 else None
        return whole if whole is not None else numbers.filter(point__startswith=number)

    def in_section(self, queryset: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        if value == ACTIONS:
            return self._at(queryset, task__indicator=None)
        return self._at(queryset, task__indicator__parent__parent__code=value)

    def in_item(self, queryset: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        return self._at(queryset, task__indicator__parent__code=value)

    def _at(self, queryset: EvidenceQuerySet, **where: Any) -> EvidenceQuerySet:
        return queryset.filter(Exists(listing.citations_in(self.campaign).filter(evidence=OuterRef("pk"), **where)))

    def is_cited(self, queryset: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        cited = Exists(listing.citations_in(self.campaign).filter(evidence=OuterRef("pk")))
        return queryset.filter(cited if value == "yes" else ~cited)

    def is_stopped(self, queryset: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        return queryset.exclude(hidden_at=None) if value == "hidden" else queryset.flagged()

    def is_outside(self, queryset: EvidenceQuerySet, name: str, value: bool) -> Any:
        return listing.outside_window(queryset, self.campaign) if value else queryset
