"""Filters of task lists. The URL holds the filter, so that a list can be shared, and a ledger printed of exactly this list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

from creation.lib.filter_sets import ListFilter
from creation.lib.markup import markup
from creation.models import (
    ANSWERED,
    UNANSWERED,
    AssignmentRole,
    Campaign,
    Phase,
    Task,
    TaskStatus,
    Unit,
    User,
)
from creation.models.indicator import Choice
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import LIGHT_NAMES

Holder = tuple[int, int | None, str, str | None, int | None]  # unit; person, with name, unit and order of the unit
ACTIONS = "action"  # the value for tasks without an indicator
STATUS_GROUPS = {"unanswered": UNANSWERED, "answered": ANSWERED}
STATUS_LABELS = dict(TaskStatus.choices) | {TaskStatus.SUBMITTED.value: "已报送，待审核"}
STATUS_CHOICES = [("unanswered", "未报送（全部）"), ("answered", "已报送（含已通过）"), *STATUS_LABELS.items()]
LIGHT_CHOICES = [(light.value, name) for light, name in LIGHT_NAMES.items()]


class LongSelect(forms.Select):
    """Like Select, but rendered without a template or a dictionary for each option, since a filter of units and people has hundreds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen, groups = set(self.format_value(value)), []
        for key, label in self.choices:
            if isinstance(label, list | tuple):
                groups.append(markup('<optgroup label="{}">{}</optgroup>', key, _options(label, chosen)))
            else:
                groups.append(_options([(key, label)], chosen))
        shown = flatatt(self.build_attrs(self.attrs, attrs))
        return markup('<select name="{}"{}>{}</select>', name, shown, SafeString("".join(groups)))


def _options(options: Iterable[tuple[Any, Any]], chosen: set[str]) -> SafeString:
    rows = (("" if value is None else str(value), label) for value, label in options)
    return SafeString("".join(markup(OPTIONS[value in chosen], value, label) for value, label in rows))


OPTIONS = {False: '<option value="{}">{}</option>', True: '<option value="{}" selected>{}</option>'}
SELECT = LongSelect(attrs={"class": "form-select form-select-sm"})


# What the choices of a filter show.
_NAMES = {"unit": ("short_name",), "phase": ("name",), "owner": ("name", "unit__short_name")}


class PersonField(django_filters.fields.ModelChoiceField):
    """Choice of a person, labeled with the unit to tell people of the same name apart."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name}（{obj.unit}）" if obj.unit else obj.name


class PersonFilter(django_filters.ModelChoiceFilter):
    field_class = PersonField


@dataclass(frozen=True, slots=True)
class Offers:
    """What a filter offers, read beforehand: indicators as ``Indicator.objects.choices()``, the others as key and label."""

    indicators: tuple[list[Choice], list[tuple[str, list[Choice]]]]
    units: list[tuple[int, str]]
    phases: list[tuple[int, str]]
    owners: list[tuple[int, str]]

    @property
    def by_field(self) -> dict[str, list[tuple[int, str]]]:
        return {"unit": self.units, "phase": self.phases, "owner": self.owners}


def holders(tasks: TaskQuerySet) -> QuerySet[Task, Holder]:
    """Return the units and the people that have one of these tasks, for ``offers_of``."""
    columns = ("unit", "owner", "owner__name", "owner__unit__short_name", "owner__unit__order")
    return tasks.order_by("owner__unit__order", "owner__name", "owner").values_list(*columns).distinct()


def offers_of(rows: Iterable[Holder], indicators: Any, units: Iterable[Unit], phases: Iterable[Phase]) -> Offers:
    """Return what a filter of tasks offers: of the units and of the people those that have one (``holders``)."""
    own, owners = set(), {}
    for unit, owner, name, place, _ in rows:
        own.add(unit)
        if owner:
            owners[owner] = f"{name}（{place}）" if place else name
    return Offers(
        indicators,
        [(unit.pk, str(unit)) for unit in units if unit.pk in own],
        [(phase.pk, str(phase)) for phase in phases],
        list(owners.items()),
    )


class TaskFilter(ListFilter):
    """``TaskFilter(request.GET, queryset, campaign=campaign)``; ``.qs`` is the list. ``one_unit``: all tasks are of one unit. ``offers``
    spares the queries of the choices.

    ``queryset`` must be annotated by ``with_light``. Choices of people, units and phases come from it, so that none is shown that the
    person may not see.
    """

    section = django_filters.ChoiceFilter(label="一级指标", method="in_section", empty_label="全部", widget=SELECT)
    item = django_filters.ChoiceFilter(
        label="二级指标", field_name="indicator__parent__code", empty_label="全部", widget=SELECT
    )
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=Unit.objects.none(), empty_label="全部", widget=SELECT
    )
    phase = django_filters.ModelChoiceFilter(
        label="阶段", queryset=Phase.objects.none(), empty_label="全部", widget=SELECT
    )
    light = django_filters.ChoiceFilter(label="亮灯", choices=LIGHT_CHOICES, empty_label="全部", widget=SELECT)
    status = django_filters.ChoiceFilter(
        label="状态", choices=STATUS_CHOICES, method="of_status", empty_label="全部", widget=SELECT
    )
    role = django_filters.ChoiceFilter(label="分工", choices=AssignmentRole.choices, empty_label="全部", widget=SELECT)
    owner = PersonFilter(label="责任人", queryset=User.objects.none(), empty_label="全部", widget=SELECT)
    late = django_filters.BooleanFilter(label="只看逾期报送", method="answered_late", widget=forms.CheckboxInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        queryset: QuerySet[Task],
        *,
        campaign: Campaign,
        offers: "Offers | None" = None,
        one_unit: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, queryset, **kwargs)
        self.offers = offers
        whole = queryset.order_by()
        sections, items = offers.indicators if offers else campaign.system.indicators.choices()
        self.filters["section"].extra["choices"] = [*sections, (ACTIONS, "工作事项")]
        self.filters["item"].extra["choices"] = items
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=whole.values("unit"))
        self.filters["phase"].queryset = Phase.objects.filter(campaign=campaign)
        self.filters["owner"].queryset = User.objects.filter(pk__in=whole.values("owner")).select_related("unit")
        for name, columns in _NAMES.items():
            self.filters[name].queryset = self.filters[name].queryset.only(*columns)
        if one_unit:
            self._drop_choices_of_several_units()

    def _drop_choices_of_several_units(self) -> None:
        """Leave out what does not narrow the tasks of one unit: the unit, and the owner where one person owns all of them."""
        del self.filters["unit"]
        owners = len(self.offers.owners) if self.offers else self.filters["owner"].queryset.count()
        if owners < 2:
            del self.filters["owner"]

    @property
    def form(self) -> Any:
        """The form, which shows what is offered instead of reading it field by field; a chosen value is checked by its field."""
        form = super().form
        if self.offers:
            for name in self.offers.by_field.keys() & form.fields.keys():
                form.fields[name].widget.choices = [("", "全部"), *self.offers.by_field[name]]
        return form

    def search(self, tasks: Any, name: str, value: str) -> Any:
        """Require every word to occur in the code, the title or the unit's name."""
        for word in value.split():
            tasks = tasks.filter(names_with(word))
        return tasks

    def in_section(self, tasks: Any, name: str, value: str) -> Any:
        return tasks.filter(indicator=None) if value == ACTIONS else tasks.filter(indicator__parent__parent__code=value)

    def of_status(self, tasks: Any, name: str, value: str) -> Any:
        return tasks.filter(status__in=STATUS_GROUPS.get(value, (value,)))

    def answered_late(self, tasks: Any, name: str, value: bool) -> Any:
        return tasks.with_late().filter(late=True) if value else tasks


def names_with(word: str) -> Q:
    """Return the condition that a word occurs in the code, the title or the unit's name of a task."""
    fields = (
        *("indicator__code", "indicator__title", "action__code", "action__title"),
        *("finding__code", "finding__title", "unit__name", "unit__short_name"),
    )
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": word})
    return found
