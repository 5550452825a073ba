"""Which part of a campaign a ledger contains, and of which day: the filter of the task list, described in words for the cover."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils import timezone

from creation.models import Campaign, EditionChange, Holiday, Task, Unit, User
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import YELLOW_WORKDAYS
from creation.tasks.filters import STATUS_GROUPS, TaskFilter
from reports.ledger import LedgerCover, LedgerRequest, LedgerRow
from reports.ledger.historical_state import end_of_day
from reports.rectifications import problems
from reports.report_days import ReportDays, days_of

WORDS = ("section", "item", "unit", "phase", "role", "owner", "status", "light", "late", "q")
DAY_CONDITIONS = ("status", "light", "late")  # conditions that are evaluated for the past day


@dataclass(frozen=True, slots=True)
class LedgerScope:
    """``tasks`` are annotated for the ledger; ``words`` describe the filter as labels and values."""

    tasks: TaskQuerySet
    words: list[tuple[str, str]]
    unit: Unit | None
    form: Any
    days: ReportDays = field(default_factory=ReportDays)
    day_conditions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return "；".join(f"{label}：{value}" for label, value in self.words) or "全部任务"


def scope_of(campaign: Campaign, user: User | None, data: Mapping[str, Any], now: datetime) -> LedgerScope:
    """Return what ``user`` may see (None: everything, for the operator), filtered. Invalid conditions are ignored."""
    today = timezone.localdate(now)
    days = days_of(data, today)
    soon = Holiday.objects.calendar().shift(today, YELLOW_WORKDAYS)
    with_lights = visible_tasks(user, days.as_of).filter(campaign=campaign).with_light(today, soon).with_late()
    found = TaskFilter(data, with_lights, campaign=campaign)
    valid = found.form.cleaned_data if found.form.is_valid() else {}
    day_conditions = {name: valid[name] for name in DAY_CONDITIONS if valid.get(name)} if days.as_of else {}
    if day_conditions:
        found = TaskFilter(
            {key: value for key, value in data.items() if key not in day_conditions}, with_lights, campaign=campaign
        )
    chosen: TaskQuerySet = found.qs
    words = [
        (found.form.fields[name].label, _words(found.form, name, valid[name])) for name in WORDS if valid.get(name)
    ]
    return LedgerScope(chosen, words, valid.get("unit") or _only_unit(chosen), found.form, days, day_conditions)


def ledger_request_of(campaign: Campaign, part: LedgerScope, user: User | None, now: datetime) -> LedgerRequest:
    valid = part.form.cleaned_data if part.form.is_valid() else {}
    found = partial(problems.in_ledger, campaign, user, valid | dict(part.day_conditions), part.days.as_of, now)
    keep = row_filter(part.day_conditions)
    return LedgerRequest(part.tasks, campaign, cover_of(campaign, part, now), user, keep, found)


def row_filter(day_conditions: Mapping[str, Any]) -> Callable[[LedgerRow], bool]:
    """Return a filter of rows by status, light and lateness on a past day."""
    status, light, late = (
        day_conditions.get("status", ""),
        day_conditions.get("light", ""),
        bool(day_conditions.get("late")),
    )
    statuses = {each for each in STATUS_GROUPS.get(status, [status]) if each}

    def keep(row: LedgerRow) -> bool:
        return (not statuses or row.status in statuses) and (not light or row.light == light) and (not late or row.late)

    return keep


def _words(form: Any, name: str, value: Any) -> str:
    if name == "late":
        return "是"
    choices = dict(_flat(getattr(form.fields[name], "choices", ())))
    return str(choices.get(str(value), value)) if isinstance(value, str) else str(value)


def _flat(choices: Any) -> list[tuple[str, str]]:
    """Return the choices without their groups."""
    rows: list[tuple[str, str]] = []
    for key, label in choices:
        rows.extend(label if isinstance(label, (list, tuple)) else [(str(key), str(label))])
    return rows


def _only_unit(tasks: TaskQuerySet) -> Unit | None:
    """Return the unit if all tasks are of one unit."""
    found = list(Unit.objects.filter(pk__in=tasks.order_by().values("unit"))[:2])
    return found[0] if len(found) == 1 else None


def cover_of(campaign: Campaign, part: LedgerScope, now: datetime) -> LedgerCover:
    unit = part.unit or campaign.host
    title = f"{campaign.district}法治政府建设示范创建工作台账"
    edition = edition_on(campaign, part.days.as_of) if part.days.as_of else ""
    return LedgerCover(
        title, unit.name, part.scope, as_of=now, day=part.days.as_of, since=part.days.since, edition=edition
    )


def edition_on(campaign: Campaign, day: date) -> str:
    """Return the edition of the indicator system at the end of that day, or "" if it is the one in force."""
    later = EditionChange.objects.confirmed().filter(campaign=campaign, confirmed_at__gte=end_of_day(day))
    first = later.select_related("before").order_by("confirmed_at").first()
    return first.before.edition if first else ""


def file_name(campaign: Campaign, part: LedgerScope, now: datetime) -> str:
    """Return a name such as 创建工作台账_区城管局_20260731.xlsx, without characters that file systems refuse."""
    of = part.unit.short_name if part.unit else "筛选" if part.words else "全区"
    day = part.days.as_of or timezone.localdate(now)
    return f"创建工作台账_{of}_{day:%Y%m%d}.xlsx".replace("/", "_").replace("\\", "_")


def visible_tasks(user: User | None, day: date | None) -> TaskQuerySet:
    """Return the tasks a person may see (all for the operator); of a past day, the tasks of then, including those removed since.

    Without rectifications, which have lists and papers of their own, and come to the ledger as problems.
    """
    if day is None:
        return (Task.objects.visible_to(user) if user else Task.objects.active()).of_plan()
    return (Task.objects.visible_or_dropped(user) if user else Task.objects.all()).of_plan().existing_on(day)
