"""The rows of 两清单一台账: a row for each rectification, as it is now or as it was at the end of a past day.

The wording of a finding with its source and section, the plan, the state, due day, reports and evidence are those of the day. Who answers
for a rectification without a responsible person is the liaison of now, as the line below each table says.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from creation.models import (
    Campaign,
    Finding,
    FindingChange,
    Indicator,
    Progress,
    RectificationPlanChange,
    Submission,
    Task,
    TaskEvent,
    TaskStatus,
    User,
)
from creation.models.task import RECTIFICATION_STATES, TaskQuerySet
from creation.supervision.findings import as_data, text_of
from creation.tasks.rectification_figures import RELAPSE, Breakdown, RectificationFigures, count_rectifications
from reports.ledger import citations
from reports.ledger.historical_state import HistoricalState

TO_REPEAT = (TaskStatus.RETURNED, TaskStatus.PARTIAL, TaskStatus.LONG_TERM)  # the last note says what is to be done


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What is written about a finding, as text; the rectifications of several units share it."""

    pk: int
    serial: int
    code: str
    number: str
    section: str
    section_order: int
    item: str
    recorded_at: datetime
    wording: Mapping[str, str]

    @property
    def problem(self) -> str:
        return self.wording["text"] or self.wording["title"]

    @property
    def source(self) -> str:
        return self.wording["source"]


@dataclass(frozen=True, slots=True)
class RectificationRow:
    task: int
    finding: FindingFacts
    unit_key: int
    unit: str
    unit_full: str
    unit_order: int
    measures: str
    leader: str
    person: str
    due_on: date | None
    status: str
    light: str
    progress: str
    proof: str
    on_time: bool
    closed_on: date | None
    relapses: int
    figures: RectificationFigures

    @property
    def is_closed(self) -> bool:
        return self.status == TaskStatus.APPROVED

    @property
    def status_name(self) -> str:
        return RECTIFICATION_STATES[TaskStatus(self.status)]


class _Task(NamedTuple):
    pk: int
    finding: int
    unit: int
    short_name: str
    name: str
    order: int
    status: str
    due_on: date | None
    starts: date | None
    light: str
    measures: str | None
    leader: str | None
    person: str | None
    owner: str | None


_COLUMNS = (
    *(
        "pk",
        "finding",
        "unit",
        "unit__short_name",
        "unit__name",
        "unit__order",
        "status",
        "due_on",
        "phase__starts",
        "light",
    ),
    *("rectification_plan__measures", "rectification_plan__leader", "rectification_plan__person", "owner__name"),
)


class _Report(NamedTuple):
    """The last report of a unit."""

    at: datetime
    handed_on: date
    due_on: date | None
    text: str

    @property
    def on_time(self) -> bool:
        return self.due_on is None or self.handed_on <= self.due_on


@dataclass(frozen=True, slots=True)
class _History:
    """Of each task: when and with which words its state changed last, when it was closed, how often it came back."""

    notes: Mapping[int, tuple[datetime, str]]
    closed_on: Mapping[int, date]
    relapses: Mapping[int, int]


def visible_rectifications(user: User | None, day: date | None) -> TaskQuerySet:
    """Return the rectifications that a person may see (all for the operator); of a past day, those of then, including what ended since."""
    if day is None:
        return (Task.objects.visible_to(user) if user else Task.objects.active()).rectifications()
    return (Task.objects.visible_or_dropped(user) if user else Task.objects.all()).rectifications().existing_on(day)


def rectification_rows(
    tasks: TaskQuerySet, campaign: Campaign, today: date, state: HistoricalState | None
) -> list[RectificationRow]:
    """Return the rows, those not closed first, with a constant number of queries. ``tasks`` are annotated by ``with_light``."""
    chosen = tasks.order_by().values("pk")
    known = Q(created_at__lt=state.until) if state else Q()
    facts, history, reports = _findings(tasks, campaign, state), _history(chosen, known), _reports(chosen, known)
    plans = _former_plans(chosen, state) if state else {}
    notes = _progress_notes(chosen, known)
    proofs = citations.evidence_lines(chosen, campaign, state)
    rows = []
    for found in map(_Task._make, tasks.order_by().values_list(*_COLUMNS).iterator(chunk_size=2000)):
        status, due_on, light = found.status, found.due_on, found.light
        if state:
            status, due_on, light, _ = state.of(found.pk, due_on, found.starts)
        measures, leader, person = plans.get(found.pk, (found.measures, found.leader, found.person))
        report, relapses = reports.get(found.pk), history.relapses.get(found.pk, 0)
        on_time = report is not None and report.on_time
        rows.append(
            RectificationRow(
                task=found.pk,
                finding=facts[found.finding],
                unit_key=found.unit,
                unit=found.short_name,
                unit_full=found.name,
                unit_order=found.order,
                measures=measures or "",
                leader=leader or "",
                person=person or found.owner or "",
                due_on=due_on,
                status=status,
                light=light,
                progress=_progress(status, history.notes.get(found.pk), report, notes.get(found.pk)),
                proof="\n".join(proofs.get(found.pk, ())),
                on_time=on_time,
                closed_on=history.closed_on.get(found.pk) if status == TaskStatus.APPROVED else None,
                relapses=relapses,
                figures=count_rectifications(status, due_on, today, on_time=on_time, relapsed=relapses > 0),
            )
        )
    return sorted(rows, key=lambda row: (row.is_closed, row.finding.serial, row.unit_order, row.task))


def _findings(tasks: TaskQuerySet, campaign: Campaign, state: HistoricalState | None) -> dict[int, FindingFacts]:
    chosen = tasks.order_by().values("finding")
    former = _former_wordings(chosen, state) if state else {}
    points = {str(point): point for point in _checkpoints(campaign)} if former else {}
    rows = Finding.objects.filter(pk__in=chosen).select_related("source", "indicator__parent__parent")
    found = {}
    for finding in rows.order_by().iterator(chunk_size=2000):
        finding.campaign = campaign
        wording = as_data(text_of(finding)) | former.get(finding.pk, {})
        point = finding.indicator
        if wording["indicator"] != str(point or ""):
            point = points.get(wording["indicator"])
        section = point.parent.parent if point and point.parent else None
        found[finding.pk] = FindingFacts(
            finding.pk,
            finding.serial,
            finding.code,
            finding.number,
            section.code if section else "",
            section.order if section else 0,
            point.parent.code if point and point.parent else "",
            finding.created_at,
            wording,
        )
    return found


def _checkpoints(campaign: Campaign) -> Iterable[Indicator]:
    return campaign.system.indicators.checkpoints().select_related("parent__parent")


def _former_wordings(chosen: Any, state: HistoricalState) -> dict[int, dict[str, str]]:
    later = FindingChange.objects.filter(finding__in=chosen, changed_at__gte=state.until)
    # The first change comes last and wins.
    return dict(later.order_by("-changed_at", "-pk").values_list("finding", "old"))


def _former_plans(chosen: Any, state: HistoricalState) -> dict[int, tuple[str, str, str]]:
    """Return what the plans said that were changed later: task → measures, leader, person."""
    later = RectificationPlanChange.objects.filter(plan__task__in=chosen, changed_at__gte=state.until)
    rows = later.order_by("-changed_at", "-pk").values_list("plan__task", "measures", "leader", "person")
    return {task: (measures, leader, person) for task, measures, leader, person in rows}


def _history(chosen: Any, known: Q) -> _History:
    notes: dict[int, tuple[datetime, str]] = {}
    closed: dict[int, date] = {}
    relapses: Counter[int] = Counter()
    rows = TaskEvent.objects.filter(known, task__in=chosen).order_by("created_at", "pk")
    for task, move, source, target, note, at in rows.values_list(
        "task", "move", "source", "target", "note", "created_at"
    ).iterator(chunk_size=2000):
        if source != target or move in ("keep", "look_again"):
            notes[task] = (at, note)
        if target == TaskStatus.APPROVED != source:
            closed[task] = timezone.localdate(at)
        relapses[task] += move == RELAPSE
    return _History(notes, closed, relapses)


def _reports(chosen: Any, known: Q) -> dict[int, _Report]:
    rows = Submission.objects.filter(known, task__in=chosen).order_by("number")
    columns = ("task", "created_at", "handed_on", "due_on", "results", "statement", "place")
    return {
        task: _Report(at, handed_on, due_on, results or statement or (f"现场提供：{place}" if place else ""))
        for task, at, handed_on, due_on, results, statement, place in rows.values_list(*columns).iterator()
    }


def _progress_notes(chosen: Any, known: Q) -> dict[int, tuple[datetime, str]]:
    rows = Progress.objects.filter(known, task__in=chosen).order_by("created_at", "pk")
    return {task: (at, text) for task, at, text in rows.values_list("task", "created_at", "text").iterator()}


def _progress(
    status: str, note: tuple[datetime, str] | None, report: _Report | None, progress: tuple[datetime, str] | None
) -> str:
    """Return the newest of what is known: what is left to do, the report, or a note on progress."""
    said = [(report.at, f"报整改：{report.text}")] if report else []
    if note and status in TO_REPEAT:
        said.append((note[0], f"{RECTIFICATION_STATES[TaskStatus(status)]}：{note[1]}"))
    if progress:
        said.append(progress)
    at, text = max(said, default=(None, ""))
    return f"{timezone.localdate(at):%m-%d} {text}" if at else ""


def break_down(rows: Iterable[RectificationRow]) -> Breakdown:
    """Return the figures of the rows, by the same definitions as pages."""
    found = Breakdown()
    for row in rows:
        found.include(row.finding.source, row.unit_key, row.finding.section, row.figures)
    return found


def by_finding(rows: Iterable[RectificationRow]) -> list[list[RectificationRow]]:
    """Return the rows of each finding, findings that some unit has not closed first."""
    found: dict[int, list[RectificationRow]] = defaultdict(list)
    for row in rows:
        found[row.finding.serial].append(row)
    ordered = [sorted(found[serial], key=lambda row: row.unit_order) for serial in sorted(found)]
    return sorted(ordered, key=lambda group: all(row.is_closed for row in group))
