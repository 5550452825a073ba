"""Filters of visits."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet

from creation.models import Campaign, SupervisionRound, Unit, User, Visit
from creation.tasks.filters import SELECT

STATES = {
    "undated": Q(cancelled_on=None, recorded_at=None, day=None),
    "ahead": Q(cancelled_on=None, recorded_at=None, day__isnull=False),
    "to_sign": Q(cancelled_on=None, recorded_at__isnull=False, signed_at=None),
    "signed": Q(signed_at__isnull=False),
    "cancelled": Q(cancelled_on__isnull=False),
}
STATE_CHOICES = [
    ("undated", "待定日期"),
    ("ahead", "待走访"),
    ("to_sign", "待签收"),
    ("signed", "已签收"),
    ("cancelled", "已取消"),
]


class VisitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="查找", method="search")
    round = django_filters.ModelChoiceFilter(
        label="轮次", queryset=SupervisionRound.objects.none(), empty_label="全部", widget=SELECT
    )
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=STATE_CHOICES, method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(
        self, data: Mapping[str, Any] | None, queryset: QuerySet[Visit], *, campaign: Campaign, user: User
    ) -> None:
        super().__init__(data, queryset)
        seen = Visit.objects.visible_to(user).filter(round__campaign=campaign)
        self.filters["round"].queryset = SupervisionRound.objects.filter(pk__in=seen.values("round"))
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=seen.values("unit")).only("short_name")

    @property
    def chosen(self) -> bool:
        """Return whether the URL narrows the list."""
        return self.form.is_valid() and any(value not in (None, "", False) for value in self.form.cleaned_data.values())

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            found = Q(unit__short_name__icontains=word) | Q(unit__name__icontains=word) | Q(team__name__icontains=word)
            rows = rows.filter(found | Q(round__name__icontains=word) | Q(feedback__icontains=word))
        return rows

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(STATES[value])


def visits_of(campaign: Campaign, user: User) -> Any:
    """Return the visits that this person may list, annotated for every filter and column."""
    rows = Visit.objects.visible_to(user).filter(round__campaign=campaign).for_table().by_day()
    return rows.annotate(finding_count=Count("findings", filter=Q(findings__withdrawn_on=None)))
