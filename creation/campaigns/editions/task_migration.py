"""Move what refers to old checkpoints to the new ones: tasks and their data, assignments, readings, replies, texts."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import OuterRef, QuerySet, Subquery

from creation.audit.actor import Actor
from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.campaigns.editions.comparison import State, differences
from creation.campaigns.editions.edition_tree import EditionTree
from creation.evidence.citing import CHANGEABLE_STATUSES
from creation.lib.batches import batches
from creation.lib.relations import Stays
from creation.models import (
    ApplicationEntry,
    AssessmentText,
    Assignment,
    AssignmentRole,
    Campaign,
    Citation,
    EditionChange,
    Finding,
    Indicator,
    IndicatorLevel,
    Measure,
    Reading,
    Reply,
    RolloverGap,
    Succession,
    SuccessionKind,
    SupervisionRound,
    Task,
    TaskCarry,
    TaskEvent,
)
from creation.models.copying import copy_instance

MOVE, EVENT_LABEL = "edition", "指标体系换版"


@dataclass(slots=True)
class MigrationResult:
    """The tasks that were affected, each with its note. ``changed``: the checkpoint has changed; ``ended``: the task ended."""

    changed: dict[Task, str] = field(default_factory=dict)
    ended: dict[Task, str] = field(default_factory=dict)


def lock_tasks(campaign: Campaign) -> None:
    """Lock the campaign's tasks, so that no answer arrives between the last comparison and the change."""
    rows = Task.objects.select_for_update(no_key=True).filter(campaign=campaign)
    list(rows.order_by("pk").values_list("pk", flat=True))


def migrate_tasks(change: EditionChange, tree: EditionTree, actor: Actor) -> MigrationResult:
    """Move everything to the new checkpoints. The caller must hold the locks of the campaign and its tasks."""
    campaign = change.campaign
    rows = Task.objects.filter(campaign=campaign, indicator__in=tree.old)
    tasks = list(rows.select_related("campaign", "unit", "owner", "indicator").order_by("pk"))
    mapping = _TaskMapping(tree, tasks)
    step = _Step(change, tree, mapping, actor)
    for decide in INDICATOR_KEYS.values():
        if not isinstance(decide, Stays):
            decide(step)
    _move_citations(step)
    _move_texts(step)
    result = _ChangeNotes(change, tree).of(mapping)
    _write_events(result, actor)
    return result


class _TaskMapping:
    """Which task moves to which checkpoint. Where two meet, the task of the continued checkpoint stays and that of the merged one ends."""

    def __init__(self, tree: EditionTree, tasks: list[Task]) -> None:
        self.target: dict[Task, Indicator] = {}
        self.ended: dict[Task, Indicator | None] = {}
        self.to_assist: list[int] = []  # were leads; the new checkpoint has one already
        self.survivors: dict[Task, Task] = {}  # a task that ended by a merger → the one that stays
        existing: dict[tuple[int, int, str], Task] = {}
        leads: set[int] = set()
        for task in tasks:
            if new := tree.continued.get(task.indicator_id or 0):
                self.target[task] = new
                existing[task.unit_id, new.pk, task.period] = task
                leads |= {new.pk} if task.is_lead and not task.dropped_on else set()
        for task in tasks:
            if task in self.target:
                continue
            into = tree.merged.get(task.indicator_id or 0)
            meets = existing.get((task.unit_id, into.pk, task.period)) if into else None
            if into and meets is None:
                self.target[task] = into
                existing[task.unit_id, into.pk, task.period] = task
                if task.is_lead and into.pk in leads:
                    self.to_assist.append(task.pk)
                elif task.is_lead and not task.dropped_on:
                    leads.add(into.pk)
            elif not task.dropped_on:
                self.ended[task] = into
                if meets is not None:
                    self.survivors[task] = meets


@dataclass(frozen=True, slots=True)
class _Step:
    """The arguments of the functions below that move rows."""

    change: EditionChange
    tree: EditionTree
    plan: _TaskMapping
    actor: Actor

    @property
    def campaign(self) -> Campaign:
        return self.change.campaign

    @property
    def heir(self) -> QuerySet[Succession]:
        """The checkpoint that continues the outer row's ``indicator`` or absorbed it, never one that was split off."""
        successions = Succession.objects.filter(change=self.change, before=OuterRef("indicator"))
        return successions.exclude(kind=SuccessionKind.SPLIT)


def _move_tasks(step: _Step) -> None:
    change, mapping, actor = step.change, step.plan, step.actor
    carries = [
        TaskCarry(change=change, task=task, before_id=task.indicator_id or 0, after=new)
        for task, new in mapping.target.items()
    ]
    carries += [TaskCarry(change=change, task=task, before_id=task.indicator_id or 0) for task in mapping.ended]
    TaskCarry.objects.bulk_create(carries, batch_size=500)
    going = TaskCarry.objects.filter(change=change, task=OuterRef("pk"), after__isnull=False)
    rows = Task.objects.filter(carries__in=change.carries.filter(after__isnull=False))
    rows.update(indicator=Subquery(going.values("after")[:1]))
    for keys in batches(mapping.to_assist):
        Task.objects.filter(pk__in=keys).update(role=AssignmentRole.ASSIST)
    for into in {new.pk if new else 0: new for new in mapping.ended.values()}.values():
        ended = [task.pk for task, new in mapping.ended.items() if new == into]
        reason = _reason(change, into)
        for keys in batches(ended):
            Task.objects.filter(pk__in=keys).bump(dropped_on=actor.today, ended=reason)


def _reason(change: EditionChange, into: Indicator | None) -> str:
    note = f"指标体系换为“{change.edition}”，" + (f"要点并入 {into}，由该要点的任务继续" if into else "该要点已删除")
    return note[:200]


def _move_citations(step: _Step) -> None:
    """Move the citations of a task that ended by a merger to the task that stays, with the same numbers, if that one may still change."""
    mapping, actor = step.plan, step.actor
    changeable = {
        old: new for old, new in mapping.survivors.items() if new.status in CHANGEABLE_STATUSES and not new.dropped_on
    }
    existing = set(
        Citation.objects.filter(task__in=[new.pk for new in changeable.values()]).values_list("task", "evidence")
    )
    by_pk = {old.pk: new for old, new in changeable.items()}
    new_rows = []
    for cited in Citation.objects.filter(task__in=list(by_pk), removed_at=None).order_by("pk"):
        task = by_pk[cited.task_id]
        if (task.pk, cited.evidence_id) not in existing:
            existing.add((task.pk, cited.evidence_id))
            new_rows.append(copy_instance(cited, task_id=task.pk, created_at=actor.at))
    Citation.objects.bulk_create(new_rows, batch_size=500)


def _move_assignments(step: _Step) -> None:
    """Delete the assignments of removed checkpoints; give split-off checkpoints the units of the one they come from."""
    campaign, tree = step.campaign, step.tree
    rows = list(Assignment.objects.filter(campaign=campaign, indicator__in=tree.old).order_by("pk"))
    parts: dict[int, dict[int, Assignment]] = defaultdict(dict)
    for row in rows:
        if new := tree.continued.get(row.indicator_id):
            parts[new.pk][row.unit_id] = copy_instance(row, indicator_id=new.pk)
    for row in rows:
        if new := tree.merged.get(row.indicator_id):
            led = any(part.role == AssignmentRole.LEAD for part in parts[new.pk].values())
            if row.role == AssignmentRole.LEAD and not led:
                parts[new.pk][row.unit_id] = copy_instance(row, indicator_id=new.pk)
            role = AssignmentRole.ASSIST.value if led else row.role
            parts[new.pk].setdefault(row.unit_id, copy_instance(row, indicator_id=new.pk, role=role))
    for new_pk, old_pk in tree.split.items():
        parts[new_pk] = {
            row.unit_id: copy_instance(row, indicator_id=new_pk) for row in rows if row.indicator_id == old_pk
        }
    Assignment.objects.filter(campaign=campaign, indicator__in=tree.old).delete()
    Assignment.objects.bulk_create([part for each in parts.values() for part in each.values()], batch_size=500)


def _move_measures(step: _Step) -> None:
    """Copy the targets, since the old edition keeps its own; move this year's readings to the copies."""
    campaign, tree = step.campaign, step.tree
    successors = tree.continued | tree.merged
    old_measures = list(Measure.objects.filter(indicator__in=successors).order_by("pk"))
    old_measures.sort(key=lambda measure: measure.indicator_id in tree.merged)
    made: dict[tuple[int, str], Measure] = {}
    to: dict[int, tuple[int, str]] = {}
    for old in old_measures:
        key = (successors[old.indicator_id].pk, old.name)
        to[old.pk] = key
        if key not in made:
            made[key] = copy_instance(old, indicator_id=key[0])
    Measure.objects.bulk_create(made.values(), batch_size=500)
    existing: set[tuple[int, int, str]] = set()
    moved = []
    for reading in Reading.objects.filter(measure__in=to, period__startswith=str(campaign.year)).order_by("pk"):
        reading.measure = made[to[reading.measure_id]]
        place = (reading.measure_id, reading.unit_id, reading.period)
        if place not in existing:
            existing.add(place)
            moved.append(reading)
    Reading.objects.bulk_update(moved, ["measure"], batch_size=500)


def _move_replies(step: _Step) -> None:
    replies = Reply.objects.filter(campaign=step.campaign, indicator__in=[*step.tree.continued, *step.tree.merged])
    replies.update(indicator=Subquery(step.heir.values("after")[:1]))


def _move_application(step: _Step) -> None:
    """Move the application entries of continued checkpoints. Those of merged checkpoints stay with the old edition."""
    going = step.heir.filter(kind=SuccessionKind.ON)
    ticks = ApplicationEntry.objects.filter(campaign=step.campaign, indicator__in=list(step.tree.continued))
    ticks.update(indicator=Subquery(going.values("after")[:1]))


def _move_undecided(step: _Step) -> None:
    """Move last year's undecided points; one about a removed checkpoint keeps only its text."""
    left = RolloverGap.objects.filter(campaign=step.campaign, indicator__in=step.tree.old)
    left.update(indicator=Subquery(step.heir.values("after")[:1]))


def _move_findings(step: _Step) -> None:
    """Let findings follow their checkpoint; one about a removed checkpoint keeps its own words."""
    about = Finding.objects.filter(campaign=step.campaign, indicator__in=step.tree.old)
    about.update(indicator=Subquery(step.heir.values("after")[:1]))


def _move_points(step: _Step) -> None:
    """Let rounds look at the heirs of their points; a removed one is left out."""
    successions = Succession.objects.filter(change=step.change).exclude(kind=SuccessionKind.SPLIT)
    heirs = dict(successions.values_list("before", "after"))
    for row in SupervisionRound.objects.filter(campaign=step.campaign, points__in=step.tree.old).distinct():
        old = [point.pk for point in row.points.all() if point.pk in step.tree.old]
        row.points.add(*{heirs[pk] for pk in old if heirs.get(pk)})
        row.points.remove(*old)


def _move_texts(step: _Step) -> None:
    """Move the office's own texts in the self-assessment to the new code of their item.

    The text of a removed item is kept in a slot of its own, so that its former slot is free.
    """
    campaign, change, tree = step.campaign, step.change, step.tree
    items = [node for node in tree.old.values() if node.level == IndicatorLevel.ITEM]
    slots = {node.code: tree.continued[node.pk].code if node.pk in tree.continued else "" for node in items}
    texts = [
        text
        for text in AssessmentText.objects.filter(campaign=campaign, slot__in=slots)
        if slots[text.slot] != text.slot
    ]
    wanted = {text.pk: slots[text.slot] or f"e{change.pk}:{text.slot}"[:20] for text in texts}
    for text in texts:
        text.slot = f"~{text.pk}"  # two texts may swap slots, which are unique
    AssessmentText.objects.bulk_update(texts, ["slot"])
    for text in texts:
        text.slot = wanted[text.pk]
    AssessmentText.objects.bulk_update(texts, ["slot"])


class _ChangeNotes:
    """The notes for tasks whose checkpoint has changed."""

    def __init__(self, change: EditionChange, tree: EditionTree) -> None:
        self.change, self.tree = change, tree

    def of(self, mapping: _TaskMapping) -> MigrationResult:
        result = MigrationResult()
        for task, new in mapping.target.items():
            old = self.tree.old[task.indicator_id or 0]
            note = self._said(old, new)
            if note and not task.dropped_on:
                result.changed[task] = note
        for task, into in mapping.ended.items():
            result.ended[task] = _reason(self.change, into) + "。已报送的答复、审核记录和资料仍可查看。"
        return result

    def _said(self, old: Indicator, new: Indicator) -> str:
        if old.pk in self.tree.merged:
            return f"换为“{self.change.edition}”：原 {old} 并入 {new}。"
        states = differences(_compared(old), _compared(new))
        if not states:
            return ""
        renamed = f"原 {old}，现为 {new}" if {State.RENAMED, State.MOVED} & set(states) else f"{new}"
        asks = "；指标原文或印证资料要求有修改，请核对" if State.REWORDED in states else ""
        return f"换为“{self.change.edition}”：{renamed}{asks}。"


def _compared(node: Indicator) -> ComparedCheckpoint:
    return ComparedCheckpoint(node.code, node.title, node.proof, "", "", official_wording=node.official_wording)


def _write_events(result: MigrationResult, actor: Actor) -> None:
    rows = [
        TaskEvent(
            task=task,
            move=MOVE,
            label=EVENT_LABEL,
            source=task.status,
            target=task.status,
            note=note,
            created_by=actor.person,
            created_at=actor.at,
        )
        for task, note in [*result.changed.items(), *result.ended.items()]
    ]
    TaskEvent.objects.bulk_create(rows, batch_size=500)
    touched = [task.pk for task in result.changed]
    for keys in batches(touched):
        Task.objects.filter(pk__in=keys).bump()


# The decision about every key to Indicator, in the order in which they are carried out.
INDICATOR_KEYS: dict[str, Callable[[_Step], None] | Stays] = {
    "Task.indicator": _move_tasks,
    "Assignment.indicator": _move_assignments,
    "Measure.indicator": _move_measures,
    "Reply.indicator": _move_replies,
    "ApplicationEntry.indicator": _move_application,
    "RolloverGap.indicator": _move_undecided,
    "Finding.indicator": _move_findings,
    "AppraisalPoint.indicator": Stays("a score sheet keeps the checkpoints that it was made of"),
    "SupervisionRound.points": _move_points,
    "Indicator.parent": Stays("each edition is a tree of its own"),
    "Succession.before": Stays("the record of the change itself"),
    "Succession.after": Stays("the record of the change itself"),
    "TaskCarry.before": Stays("the record of the change itself"),
    "TaskCarry.after": Stays("the record of the change itself"),
}
