"""Charts of a campaign as pictures with their titles; none on a machine without a Chinese font."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO

from creation.lib.batches import batches
from creation.models import Campaign, Task, Unit
from creation.tasks import progress
from creation.tasks.figures import TaskFigures
from reports import chart_images
from reports.chart_images import ChartBar
from reports.word import layout

BARS_PER_IMAGE = 25  # bars that fit a page: 186 mm on paper
Pictures = list[tuple[BinaryIO, str]]


def overview(campaign: Campaign, today: date) -> Pictures:
    """Return completion by section, and by day against the plan."""
    found = _matrix(campaign, today).sections
    sections = campaign.system.indicators.sections().order_by("order")
    bars = [ChartBar(str(each), found[each.code].approved, found[each.code].total) for each in sections]
    days = progress.trend(campaign)
    try:
        pictures: Pictures = [(chart_images.completion_bars(bars), "各部分办结情况")]
        if len(days) > 1:
            labels = [f"{each.day.month}月{each.day.day}日" for each in days]
            line = chart_images.completion_line(labels, [100 * d.approved for d in days], [100 * d.due for d in days])
            pictures.append((line, "办结进度与计划"))
    except LookupError:
        return []
    return pictures


def by_unit(campaign: Campaign, today: date) -> Pictures:
    """Return completion by unit, in parts with as many bars as fit a page."""
    try:
        return _unit_pictures(_matrix(campaign, today).units)
    except LookupError:
        return []


def numbered(pictures: Pictures, first: int = 1) -> Pictures:
    """Return the pictures with 图1, 图2 … before their titles."""
    return [(picture, f"图{number}　{words}") for number, (picture, words) in enumerate(pictures, first)]


def _unit_pictures(found: Mapping[int, TaskFigures]) -> Pictures:
    units = Unit.objects.filter(pk__in=found).order_by("order", "pk")
    bars = [ChartBar(unit.short_name, found[unit.pk].approved, found[unit.pk].total) for unit in units]
    parts = list(batches(bars, BARS_PER_IMAGE))
    numbers = [""] if len(parts) == 1 else [f"（{layout.chinese(number)}）" for number in range(1, len(parts) + 1)]
    return [
        (chart_images.completion_bars(part), f"各单位办结情况{number}")
        for part, number in zip(parts, numbers, strict=False)
    ]


def _matrix(campaign: Campaign, today: date) -> progress.Matrix:
    return progress.matrix(Task.objects.active().of_plan().filter(campaign=campaign), today)
