"""When something due is spoken of, and in which words. Pure: rows, the day and the slots already taken are handed in."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creation.deadlines import LADDER, OVERDUE_STEP, Workdays, overdue_ordinal, rung
from creation.models import PhaseKind

Told = tuple[int, str, str]  # person, subject, slot: what makes a notice unique


@dataclass(frozen=True, slots=True)
class Rule:
    """``ladder``: days before the due day; ``overdue_step``: workdays between two reminders afterwards."""

    ladder: tuple[int, ...] = LADDER
    overdue_step: int = OVERDUE_STEP


RULES: dict[str, Rule] = {kind: Rule() for kind in PhaseKind.values}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due: ``rule`` names the phase's kind, ``label`` and ``ask`` are words of the notice."""

    subject: str
    rule: str
    due_on: date
    label: str
    ask: str
    people: tuple[int, ...]
    task: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to tell one person."""

    person: int
    subject: str
    slot: str
    text: str
    task: int | None


def plan(rows: Sequence[Due], today: date, taken: Container[Told], calendar: Workdays) -> list[Planned]:
    """What is to be said today and was not said yet.

    A slot counts when it is reached, not when its day is met: after an outage the tightest one speaks, the looser ones
    that were missed do not. On days off nobody is spoken to; the next workday says it.
    """
    if not calendar.is_workday(today):
        return []
    slots = slots_of(rows, today, calendar)
    return [
        Planned(person, row.subject, slot, sentence(row, today, calendar), row.task)
        for row in rows
        if (slot := slots[row.rule, row.due_on])
        for person in row.people
        if (person, row.subject, slot) not in taken
    ]


def slots_of(rows: Sequence[Due], today: date, calendar: Workdays) -> dict[tuple[str, date], str | None]:
    """The slot that is reached on each due day, by rule; there are few of them for many rows."""
    days = {(row.rule, row.due_on) for row in rows}
    return {(rule, due_on): slot_of(due_on, today, calendar, RULES[rule]) for rule, due_on in days}


def slot_of(due_on: date, today: date, calendar: Workdays, rule: Rule) -> str | None:
    """The due day and its rung, ``2026-08-10/-7`` … ``/0``; past it the ordinal, ``2026-08-10/+1``. A new due day is a new slot."""
    ordinal = overdue_ordinal(due_on, today, calendar, rule.overdue_step)
    if ordinal:
        return f"{due_on}/+{ordinal}"
    step = rung(due_on, today, calendar, rule.ladder)
    if step is None:
        return None
    return f"{due_on}/-{step}" if step else f"{due_on}/0"


def horizon(today: date, calendar: Workdays) -> date:
    """The last due day that can be spoken of today: holidays bring rungs forward."""
    widest = timedelta(days=max(step for rule in RULES.values() for step in rule.ladder))
    day = today + widest
    while calendar.on_or_before(day + timedelta(days=1) - widest) <= today:
        day += timedelta(days=1)
    return day


def sentence(row: Due, today: date, calendar: Workdays) -> str:
    """``还有 3 天：4-3-3 每年组织案卷评查。请在 8 月 10 日前报送。``"""
    return f"{_left(row.due_on, today)}：{row.label}。请{_by(row.due_on, today, calendar)}{row.ask}。"


def _left(due_on: date, today: date) -> str:
    days = (due_on - today).days
    return f"还有 {days} 天" if days > 0 else "今天到期" if days == 0 else f"已逾期 {-days} 天"


def _by(due_on: date, today: date, calendar: Workdays) -> str:
    if due_on <= today:
        return "今天" if due_on == today else f"尽快（时限 {_day(due_on)}）"
    workday = calendar.on_or_before(due_on)
    if workday == due_on:
        return f"在 {_day(due_on)}前"
    return f"在 {_day(max(workday, today))}前（时限 {_day(due_on)}为休息日）"


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
