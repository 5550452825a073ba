"""The facts of a ledger row, read with a constant number of queries however many tasks there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Min, Q
from django.utils import timezone

from creation import marking
from creation.deadlines import workday_before
from creation.models import (
    ANSWERED,
    UNANSWERED,
    Action,
    AnswerMode,
    Assignment,
    AssignmentRole,
    Campaign,
    Citation,
    Holiday,
    Indicator,
    Progress,
    ReturnReason,
    Review,
    Submission,
    SubmittedCitation,
    Task,
    TaskEvent,
    TaskStatus,
    Unit,
    User,
)
from creation.models.evidence import CitationQuerySet
from creation.models.task import TaskQuerySet
from reports.ledger.then import Then
from reports.targets import of_campaign, target_texts

MODES = {AnswerMode.UPLOAD: "上传", AnswerMode.ON_SITE: "现场提供", AnswerMode.STATEMENT: "情况说明"}
STANDING = (TaskStatus.SIGNING, *ANSWERED)
ACTIONS = "阶段工作"  # heading under which work that is no indicator stands


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One task, in the words of the ledger. Empty strings where there is nothing to say."""

    section: str
    item: str
    point_key: str
    point: str
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
    answered_on: date | None = None
    approved_on: date | None = None
    task: int = 0
    unit_full: str = ""
    unit_order: tuple[int, int] = (0, 0)


def ledger_rows(tasks: TaskQuerySet, campaign: Campaign, then: Then | None = None) -> Iterator[LedgerRow]:
    """Rows in the order of paper, as they are or as they were ``then``. ``tasks`` must carry ``light`` and ``late``."""
    facts, places = _Facts(tasks, campaign, then), _Places(tasks, campaign)
    for task in places.in_order(tasks.by_paper().iterator(chunk_size=2000), then):
        yield facts.row(then.put_back(task) if then else task)


class _Places:
    """Units, indicators, actions, phases and owners: few rows that many tasks share, read once instead of joined to each."""

    def __init__(self, tasks: TaskQuerySet, campaign: Campaign) -> None:
        named = tasks.order_by()
        self.units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=named.values("unit"))}
        self.owners = {person.pk: person for person in User.objects.filter(pk__in=named.values("owner"))}
        self.phases = {phase.pk: phase for phase in campaign.phases.all()}
        self.actions = {action.pk: action for action in Action.objects.filter(phase__campaign=campaign)}
        self.indicators = {each.pk: each for each in Indicator.objects.filter(of_campaign(campaign, "system"))}
        for each in self.indicators.values():
            each.parent = self.indicators[each.parent_id] if each.parent_id else None

    def in_order(self, tasks: Iterable[Task], then: Then | None) -> Iterable[Task]:
        """Each with what it is shown with; checkpoints of a former edition in the order of that edition."""
        points = then.points if then else {}
        found = (self.put(task, points.get(task.pk)) for task in tasks)
        return sorted(found, key=_place) if points else found

    def put(self, task: Task, then: Indicator | None = None) -> Task:
        task.unit, task.phase = self.units[task.unit_id], self.phases[task.phase_id]
        task.owner = self.owners[task.owner_id] if task.owner_id else None
        point = then.pk if then else task.indicator_id
        task.indicator = self.indicators[point] if point else None
        task.action = self.actions[task.action_id] if task.action_id else None
        return task


def _place(task: Task) -> tuple[bool, int]:
    return task.indicator is None, task.indicator.order if task.indicator else 0


class _Facts:
    """What hangs on the tasks, fetched once and looked up by task."""

    def __init__(self, tasks: TaskQuerySet, campaign: Campaign, then: Then | None = None) -> None:
        chosen = tasks.order_by().values("pk")
        known = Q(at__lt=then.until) if then else Q()
        notes = Progress.objects.filter(known, task__in=chosen).order_by("day", "pk")
        self.progress = {row.task_id: row for row in notes}
        answers = Submission.objects.filter(known, task__in=chosen).order_by("number")
        self.submissions = {row.task_id: row for row in answers}
        self.answered: dict[int, date] = dict(answers.order_by().values_list("task").annotate(first=Min("handed_on")))
        reviews = Review.objects.filter(known, submission__task__in=chosen).select_related("submission").order_by("at")
        self.reviews = {row.submission.task_id: row for row in reviews}
        self.updated: dict[int, datetime] = dict(
            TaskEvent.objects.filter(known, task__in=chosen).order_by().values_list("task").annotate(last=Max("at"))
        )
        places = _places(chosen)
        self.citations = _citations(cited(chosen, then), campaign, places)
        if then is None:
            self.citations |= _handed_in(chosen, campaign, self.submissions, places)
        self.targets = target_texts(campaign)
        self.calendar = Holiday.objects.calendar()
        self.leads, self.examples = _assignments(campaign)
        if then and then.points:
            self.leads |= _former_leads(campaign, then, self.leads)

    def row(self, task: Task) -> LedgerRow:
        submission, progress = self.submissions.get(task.pk), self.progress.get(task.pk)
        evidence = self.citations.get(task.pk, [])
        section, item = _levels(task)
        moments = [self.updated.get(task.pk), progress.at if progress else None]
        updated = max((moment for moment in moments if moment), default=None)
        return LedgerRow(
            section=section,
            item=item,
            point_key=f"{task.phase_id}/{task.code}/{task.period}",
            point=f"{task.code} {task.title}",
            target=self.targets.get(task.indicator_id or 0, ""),
            proof=task.requirement,
            lead=self.leads.get(task.indicator_id or 0, "") if task.indicator_id else "",
            unit=f"{task.unit.short_name}（牵头）" if task.indicator_id and task.is_lead else task.unit.short_name,
            unit_name=task.unit.short_name,
            leader=task.unit.leader,
            liaison=task.owner.name if task.owner else "",
            due_on=task.due_on,
            due_before=workday_before(task.due_on, self.calendar) if task.status in UNANSWERED else None,
            measures=submission.measures if submission else "",
            progress=progress.text if progress else "",
            results=_results(submission),
            mode=MODES[AnswerMode(submission.mode)] if submission else "",
            evidence=_evidence_text(submission, evidence),
            evidence_count=len(evidence),
            review=self._review(task),
            problem=progress.problem if progress else "",
            rectify_by=self._rectify_by(task),
            updated_on=timezone.localdate(updated) if updated else None,
            remark=self._remark(task, submission),
            phase=task.phase.name,
            role=task.get_role_display() if task.indicator_id else "",
            status=task.get_status_display(),
            light=task.light_name,
            code=task.code,
            answered_on=self.answered.get(task.pk),
            approved_on=self._approved_on(task),
            task=task.pk,
            unit_full=task.unit.name,
            unit_order=(task.unit.order, task.unit_id),
        )

    def _review(self, task: Task) -> str:
        review = self.reviews.get(task.pk)
        if task.status == TaskStatus.APPROVED and review:
            return f"通过 {timezone.localdate(review.at):%Y-%m-%d}"
        if task.status == TaskStatus.RETURNED:
            reason = ReturnReason(review.reason).label if review and review.reason else "重新打开"
            return "退回：" + "。".join(filter(None, (reason, review.comment if review else "")))
        return {TaskStatus.SUBMITTED: "待审核", TaskStatus.SIGNING: "待审签"}.get(TaskStatus(task.status), "未报送")

    def _approved_on(self, task: Task) -> date | None:
        review = self.reviews.get(task.pk)
        return timezone.localdate(review.at) if review and task.status == TaskStatus.APPROVED else None

    def _rectify_by(self, task: Task) -> date | None:
        review = self.reviews.get(task.pk)
        return (review.new_due_on or task.due_on) if review and task.status == TaskStatus.RETURNED else None

    def _remark(self, task: Task, submission: Submission | None) -> str:
        marks = [
            "逾期报送" if getattr(task, "late", False) else "",
            "代填" if submission and submission.on_behalf else "",
            "示例分工" if (task.indicator_id, task.unit_id) in self.examples else "",
        ]
        return "、".join(filter(None, marks))


def _levels(task: Task) -> tuple[str, str]:
    if task.indicator and task.indicator.parent and task.indicator.parent.parent:
        item, section = task.indicator.parent, task.indicator.parent.parent
        return f"{section.code} {section.title}", f"{item.code} {item.title}"
    return ACTIONS, task.phase.name


def cited(chosen: Any, then: Then | None) -> CitationQuerySet:
    """What the tasks cite, or cited then."""
    if then is None:
        return Citation.objects.live().filter(task__in=chosen, evidence__held="")
    kept = Q(removed_at=None) | Q(removed_at__gte=then.until)
    there = Q(evidence__deleted_at=None) | Q(evidence__deleted_at__gte=then.until)
    in_sight = Q(evidence__hidden_at=None, evidence__held="")
    return Citation.objects.filter(kept, there, in_sight, task__in=chosen, at__lt=then.until)


def _places(chosen: Any) -> dict[tuple[int, str], str]:
    """The pages that the office found to prove the point, in brackets, by task and number."""
    places = marking.places(chosen)
    rows = (
        Citation.objects.live().filter(task__in=chosen).values_list("pk", "task_id", "number__point", "number__serial")
    )
    return {(task, f"{point}-{serial:02d}"): f"（{places[pk]}）" for pk, task, point, serial in rows if pk in places}


def _handed_in(
    chosen: Any, campaign: Campaign, latest: dict[int, Submission], places: dict[tuple[int, str], str]
) -> dict[int, list[str]]:
    """Of tasks whose answer stands: what it cited, in the words of its day."""
    standing = SubmittedCitation.objects.in_sight().filter(
        submission__task__in=chosen, submission__task__status__in=STANDING
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in standing.select_related("submission").order_by("number", "pk"):
        task = row.submission.task_id
        if latest[task].pk == row.submission_id:
            outside = _outside(campaign, row.dated_on, row.outside_reason)
            found[task].append(f"{row.number} {row.title}{places.get((task, row.number), '')}{outside}")
    return found


def _outside(campaign: Campaign, day: date | None, reason: str) -> str:
    """A piece from outside the window of admissible dates says so, and why it is there."""
    if day is None or campaign.admits(day):
        return ""
    return f"（{day:%Y-%m-%d}，时间范围外：{reason or '未说明理由'}）"


def _citations(
    citations: CitationQuerySet, campaign: Campaign, places: dict[tuple[int, str], str]
) -> dict[int, list[str]]:
    """Number and title of each piece, with the pages that the office found to prove the point."""
    found: dict[int, list[str]] = defaultdict(list)
    facts = ("task_id", "number__point", "number__serial", "evidence__title", "evidence__dated_on", "outside_reason")
    for task, point, serial, title, day, reason in citations.order_by("task", "number__serial").values_list(*facts):
        number = f"{point}-{serial:02d}"
        outside = _outside(campaign, day, reason)
        found[task].append(f"{number} {title}{places.get((task, number), '')}{outside}")
    return found


def _assignments(campaign: Campaign) -> tuple[dict[int, str], set[tuple[int | None, int]]]:
    """Indicator → short name of its lead; and the assignments that are still an example (示例)."""
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


def _former_leads(campaign: Campaign, then: Then, leads: dict[int, str]) -> dict[int, str]:
    """Checkpoints of a former edition: led by whom leads what came of them, or led the task that was ended."""
    ended = Task.objects.filter(campaign=campaign, role=AssignmentRole.LEAD).ended_by_edition()
    found = {point or 0: name for point, name in ended.values_list("indicator", "unit__short_name")}
    return found | {old: leads[now] for old, now in then.heirs.items() if now in leads}


def _results(submission: Submission | None) -> str:
    if submission is None:
        return ""
    readings = [f"{row['measure']}：{row['verdict']}" for row in submission.readings]
    return "\n".join(filter(None, [submission.results, *readings]))


def _evidence_text(submission: Submission | None, evidence: list[str]) -> str:
    if submission and submission.mode == AnswerMode.ON_SITE and not evidence:
        return f"现场提供。保管人：{submission.keeper}；地点：{submission.place}"
    if submission and submission.mode == AnswerMode.STATEMENT and not evidence:
        return "情况说明 1 份"
    return "\n".join([*evidence, f"共 {len(evidence)} 份"]) if evidence else ""
