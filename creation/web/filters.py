"""Filters for the lists of people, units and audit entries."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from creation.audit.audit_actions import AUDIT_ACTIONS
from creation.models import AuditEntry, Unit, User
from creation.models.membership import ROLE_CHOICES
from creation.web.bootstrap_forms import DATE_VALIDATORS, date_input

SELECT_WIDGET = forms.Select(attrs={"class": "form-select"})
SEARCH_WIDGET = forms.TextInput(attrs={"class": "form-control", "type": "search"})
DATE_WIDGET = date_input()
DATE_WIDGET.attrs["class"] = "form-control"


class AccountFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="姓名、登录名", widget=SEARCH_WIDGET)
    unit = django_filters.ModelChoiceFilter(
        queryset=lambda request: Unit.objects.visible_to(request.user),
        label="单位",
        empty_label="全部单位",
        widget=SELECT_WIDGET,
    )
    role = django_filters.ChoiceFilter(
        choices=ROLE_CHOICES, method="of_role", label="角色", empty_label="全部角色", widget=SELECT_WIDGET
    )
    state = django_filters.ChoiceFilter(
        choices=[("1", "启用"), ("0", "停用")],
        field_name="is_active",
        label="状态",
        empty_label="全部状态",
        widget=SELECT_WIDGET,
        method="in_state",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(Q(name__icontains=value) | Q(username__icontains=value) | Q(post__icontains=value))

    def of_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(memberships__role=value, memberships__ended_on=None).distinct()

    def in_state(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(is_active=value == "1")


class UnitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="名称", widget=SEARCH_WIDGET)
    state = django_filters.ChoiceFilter(
        choices=[("on", "在用"), ("off", "已停用或并入")],
        method="in_state",
        label="状态",
        empty_label="全部",
        widget=SELECT_WIDGET,
    )

    class Meta:
        model = Unit
        fields: list[str] = []

    def search(self, queryset: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        return queryset.filter(Q(name__icontains=value) | Q(short_name__icontains=value))

    def in_state(self, queryset: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        return queryset.filter(active_to=None) if value == "on" else queryset.exclude(active_to=None)


class AuditFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(field_name="person", lookup_expr="icontains", label="人员", widget=SEARCH_WIDGET)
    act = django_filters.ChoiceFilter(
        choices=sorted(AUDIT_ACTIONS.items()), label="行为", empty_label="全部行为", widget=SELECT_WIDGET
    )
    result = django_filters.ChoiceFilter(
        choices=AuditEntry._meta.get_field("result").choices, label="结果", empty_label="全部结果", widget=SELECT_WIDGET
    )
    object = django_filters.CharFilter(field_name="object", lookup_expr="icontains", label="对象", widget=SEARCH_WIDGET)
    since = django_filters.DateFilter(method="from_day", label="自", widget=DATE_WIDGET, validators=DATE_VALIDATORS)
    until = django_filters.DateFilter(method="to_day", label="至", widget=DATE_WIDGET, validators=DATE_VALIDATORS)

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def from_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__gte=start_of_day(value))

    def to_day(self, queryset: QuerySet[AuditEntry], name: str, value: date) -> QuerySet[AuditEntry]:
        return queryset.filter(at__lt=start_of_day(value + timedelta(days=1)))


def start_of_day(day: date) -> datetime:
    """Return the start of the day as a datetime, so that the index on the time is used."""
    return timezone.make_aware(datetime.combine(day, time.min))


def is_filtered(filterset: Any) -> bool:
    """Return whether any filter is set."""
    return any(filterset.data.get(name) for name in filterset.form.fields)
