"""Readings of the demonstration: most targets are met, a few are not."""

from datetime import date
from decimal import ROUND_CEILING, Decimal
from random import Random

from creation.audit.actor import Actor
from creation.models import Task
from creation.rules.targets import Figures, MeasureKind
from creation.tasks import measure_readings

FALLING_SHORT = 0.12


def enter(task: Task, actor: Actor, rng: Random) -> None:
    """Enter every missing reading of the task whose period has begun."""
    year, today = task.campaign.year, actor.today
    for slot in measure_readings.slots_of(task):
        begun = date(year, 3 * int(slot.period[5:] or 1) - 2, 1) <= today  # a period is 2026 or 2026Q3
        figures = _figures(slot, date(year, 3, rng.randint(22, 30)), rng)
        if begun and slot.reading is None and (figures.day or today) <= today:
            measure_readings.save_reading(task, actor, slot, figures, "", seen=0)


def _figures(slot: measure_readings.ReadingSlot, day: date, rng: Random) -> Figures:
    """Return figures. ``day`` is the date of the report on the previous year."""
    if slot.measure.kind == MeasureKind.DATE or slot.measure.target is None:
        return Figures(day=day)
    short = rng.random() < FALLING_SHORT
    reached = slot.measure.target * (Decimal("0.9") if short else 1)
    if slot.measure.kind == MeasureKind.COUNT:
        return Figures(count=Decimal(int(reached) + (0 if short else rng.choice((0, 0, 1, 2)))))
    whole = Decimal(rng.randint(20, 90))
    return Figures(numerator=(whole * reached / 100).to_integral_value(ROUND_CEILING), denominator=whole)
