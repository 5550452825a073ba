"""Coordinates for charts. Templates draw them as SVG, which prints, needs no script and satisfies the content security policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from creation.models import Phase
from creation.rules.percent import percent_text
from creation.tasks.progress import TrendPoint

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 28
SPARKLINE = 90, 24  # width and height of a small line
BAR = 26  # height of a phase's bar in the timeline
TOP_ROW, LETTER = 20, 12  # y of the first bar, width of a Chinese character
MONTH_NAME = 30  # width of the longest, with the gap before it


@dataclass(frozen=True, slots=True)
class TrendLine:
    name: str
    kind: str
    points: str
    last: str


@dataclass(frozen=True, slots=True)
class AxisTick:
    position: float
    text: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    lines: list[TrendLine]
    days: list[AxisTick]
    shares: list[AxisTick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def trend_chart(days: Sequence[TrendPoint], today: date) -> TrendChart | None:
    """Return three lines over time: due, answered and approved, in percent of all tasks; None for fewer than two days."""
    if len(days) < 2:
        return None
    first, span = days[0].day, max((days[-1].day - days[0].day).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span, 1)

    def y(share: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)

    lines = [
        TrendLine(
            name,
            kind,
            " ".join(f"{x(day.day)},{y(getattr(day, kind))}" for day in days),
            percent_text(getattr(days[-1], kind)),
        )
        for name, kind in (("应完成", "due"), ("已报送", "answered"), ("已通过", "approved"))
    ]
    step = max(span // 5, 1)
    ticks = [first + timedelta(days=n) for n in range(0, span + 1, step)]
    return TrendChart(
        lines,
        [AxisTick(x(day), f"{day.month}-{day.day}") for day in ticks],
        [AxisTick(y(n / 4), f"{n * 25}%") for n in range(5)],
    )


@dataclass(frozen=True, slots=True)
class PhaseBar:
    phase: Phase
    x: float
    width: float
    y: int
    state: str
    label_x: float = 0
    place: str = "start"  # inside: in the bar; start, end: beside it, as SVG's text-anchor


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: list[PhaseBar]
    undated: list[tuple[Phase, int]]  # with the y of their dashed bar
    today: float | None
    months: list[AxisTick]
    height: int
    width: int = WIDTH
    bar: int = BAR


def timeline(phases: Sequence[Phase], today: date) -> Timeline | None:
    """Return the dated phases as bars on a common axis of months, with a mark for today; None when no phase is dated."""
    dated = [(phase, phase.starts, phase.ends) for phase in phases if phase.starts and phase.ends]
    if not dated:
        return None
    first = min(starts for _, starts, _ in dated).replace(day=1)
    last = max(ends for *_, ends in dated)
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(WIDTH * (day - first).days / span, 1)

    bars = [
        _phase_bar(phase, x(starts), max(round(x(ends) - x(starts), 1), 4.0), row, today)
        for row, (phase, starts, ends) in enumerate(dated)
    ]
    mark = x(today) if first <= today <= last else None
    left = [phase for phase in phases if not (phase.starts and phase.ends)]
    undated = [(phase, TOP_ROW + row * BAR) for row, phase in enumerate(left, len(bars))]
    return Timeline(bars, undated, mark, _months(first, last, x), 24 + (len(bars) + len(undated)) * BAR)


def _phase_bar(phase: Phase, x: float, width: float, row: int, today: date) -> PhaseBar:
    """Return the bar with its name inside, or beside it where there is room."""
    room = LETTER * len(phase.name) + 8
    place = "inside" if width >= room else "start" if x + width + room <= WIDTH else "end"
    at = {"inside": x + 6, "start": x + width + 4, "end": x - 4}[place]
    return PhaseBar(phase, x, width, TOP_ROW + row * BAR, phase.state(today), round(at, 1), place)


def _months(first: date, last: date, x: Callable[[date], float]) -> list[AxisTick]:
    """Return the first days of the months; the name of a last month that would be cut off at the edge is left out."""
    ticks, day = [], first
    while day <= last:
        ticks.append(AxisTick(x(day), f"{day.month}月" if x(day) + MONTH_NAME <= WIDTH else ""))
        day = (day + timedelta(days=32)).replace(day=1)
    return ticks


def sparkline(values: Sequence[Decimal]) -> str:
    """Return the points of a small line through the values, oldest first; "" for fewer than two."""
    if len(values) < 2:
        return ""
    low, span = min(values), max(values) - min(values)
    width, height = SPARKLINE
    step = (width - 4) / (len(values) - 1)

    def y(value: Decimal) -> float:
        return round(height - 3 - (height - 6) * float((value - low) / span if span else Decimal("0.5")), 1)

    return " ".join(f"{round(2 + step * place, 1)},{y(value)}" for place, value in enumerate(values))
