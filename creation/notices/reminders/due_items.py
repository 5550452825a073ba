"""Reads for the planner what each rule's condition finds, and the recipients. The number of queries does not depend on that of tasks."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, QuerySet, Value
from django.db.models.functions import Coalesce

from creation.models import Notice, NoticeKind, Phase, ReminderRule, RuleAudience, TaskStatus
from creation.notices.reminders.condition_tasks import Answers, EvaluationDate
from creation.notices.reminders.conditions import CONDITIONS, Condition, Escalation, ReminderScope, tasks_of
from creation.notices.reminders.phase_plan import plan_text
from creation.notices.reminders.planner import DueItem, NoticeKey, PlannerRule, horizon
from creation.notices.reminders.role_holders import OpenTask, RoleHolders
from creation.rules.reminder_days import overdue_before

CHUNK_SIZE = 5000  # tasks in memory at a time
MAX_NAMED_UNITS = 5  # units named in a line for the office

COLUMNS = (
    "pk", "unit", "unit__short_name", "due_on", "status_then", "owner", "owner__is_active", "owner__unit",
    Coalesce("indicator__code", "action__code", "finding__code"), Coalesce("indicator__title", "action__title", "finding__title"),
)  # fmt: skip


# Tasks with ``counted_from`` and ``status_then``; the type checker does not see annotations.
CountedTasks = QuerySet[Any]


class UnitCount(NamedTuple):
    """A unit with a number of items."""

    unit: int
    name: str
    amount: int
    first: date


def enabled_rules() -> dict[int, PlannerRule]:
    return rules_of(ReminderRule.objects.enabled())


def rules_of(rows: Iterable[ReminderRule]) -> dict[int, PlannerRule]:
    """Return the rules by key, each with its phase. Rules whose campaign lacks the phase are left out."""
    phases = {(phase.campaign_id, phase.kind): phase for phase in Phase.objects.select_related("campaign")}
    found = ((row, phases.get((row.campaign_id, row.phase_kind))) for row in rows)
    return {row.pk: rule_of(row, phase) for row, phase in found if phase}


def rule_of(row: ReminderRule, phase: Phase) -> PlannerRule:
    condition = CONDITIONS[row.condition]
    return PlannerRule(
        pk=row.pk or 0,
        lead_times=tuple(row.lead_times) if condition.has_lead_times else (),
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
        plan=plan_text(phase) if "plan" in condition.fields else "",
    )


def find_due(rules: Iterable[PlannerRule], evaluation: EvaluationDate) -> Iterator[list[DueItem]]:
    """Yield everything that the rules find on that day, in lists of at most CHUNK_SIZE."""
    role_holders = RoleHolders(evaluation.today)
    for rule in rules:
        condition = CONDITIONS[rule.condition]
        found = _found(rule, condition, evaluation)
        near = found.filter(counted_from__lte=horizon(evaluation.today, evaluation.calendar, rule.longest_lead_time))
        yield from GROUPINGS[condition.scope](near, rule, condition, role_holders)
        if rule.overdue_every and condition.escalation:
            yield [
                *_leader_items(found, rule, condition.escalation, evaluation, role_holders),
                *_office_items(found, rule, condition.escalation, evaluation, role_holders),
            ]


def _found(rule: PlannerRule, condition: Condition, evaluation: EvaluationDate) -> CountedTasks:
    """Return what the condition finds; where answers are assumed, every task as open, and those of the past as answered."""
    tasks = tasks_of(condition, rule.phase, rule.campaign)
    status = Value(TaskStatus.OPEN.value) if evaluation.assumes_answers else F("status")
    counted = (evaluation.assumes_answers and condition.assumed_day) or condition.counted_day
    found = condition.find(tasks, evaluation).annotate(counted_from=counted, status_then=status)
    if evaluation.answers is Answers.ON_THE_DUE_DAY and condition.has_lead_times:
        return found.filter(counted_from__gte=evaluation.today)
    return found


def sent_keys(rows: list[DueItem], keys: Collection[str]) -> set[NoticeKey]:
    """Return the keys of notices already written about these rows in these slots."""
    sent = Notice.objects.filter(kind=NoticeKind.REMINDER, subject__in=[row.subject for row in rows], slot__in=keys)
    return set(sent.values_list("person_id", "subject", "slot"))


def _items_by_task(
    tasks: CountedTasks, rule: PlannerRule, condition: Condition, role_holders: RoleHolders
) -> Iterator[list[DueItem]]:
    for chunk in _chunks(tasks):
        with_recipients = (
            (task, role_holders.recipients(rule.audience, task, rule.campaign, rule.district)) for task in chunk
        )
        yield [_due_item_of_task(task, rule, people, role_holders) for task, people in with_recipients if people]


def _chunks(tasks: CountedTasks) -> Iterator[list[OpenTask]]:
    """Yield tasks in chunks, by key. A single long read would block SQLite's writers."""
    rows = tasks.order_by("pk").values_list(*COLUMNS)
    last = 0
    while chunk := [OpenTask(*row) for row in rows.filter(pk__gt=last)[:CHUNK_SIZE]]:
        yield chunk
        last = chunk[-1].pk


def _due_item_of_task(task: OpenTask, rule: PlannerRule, people: tuple[int, ...], role_holders: RoleHolders) -> DueItem:
    label, ask = f"{task.code} {task.title}", role_holders.requested_action(task.status, task.unit, rule.campaign)
    return DueItem(
        f"task/{task.pk}",
        rule.pk,
        task.due_on,
        people,
        label,
        ask,
        task.unit_name,
        task=task.pk,
        told_from=_told_from(task.unit, rule, role_holders),
    )


def _told_from(unit: int, rule: PlannerRule, role_holders: RoleHolders) -> int:
    """Return the number of the overdue reminder from which somebody else is told of it too; 0 for never, also for lack of anybody."""
    steps = (
        rule.leader_after
        if rule.audience != RuleAudience.UNIT_LEADER
        and role_holders.holders(RuleAudience.UNIT_LEADER, unit, rule.campaign)
        else 0,
        rule.office_after if role_holders.holders(RuleAudience.OFFICE, rule.district, rule.campaign) else 0,
    )
    return min(filter(None, steps), default=0)


def _items_by_unit(
    tasks: CountedTasks, rule: PlannerRule, condition: Condition, role_holders: RoleHolders
) -> Iterator[list[DueItem]]:
    people = role_holders.holders(RuleAudience(rule.audience), rule.district, rule.campaign)
    yield [
        DueItem(
            f"phase/{rule.phase}/{rule.condition}/{unit_count.unit}",
            rule.pk,
            unit_count.first,
            people,
            unit=unit_count.name,
            count=unit_count.amount,
        )
        for unit_count in _count_by_unit(tasks)
    ]


def _items_by_phase(
    tasks: CountedTasks, rule: PlannerRule, condition: Condition, role_holders: RoleHolders
) -> Iterator[list[DueItem]]:
    people = role_holders.holders(RuleAudience(rule.audience), rule.district, rule.campaign)
    if unit_counts := _count_by_unit(tasks):
        yield [
            _due_item_of_units(
                unit_counts, f"phase/{rule.phase}/{rule.condition}", rule, people, counts_units=condition.counts_units
            )
        ]


GROUPINGS = {
    ReminderScope.TASK: _items_by_task,
    ReminderScope.UNIT: _items_by_unit,
    ReminderScope.PHASE: _items_by_phase,
}


def _count_by_unit(tasks: CountedTasks, before: date | None = None) -> list[UnitCount]:
    if before:
        tasks = tasks.filter(counted_from__lt=before)
    grouped = tasks.order_by(F("unit__order"), "unit").values("unit", "unit__short_name", "unit__order")
    rows = grouped.annotate(amount=Count("pk"), first=Min("counted_from"))
    return [UnitCount(*row) for row in rows.values_list("unit", "unit__short_name", "amount", "first")]


def _due_item_of_units(
    unit_counts: list[UnitCount],
    subject: str,
    rule: PlannerRule,
    people: tuple[int, ...],
    text: str = "",
    *,
    counts_units: bool = False,
) -> DueItem:
    count = len(unit_counts) if counts_units else sum(unit_count.amount for unit_count in unit_counts)
    names = "、".join(unit_count.name for unit_count in unit_counts[:MAX_NAMED_UNITS]) + (
        f"等 {len(unit_counts)} 个单位" if len(unit_counts) > MAX_NAMED_UNITS else ""
    )
    first = min(unit_count.first for unit_count in unit_counts)
    return DueItem(subject, rule.pk, first, people, unit=names, count=count, text=text, at_once=bool(text))


def _leader_items(
    found: CountedTasks, rule: PlannerRule, said: Escalation, evaluation: EvaluationDate, role_holders: RoleHolders
) -> Iterator[DueItem]:
    """Yield one line per unit for its leader, unless leaders are the rule's recipients anyway."""
    if not rule.leader_after or rule.audience == RuleAudience.UNIT_LEADER:
        return
    before = overdue_before(rule.leader_after, evaluation.today, evaluation.calendar, rule.overdue_every)
    for unit_count in _count_by_unit(found, before):
        people = role_holders.holders(RuleAudience.UNIT_LEADER, unit_count.unit, rule.campaign)
        subject = f"phase/{rule.phase}/{said.key}/{unit_count.unit}"
        yield _due_item_of_units([unit_count], subject, rule, people, said.leader_text)


def _office_items(
    found: CountedTasks, rule: PlannerRule, said: Escalation, evaluation: EvaluationDate, role_holders: RoleHolders
) -> Iterator[DueItem]:
    """Yield one line per phase for the office."""
    if not rule.office_after:
        return
    before = overdue_before(rule.office_after, evaluation.today, evaluation.calendar, rule.overdue_every)
    if unit_counts := _count_by_unit(found, before):
        people = role_holders.holders(RuleAudience.OFFICE, rule.district, rule.campaign)
        yield _due_item_of_units(unit_counts, f"phase/{rule.phase}/{said.key}", rule, people, said.office_text)
