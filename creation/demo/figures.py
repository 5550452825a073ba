"""Figures for the measured targets: most are met, a few are not."""

from datetime import date
from decimal import Decimal
from random import Random

from creation.audit.trail import Actor
from creation.models import Task
from creation.rules.targets import Figures, MeasureKind
from creation.tasks import measuring
from creation.tasks.measuring import Slot

QUARTER_MONTHS = {"Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}
# point → numerator and denominator for most, and for the few that fall short
RATIOS = {
    "2-2-2": ((18, 18), (9, 10)),
    "4-1-5": ((4, 62), (2, 55)),
    "5-1-2": ((39, 40), (17, 19)),
    "5-1-5": ((6, 6), (5, 6)),
    "5-1-6": ((7, 7), (6, 7)),
    "5-2-3": ((36, 36), (31, 36)),
    "5-4-3": ((23, 23), (22, 23)),
    "6-3-2": ((4128, 4870), (2910, 3820)),
}
COUNTS = {"4-3-3": (2, 0), "4-4-2": (42, 36), "7-2-2": (1, 0), "8-1-2": (2, 0)}
FALLING_SHORT = 0.12


def enter(task: Task, actor: Actor, rng: Random) -> None:
    """Enter a reading wherever the task asks for one whose time has come and that is not there yet."""
    for slot in measuring.slots_of(task):
        found = _figures(task, slot, actor.today, rng) if slot.reading is None else None
        if found:
            measuring.enter(task, actor, slot, found, "", seen=0)


def _figures(task: Task, slot: Slot, today: date, rng: Random) -> Figures | None:
    short = rng.random() < FALLING_SHORT
    if slot.measure.kind == MeasureKind.DATE:
        return _day(task.campaign.year, today, rng)
    if slot.measure.kind == MeasureKind.COUNT:
        return _count(task, slot, today, short, rng)
    top, bottom = RATIOS[task.code][short]
    times = rng.randint(1, 3)
    return Figures(numerator=Decimal(top * times), denominator=Decimal(bottom * times))


def _count(task: Task, slot: Slot, today: date, short: bool, rng: Random) -> Figures | None:
    month = QUARTER_MONTHS.get(slot.period[4:])
    if month and today < date(task.campaign.year, month, 28):
        return None
    met, missed = COUNTS[task.code]
    return Figures(count=Decimal(missed if short else met + rng.choice((0, 0, 1))))


def _day(year: int, today: date, rng: Random) -> Figures | None:
    """The report of the year before went out in the last days of March; early in the year it has not yet."""
    day = date(year, 3, rng.randint(22, 30))
    return Figures(day=day) if day <= today else None
