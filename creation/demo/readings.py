"""Readings of the demonstration: most targets are met, a few are not."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from random import Random

from creation.audit.actor import Actor
from creation.models import Task
from creation.rules.targets import Figures, MeasureKind
from creation.tasks import measure_readings

FALLING_SHORT = 0.12
SWING = "已核对，属实：上期基数较小。"


def enter(task: Task, actor: Actor, rng: Random) -> None:
    """Enter every missing reading of the task whose period has begun, with that of the year before."""
    year, today = task.campaign.year, actor.today
    for slot in measure_readings.slots_of(task):
        begun = date(year, 3 * int(slot.period[5:] or 1) - 2, 1) <= today  # a period is 2026 or 2026Q3
        figures = _figures(slot, date(year, 3, rng.randint(22, 30)), rng)
        if begun and slot.reading is None and (figures.day or today) <= today:
            if before := _year_before(figures):
                last_year = replace(slot, period=f"{year - 1}{slot.period[4:]}")
                _save(task, actor, last_year, before)
            _save(task, actor, slot, figures)


def _save(task: Task, actor: Actor, slot: measure_readings.ReadingSlot, figures: Figures) -> None:
    swings = measure_readings.swing(slot.measure, task.unit, slot.period, figures)
    measure_readings.save_reading(task, actor, slot, figures, SWING if swings else "", seen=0)


def _year_before(figures: Figures) -> Figures | None:
    """Return a little less than these figures, None for a date."""
    if figures.numerator is None or figures.denominator is None:
        return figures if figures.count is not None else None
    return Figures(figures.numerator, figures.denominator + 2)


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
