"""Which part of the rectifications a workbook contains, and of which day: the filters of the lists, described in words for the cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from creation.models import CHANGEABLE, Campaign, Holiday, TaskStatus, Unit, User
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import YELLOW_WORKDAYS
from creation.supervision.filters import WorkbookFilter
from reports.ledger.cover import LedgerCover
from reports.rectifications import WorkbookRequest
from reports.rectifications.rows import RectificationRow, visible_rectifications
from reports.report_days import ReportDays, days_of

WEEK = timedelta(days=7)
WORDS = ("source", "section", "unit", "severity", "is_common", "status", "light", "state", "q")


@dataclass(frozen=True, slots=True)
class WorkbookScope:
    """``tasks`` are annotated by ``with_light``; ``conditions`` are those that depend on the day."""

    tasks: TaskQuerySet
    words: list[tuple[str, str]]
    unit: Unit | None
    form: Any
    days: ReportDays
    conditions: Mapping[str, str]

    @property
    def scope(self) -> str:
        return "；".join(f"{label}：{value}" for label, value in self.words) or "全部整改"


def scope_of(campaign: Campaign, user: User | None, data: Mapping[str, Any], now: datetime) -> WorkbookScope:
    """Return what ``user`` may see (None: everything), filtered. Invalid conditions are ignored. Compared with a week before if no day
    is given."""
    today = timezone.localdate(now)
    days = days_of(data, today)
    if not days.error and not days.since:
        days = ReportDays(days.as_of, (days.as_of or today) - WEEK)
    soon = Holiday.objects.calendar().shift(today, YELLOW_WORKDAYS)
    rows = visible_rectifications(user, days.as_of).filter(campaign=campaign).with_light(today, soon)
    found = WorkbookFilter(data, rows, campaign=campaign)
    valid = found.form.cleaned_data if found.form.is_valid() else {}
    words = [
        (found.form.fields[name].label, _shown(found.form, name, valid[name])) for name in WORDS if valid.get(name)
    ]
    conditions = {name: valid[name] for name in WorkbookFilter.OF_STATE if valid.get(name)}
    unit = valid.get("unit") or _only_unit(found.qs)
    return WorkbookScope(found.qs, words, unit, found.form, days, conditions)


def _shown(form: Any, name: str, value: Any) -> str:
    if value is True:
        return "是"
    return (
        str(dict(form.fields[name].choices).get(value, value)) if isinstance(value, str) and name != "q" else str(value)
    )


def _only_unit(tasks: TaskQuerySet) -> Unit | None:
    found = list(Unit.objects.filter(pk__in=tasks.order_by().values("unit"))[:2])
    return found[0] if len(found) == 1 else None


def request_of(campaign: Campaign, part: WorkbookScope, user: User | None, now: datetime) -> WorkbookRequest:
    title, unit = f"{campaign.district}法治政府建设督导问题", part.unit or campaign.host
    name = unit.name if unit else campaign.district.name
    cover = LedgerCover(title, name, part.scope, as_of=now, day=part.days.as_of, since=part.days.since)

    def keep(rows: Sequence[RectificationRow]) -> list[RectificationRow]:
        return _in_state(rows, part.conditions)

    return WorkbookRequest(part.tasks, campaign, cover, user, keep)


def _in_state(rows: Sequence[RectificationRow], conditions: Mapping[str, str]) -> list[RectificationRow]:
    """Return the rows that meet the conditions on the day that the workbook shows."""
    status, light, state = (conditions.get(name, "") for name in ("status", "light", "state"))
    closed = {TaskStatus.APPROVED.value}
    wanted = {
        "": None,
        "unclosed": set(TaskStatus.values) - closed,
        "at_unit": {each.value for each in CHANGEABLE},
    }.get(status, {status})
    unfinished = {row.finding.pk for row in rows if not row.is_closed}
    return [
        row
        for row in rows
        if (wanted is None or row.status in wanted)
        and (not light or row.light == light)
        and (not state or (row.finding.pk in unfinished) == (state == "open"))
    ]


def file_name(campaign: Campaign, part: WorkbookScope, now: datetime) -> str:
    """Return a name such as 两清单一台账_区城管局_20260731.xlsx, without characters that file systems refuse."""
    of = part.unit.short_name if part.unit else "筛选" if part.words else "全区"
    day = part.days.as_of or timezone.localdate(now)
    return f"两清单一台账_{of}_{day:%Y%m%d}.xlsx".replace("/", "_").replace("\\", "_")
