"""The rows of a ledger, read with a constant number of queries, whatever the number of tasks."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache, partial
from typing import NamedTuple

from django.db.models import Max, Q
from django.utils import timezone

from creation.models import (
    ANSWERED,
    UNANSWERED,
    Action,
    AnswerMode,
    Assignment,
    AssignmentRole,
    Campaign,
    Holiday,
    Indicator,
    Progress,
    ReturnReason,
    Review,
    Submission,
    Task,
    TaskEvent,
    TaskStatus,
    Unit,
    User,
)
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import workday_before
from reports.ledger import citations
from reports.ledger.historical_state import HistoricalState
from reports.targets import of_campaign, target_texts

MODES: dict[str, str] = {AnswerMode.UPLOAD: "上传", AnswerMode.ON_SITE: "现场提供", AnswerMode.STATEMENT: "情况说明"}
ROLES: dict[str, str] = dict(AssignmentRole.choices)
WAITING: dict[str, str] = {TaskStatus.SUBMITTED: "待审核", TaskStatus.SIGNING: "待审签"}
LEAD, APPROVED, RETURNED = AssignmentRole.LEAD.value, TaskStatus.APPROVED.value, TaskStatus.RETURNED.value
ANSWERED_VALUES = frozenset(status.value for status in ANSWERED)
UNANSWERED_VALUES = frozenset(status.value for status in UNANSWERED)
ACTIONS = "工作事项"  # heading of tasks without an indicator


class LedgerRow(NamedTuple):
    """One task in the words of the ledger; "" where there is nothing. ``status`` and ``light`` are values, not labels."""

    section: str
    item: str
    checkpoint_key: str
    checkpoint: str
    target: str
    proof: str
    lead: str
    unit: str
    unit_name: str
    leader: str
    liaison: str
    due_on: date | None
    due_before: date | None
    measures: str
    progress: str
    results: str
    mode: str
    evidence: str
    evidence_count: int
    review: str
    problem: str
    rectify_by: date | None
    updated_on: date | None
    remark: str
    phase: str
    role: str
    status: str
    light: str
    code: str
    late: bool = False
    answered_on: date | None = None
    approved_on: date | None = None
    task: int = 0
    unit_full: str = ""
    unit_order: tuple[int, int] = (0, 0)
    quotation: str = ""  # the official wording of the checkpoint, with its source


class _TaskColumns(NamedTuple):
    """The columns of a task that the ledger reads. Ten thousand model instances would take longer than everything else."""

    pk: int
    unit_id: int
    indicator_id: int | None
    action_id: int | None
    phase_id: int
    owner_id: int | None
    period: str
    role: str
    status: str
    due_on: date | None
    light: str
    late: bool


class _AnswerColumns(NamedTuple):
    """The columns of a submission that the ledger reads."""

    pk: int
    mode: str
    measures: str
    results: str
    keeper: str
    place: str
    on_behalf: bool


class _NoteColumns(NamedTuple):
    """The columns of a note of progress that the ledger reads."""

    text: str
    problem: str
    created_at: datetime | None


class _ReviewColumns(NamedTuple):
    """The columns of a review that the ledger reads."""

    created_at: datetime
    reason: str
    comment: str
    new_due_on: date | None


class _Reopening(NamedTuple):
    """The event with which the office withdrew an approval."""

    created_at: datetime
    note: str


class _CheckpointTexts(NamedTuple):
    """The texts common to all tasks with the same indicator or action and phase."""

    section: str
    item: str
    key: str
    code: str
    checkpoint: str
    target: str
    proof: str
    lead: str
    phase: str
    quotation: str = ""


NO_ANSWER = _AnswerColumns(0, "", "", "", "", "", False)
NO_NOTE = _NoteColumns("", "", None)


def ledger_rows(tasks: TaskQuerySet, campaign: Campaign, state: HistoricalState | None = None) -> Iterator[LedgerRow]:
    """Yield the rows in ledger order, as of now or as of ``state``. ``tasks`` must be annotated with ``light`` and ``late``."""
    facts = _Facts(tasks, campaign, state)
    read = map(_TaskColumns._make, tasks.in_ledger_order().values_list(*_TaskColumns._fields).iterator(chunk_size=2000))
    return map(facts.row, facts.as_of(read, state) if state else read)


class _CheckpointCache(dict[tuple[int | None, int | None, int], _CheckpointTexts]):
    """Texts by indicator, action and phase: a few that many tasks share, composed once."""

    def __init__(self, campaign: Campaign, leads: dict[int, str], state: HistoricalState | None) -> None:
        super().__init__()
        self.leads, self.targets = leads, target_texts(campaign)
        self.phases = {phase.pk: phase for phase in campaign.phases.all()}
        self.actions = {action.pk: action for action in Action.objects.filter(phase__campaign=campaign)}
        for pk, wording in state.actions.items() if state else ():
            self.actions[pk].title, self.actions[pk].text = wording
        self.indicators = {each.pk: each for each in Indicator.objects.filter(of_campaign(campaign, "system"))}

    def __missing__(self, key: tuple[int | None, int | None, int]) -> _CheckpointTexts:
        indicator, action, phase = key
        found = self[key] = self._of_indicator(indicator, phase) if indicator else self._of_action(action or 0, phase)
        return found

    def _of_indicator(self, pk: int, phase_id: int) -> _CheckpointTexts:
        point, phase = self.indicators[pk], self.phases[phase_id]
        item = self.indicators[point.parent_id or 0]
        section = self.indicators[item.parent_id or 0]
        return _CheckpointTexts(
            section=f"{section.code} {section.title}",
            item=f"{item.code} {item.title}",
            key=f"{phase_id}/{point.code}/",
            code=point.code,
            checkpoint=f"{point.code} {point.title}",
            target=self.targets.get(pk, ""),
            proof=point.proof,
            lead=self.leads.get(pk, ""),
            phase=phase.name,
            quotation=point.quotation,
        )

    def _of_action(self, pk: int, phase_id: int) -> _CheckpointTexts:
        action, phase = self.actions[pk], self.phases[phase_id]
        return _CheckpointTexts(
            section=ACTIONS,
            item=phase.name,
            key=f"{phase_id}/{action.code}/",
            code=action.code,
            checkpoint=f"{action.code} {action.title}",
            target="",
            proof=action.text,
            lead="",
            phase=phase.name,
        )


class _Facts:
    """Related rows of the tasks, fetched once and looked up by task."""

    def __init__(self, tasks: TaskQuerySet, campaign: Campaign, state: HistoricalState | None = None) -> None:
        named, known = tasks.order_by(), Q(created_at__lt=state.until) if state else Q()
        chosen = named.values("pk")
        self.units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=named.values("unit"))}
        self.owners = dict(User.objects.filter(pk__in=named.values("owner")).values_list("pk", "name"))
        leads, self.examples = _assignments(campaign)
        if state and state.checkpoints:
            leads |= _former_leads(campaign, state, leads)
        self.checkpoints = _CheckpointCache(campaign, leads, state)
        notes = Progress.objects.filter(known, task__in=chosen).order_by("day", "pk")
        self.notes = {task: _NoteColumns(*rest) for task, *rest in notes.values_list("task_id", *_NoteColumns._fields)}
        self.answers: dict[int, _AnswerColumns] = {}
        self.answered: dict[int, date] = {}
        answers = Submission.objects.filter(known, task__in=chosen).order_by("number")
        for task, day, *rest in answers.values_list("task_id", "handed_on", *_AnswerColumns._fields).iterator():
            self.answers[task] = _AnswerColumns(*rest)
            self.answered[task] = min(day, self.answered.get(task, day))
        self.readings = dict(answers.exclude(readings=[]).values_list("pk", "readings"))  # few have any
        reviews = Review.objects.filter(known, submission__task__in=chosen).order_by("created_at")
        judged = reviews.values_list("submission__task_id", *_ReviewColumns._fields)
        self.reviews = {task: _ReviewColumns(*rest) for task, *rest in judged}
        events = TaskEvent.objects.filter(known, task__in=chosen).order_by()
        reopened = events.filter(move="reopen").order_by("created_at", "pk").values_list("task", "created_at", "note")
        self.reopenings = {task: _Reopening(at, note) for task, at, note in reopened}
        self.updated: dict[int, datetime] = dict(events.values_list("task").annotate(last=Max("created_at")))
        self.citations = citations.evidence_lines(chosen, campaign, state)
        calendar, self.zone = Holiday.objects.calendar(), timezone.get_current_timezone()
        self.workday_before = cache(partial(workday_before, calendar=calendar))

    def as_of(self, tasks: Iterable[_TaskColumns], state: HistoricalState) -> Iterable[_TaskColumns]:
        """Yield the tasks as of ``state``, with checkpoints of a former edition in the order of that edition."""
        past_tasks = (self._task_as_of(task, state) for task in tasks)
        return sorted(past_tasks, key=self._order_key) if state.checkpoints else past_tasks

    def _task_as_of(self, task: _TaskColumns, state: HistoricalState) -> _TaskColumns:
        if former := state.checkpoints.get(task.pk):
            task = task._replace(indicator_id=former.pk)
        starts = self.checkpoints.phases[task.phase_id].starts
        return task._replace(**state.of(task.pk, task.due_on, starts)._asdict())

    def _order_key(self, task: _TaskColumns) -> tuple[bool, int]:
        point = self.checkpoints.indicators[task.indicator_id] if task.indicator_id else None
        return point is None, point.order if point else 0

    def row(self, task: _TaskColumns) -> LedgerRow:
        pk, status = task.pk, task.status
        at, unit = self.checkpoints[task.indicator_id, task.action_id, task.phase_id], self.units[task.unit_id]
        answer, note, review = self.answers.get(pk, NO_ANSWER), self.notes.get(pk, NO_NOTE), self.reviews.get(pk)
        evidence = self.citations.get(pk, [])
        leads = task.indicator_id and task.role == LEAD
        return LedgerRow(
            section=at.section,
            item=at.item,
            checkpoint_key=at.key + task.period,
            checkpoint=at.checkpoint,
            target=at.target,
            proof=at.proof,
            lead=at.lead,
            unit=f"{unit.short_name}（牵头）" if leads else unit.short_name,
            unit_name=unit.short_name,
            leader=unit.leader,
            liaison=self.owners[task.owner_id] if task.owner_id else "",
            due_on=task.due_on,
            due_before=self.workday_before(task.due_on) if status in UNANSWERED_VALUES else None,
            measures=answer.measures,
            progress=note.text,
            results=self._results(answer),
            mode=MODES.get(answer.mode, ""),
            evidence=_evidence_text(answer, evidence),
            evidence_count=len(evidence),
            review=self._review(status, review, self.reopenings.get(pk)),
            problem=note.problem,
            rectify_by=(review.new_due_on or task.due_on) if review and status == RETURNED else None,
            updated_on=self._updated_on(pk, note.created_at),
            remark=self._remark(task, answer),
            phase=at.phase,
            role=ROLES[task.role] if task.indicator_id else "",
            status=status,
            light=task.light,
            late=task.late,
            code=at.code,
            answered_on=self.answered.get(pk) if status in ANSWERED_VALUES else None,
            approved_on=self._day(review.created_at) if review and status == APPROVED else None,
            task=pk,
            unit_full=unit.name,
            unit_order=(unit.order, task.unit_id),
            quotation=at.quotation,
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _updated_on(self, task: int, noted: datetime | None) -> date | None:
        moved = self.updated.get(task)
        latest = max(moved, noted) if moved and noted else moved or noted
        return self._day(latest) if latest else None

    def _results(self, answer: _AnswerColumns) -> str:
        if answer.pk not in self.readings:
            return answer.results
        readings = [f"{row['measure']}：{row['verdict']}" for row in self.readings[answer.pk]]
        return "\n".join(filter(None, [answer.results, *readings]))

    def _review(self, status: str, review: _ReviewColumns | None, reopening: _Reopening | None) -> str:
        """Return the result of the review. A returned task has the reason of the act that returned it, a review or a reopening."""
        if status == APPROVED and review:
            return f"通过 {self._day(review.created_at):%Y-%m-%d}"
        if status == RETURNED and reopening and not (review and review.created_at > reopening.created_at):
            return f"撤销通过：{reopening.note}"
        if status == RETURNED:
            reason = ReturnReason(review.reason).label if review and review.reason else "撤销通过"
            return "退回：" + "。".join(filter(None, (reason, review.comment if review else "")))
        return WAITING.get(status, "未报送")

    def _remark(self, task: _TaskColumns, answer: _AnswerColumns) -> str:
        marks = []
        if task.late:
            marks.append("逾期报送")
        if answer.on_behalf:
            marks.append("代填")
        if (task.indicator_id, task.unit_id) in self.examples:
            marks.append("示例分工")
        return "、".join(marks)


def _assignments(campaign: Campaign) -> tuple[dict[int, str], set[tuple[int | None, int]]]:
    """Return indicator → short name of its lead, and the assignments that are still examples (示例)."""
    leads: dict[int, str] = {}
    examples: set[tuple[int | None, int]] = set()
    rows = Assignment.objects.filter(campaign=campaign).values_list(
        "indicator", "unit", "unit__short_name", "role", "example"
    )
    for indicator, unit, name, role, example in rows:
        if role == AssignmentRole.LEAD:
            leads[indicator] = name
        if example and not campaign.assignments_confirmed:
            examples.add((indicator, unit))
    return leads, examples


def _former_leads(campaign: Campaign, state: HistoricalState, leads: dict[int, str]) -> dict[int, str]:
    """Return the lead of each checkpoint of a former edition: that of its successor, or of the task that ended."""
    ended = Task.objects.filter(campaign=campaign, role=AssignmentRole.LEAD).ended_by_edition()
    found = {point or 0: name for point, name in ended.values_list("indicator", "unit__short_name")}
    return found | {old: leads[now] for old, now in state.successors.items() if now in leads}


def _evidence_text(answer: _AnswerColumns, evidence: list[str]) -> str:
    if evidence:
        return "\n".join([*evidence, f"共 {len(evidence)} 份"])
    if answer.mode == AnswerMode.ON_SITE:
        return f"现场提供。保管人：{answer.keeper}；地点：{answer.place}"
    return "情况说明 1 份" if answer.mode == AnswerMode.STATEMENT else ""
