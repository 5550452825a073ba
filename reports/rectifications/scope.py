"""Which part of the rectifications a workbook contains, and of which day: the filters of the lists, described in words for the cover."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from creation.models import CHANGEABLE, Campaign, Holiday, Severity, TaskStatus, Unit, User
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
    """``tasks`` are annotated by ``with_light``; ``conditions`` are those that depend on the day, which the rows have to meet."""

    tasks: TaskQuerySet
    words: list[tuple[str, str]]
    unit: Unit | None
    form: Any
    days: ReportDays
    conditions: Mapping[str, Any]

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
    of_day = WorkbookFilter.OF_STATE + (WorkbookFilter.OF_WORDING if days.as_of else ())
    if valid.get("state"):  # whether a finding is closed depends on its other units
        of_day += ("unit",)
    conditions = {name: valid[name] for name in of_day if valid.get(name)}
    chosen = WorkbookFilter({name: data[name] for name in data if name not in conditions}, rows, campaign=campaign).qs
    unit = valid.get("unit") or _only_unit(chosen)
    return WorkbookScope(chosen, words, unit, found.form, days, conditions)


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
        return _of_the_day(rows, part.conditions)

    return WorkbookRequest(part.tasks, campaign, cover, user, keep)


def _of_the_day(rows: Sequence[RectificationRow], conditions: Mapping[str, Any]) -> list[RectificationRow]:
    """Return the rows that meet the conditions by their state and wording on the day that the workbook shows."""
    unfinished = {row.finding.pk for row in rows if not row.is_closed}
    tests: dict[str, Callable[[RectificationRow, Any], bool]] = {
        "source": lambda row, source: row.finding.source == str(source),
        "section": lambda row, code: row.finding.section == code,
        "unit": lambda row, unit: row.unit_key == unit.pk,
        "severity": lambda row, severity: row.finding.wording["severity"] == Severity(severity).label,
        "is_common": lambda row, _: bool(row.finding.wording["is_common"]),
        "q": lambda row, words: all(word.lower() in _searched(row) for word in words.split()),
        "status": lambda row, status: row.status in _statuses(status),
        "light": lambda row, light: row.light == light,
        "state": lambda row, state: (row.finding.pk in unfinished) == (state == "open"),
    }
    return [row for row in rows if all(tests[name](row, value) for name, value in conditions.items())]


def _searched(row: RectificationRow) -> str:
    """Return what the search of the lists looks through."""
    said = row.finding.wording
    return "\n".join((said["title"], said["text"], row.finding.code, said["source_paper"], row.unit)).lower()


def _statuses(status: str) -> Collection[str]:
    if status == "unclosed":
        return set(TaskStatus.values) - {TaskStatus.APPROVED.value}
    return CHANGEABLE if status == "at_unit" else (status,)


def file_name(campaign: Campaign, part: WorkbookScope, now: datetime) -> str:
    """Return a name such as 两清单一台账_区城管局_20260731.xlsx, without characters that file systems refuse."""
    of = part.unit.short_name if part.unit else "筛选" if part.words else "全区"
    day = part.days.as_of or timezone.localdate(now)
    return f"两清单一台账_{of}_{day:%Y%m%d}.xlsx".replace("/", "_").replace("\\", "_")
