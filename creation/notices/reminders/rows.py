"""What the planner reads: what each rule's condition finds, and who hears of it. Queries go by the lot, never by the task."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Coalesce

from creation.models import Notice, NoticeKind, Phase, ReminderRule, RuleAudience, Task, TaskStatus
from creation.notices.reminders.conditions import CONDITIONS, Condition, Moment, Per
from creation.notices.reminders.rules import Due, Rule, Told, horizon, overdue_before
from creation.notices.reminders.staff import ASKS, Owed, Staff

CHUNK = 5000  # tasks in memory at a time
NAMED = 5  # units that a line for the office names

LEADER_TEXT = "本单位“{phase}”有 {count} 项逾期未办，最早的{left}。请督促办理。"
OFFICE_TEXT = "“{phase}”有 {count} 项逾期，多次提醒未办，涉及 {unit}，最早的{left}。请催办。"

COLUMNS = (
    "pk", "unit", "unit__short_name", "due_on", "status", "owner", "owner__is_active", "owner__unit",
    Coalesce("indicator__code", "action__code"), Coalesce("indicator__title", "action__title"),
)  # fmt: skip


Counted = QuerySet[Any]  # of tasks, with ``counted_from``: the type checker does not carry annotations along


class Lot(NamedTuple):
    """What one unit has of something."""

    unit: int
    name: str
    amount: int
    first: date


def speaking_rules() -> dict[int, Rule]:
    return rules_of(ReminderRule.objects.speaking())


def rules_of(rows: Iterable[ReminderRule]) -> dict[int, Rule]:
    """The rules by key, each with its phase; a rule whose campaign has no such phase is left out."""
    phases = {(phase.campaign_id, phase.kind): phase for phase in Phase.objects.select_related("campaign")}
    found = ((row, phases.get((row.campaign_id, row.phase_kind))) for row in rows)
    return {row.pk: rule_of(row, phase) for row, phase in found if phase}


def rule_of(row: ReminderRule, phase: Phase) -> Rule:
    condition = CONDITIONS[row.condition]
    return Rule(
        pk=row.pk,
        ladder=tuple(row.ladder) if condition.rungs else (),
        overdue_every=row.overdue_every,
        text=row.text,
        condition=row.condition,
        audience=row.audience,
        campaign=row.campaign_id,
        district=phase.campaign.district_id,
        phase=phase.pk,
        phase_name=phase.name,
        leader_after=row.leader_after if condition.escalates else 0,
        office_after=row.office_after if condition.escalates else 0,
    )


def due_rows(rules: Iterable[Rule], moment: Moment) -> Iterator[list[Due]]:
    """Everything the rules could speak of on that day, in lists of at most CHUNK."""
    staff = Staff(moment.today)
    for rule in rules:
        condition = CONDITIONS[rule.condition]
        tasks = Task.objects.live().filter(phase=rule.phase)
        found = condition.find(tasks, moment).annotate(counted_from=condition.day)
        near = found.filter(counted_from__lte=horizon(moment.today, moment.calendar, rule.widest))
        yield from BY[condition.per](near, rule, condition, staff)
        if rule.overdue_every:
            yield [*_to_leaders(found, rule, moment, staff), *_to_office(found, rule, moment, staff)]


def taken_by(rows: list[Due], slots: Collection[str]) -> set[Told]:
    """What was said about these rows in these slots before."""
    said = Notice.objects.filter(kind=NoticeKind.REMINDER, subject__in=[row.subject for row in rows], slot__in=slots)
    return set(said.values_list("person_id", "subject", "slot"))


def _by_task(tasks: Counted, rule: Rule, condition: Condition, staff: Staff) -> Iterator[list[Due]]:
    for chunk in _chunks(tasks):
        heard = ((task, staff.audience(rule.audience, task, rule.campaign, rule.district)) for task in chunk)
        yield [_of_task(task, rule, people) for task, people in heard if people]


def _chunks(tasks: Counted) -> Iterator[list[Owed]]:
    """By key, not by one long read: a reader that stays open keeps SQLite's writers from going on."""
    rows = tasks.order_by("pk").values_list(*COLUMNS)
    last = 0
    while chunk := [Owed(*row) for row in rows.filter(pk__gt=last)[:CHUNK]]:
        yield chunk
        last = chunk[-1].pk


def _of_task(task: Owed, rule: Rule, people: tuple[int, ...]) -> Due:
    label, ask = f"{task.code} {task.title}", ASKS[TaskStatus(task.status)]
    return Due(f"task/{task.pk}", rule.pk, task.due_on, people, label, ask, task.unit_name, task=task.pk)


def _by_unit(tasks: Counted, rule: Rule, condition: Condition, staff: Staff) -> Iterator[list[Due]]:
    people = staff.holders(RuleAudience(rule.audience), rule.district, rule.campaign)
    yield [
        Due(
            f"phase/{rule.phase}/{rule.condition}/{lot.unit}",
            rule.pk,
            lot.first,
            people,
            unit=lot.name,
            count=lot.amount,
        )
        for lot in _lots(tasks)
    ]


def _by_phase(tasks: Counted, rule: Rule, condition: Condition, staff: Staff) -> Iterator[list[Due]]:
    people = staff.holders(RuleAudience(rule.audience), rule.district, rule.campaign)
    if lots := _lots(tasks):
        yield [
            _of_lots(lots, f"phase/{rule.phase}/{rule.condition}", rule, people, counts_units=condition.counts_units)
        ]


BY = {Per.TASK: _by_task, Per.UNIT: _by_unit, Per.PHASE: _by_phase}


def _lots(tasks: Counted, before: date | None = None) -> list[Lot]:
    if before:
        tasks = tasks.filter(counted_from__lt=before)
    grouped = tasks.order_by(F("unit__order"), "unit").values("unit", "unit__short_name", "unit__order")
    rows = grouped.annotate(amount=Count("pk"), first=Min("counted_from"))
    return [Lot(*row) for row in rows.values_list("unit", "unit__short_name", "amount", "first")]


def _of_lots(
    lots: list[Lot], subject: str, rule: Rule, people: tuple[int, ...], text: str = "", *, counts_units: bool = False
) -> Due:
    count = len(lots) if counts_units else sum(lot.amount for lot in lots)
    names = "、".join(lot.name for lot in lots[:NAMED]) + (f"等 {len(lots)} 个单位" if len(lots) > NAMED else "")
    first = min(lot.first for lot in lots)
    return Due(subject, rule.pk, first, people, unit=names, count=count, text=text, at_once=bool(text))


def _to_leaders(found: Counted, rule: Rule, moment: Moment, staff: Staff) -> Iterator[Due]:
    """One line a unit for its leader, who else would hear of each task by itself."""
    if not rule.leader_after or rule.audience == RuleAudience.UNIT_LEADER:
        return
    before = overdue_before(rule.leader_after, moment.today, moment.calendar, rule)
    for lot in _lots(found, before):
        people = staff.holders(RuleAudience.UNIT_LEADER, lot.unit, rule.campaign)
        yield _of_lots([lot], f"phase/{rule.phase}/late/{lot.unit}", rule, people, LEADER_TEXT)


def _to_office(found: Counted, rule: Rule, moment: Moment, staff: Staff) -> Iterator[Due]:
    """One line a phase for the office."""
    if not rule.office_after:
        return
    before = overdue_before(rule.office_after, moment.today, moment.calendar, rule)
    if lots := _lots(found, before):
        people = staff.holders(RuleAudience.OFFICE, rule.district, rule.campaign)
        yield _of_lots(lots, f"phase/{rule.phase}/late", rule, people, OFFICE_TEXT)
