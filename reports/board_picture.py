"""The leaders' board as one picture of 1920 × 1080 pixels for a slide, drawn with the first Chinese font found."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from unicodedata import east_asian_width

from django.utils import timezone

from creation.briefing.board import Board
from creation.models import Campaign, Unit
from creation.rules.deadlines import LIGHT_NAMES, Light
from creation.rules.percent import percent_text
from creation.tasks.progress import NamedUnit
from reports.canvas import Canvas

WIDTH, HEIGHT = 1920, 1080
EDGE, GAP = 40, 28
INK, MUTED, PAPER, PANEL, RED = "#17212b", "#4d5966", "#f2f5f9", "#ffffff", "#b3121d"
COLOURS = {  # of a light: background and text, as on the page
    Light.GREEN: ("#14693c", "#ffffff"),
    Light.BLUE: ("#1f5fa8", "#ffffff"),
    Light.RED: ("#b3121d", "#ffffff"),
    Light.YELLOW: ("#f2c230", "#17212b"),
    Light.GREY: ("#d5dce4", "#17212b"),
    Light.NONE: ("#e9eef4", "#17212b"),
}
COLUMNS = 6  # of units
NARROW, SMALLEST = 0.58, 14  # width of a Latin letter in that of a Chinese one; pixels
LATER = 4  # units and points that became worse or better, named
LINE = 31  # pixels


class BoardCanvas(Canvas):
    """The slide. Raises LookupError without a Chinese font."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT, PAPER)

    def text(
        self, x: float, y: float, words: str, size: float, colour: str = INK, at: str = "left", *, bold: bool = False
    ) -> None:
        super().text(x, y, words, size, colour, at, bold=bold)

    def box(self, x: float, y: float, width: float, height: float, colour: str = PANEL) -> None:
        super().box(x, y, width, height, colour)

    def lines(
        self, x: float, y: float, words: str, size: float, width: float, most: int = 2, *, colour: str = INK
    ) -> float:
        """Write at most so many lines; return the y below."""
        for line in wrapped(words, width / size, most):
            self.text(x, y, line, size, colour)
            y += size * 1.4
        return y

    def fitted(self, x: float, y: float, words: str, size: float, width: float, colour: str = INK) -> None:
        """Write one line, smaller where it would not fit, down to SMALLEST."""
        size = max(SMALLEST, min(size, width / max(width_of(words), 1)))
        self.lines(x, y, words, size, width, 1, colour=colour)


def width_of(words: str) -> float:
    """Return the width in Chinese characters."""
    return sum(1.0 if east_asian_width(letter) in "WF" else NARROW for letter in words)


def wrapped(words: str, width: float, most: int) -> list[str]:
    """Break a text into lines of ``width`` Chinese characters; what does not fit ends with …"""
    rows, room = [""], width
    for letter in words:
        wide = width_of(letter)
        if wide > room + 0.01:
            if len(rows) == most:
                rows[-1] = rows[-1][:-1] + "…"
                return rows
            rows.append("")
            room = width
        rows[-1] += letter
        room -= wide
    return rows


def write(campaign: Campaign, board: Board, now: datetime, path: Path) -> Path:
    """Draw the board. Raises LookupError without a Chinese font."""
    canvas = BoardCanvas()
    canvas.text(EDGE, 52, str(campaign), 40, bold=True)
    canvas.text(WIDTH - EDGE, 52, f"数据截至 {timezone.localtime(now):%Y年%m月%d日 %H:%M}", 24, MUTED, "right")
    _tiles(canvas, board)
    half = (WIDTH - 2 * EDGE - GAP) / 2
    _panel(canvas, (EDGE, 270, half, 380), "各部分办结情况", lambda *area: _sections(canvas, board, *area))
    _panel(canvas, (EDGE + half + GAP, 270, half, 380), "需要拍板的事", lambda *area: _decisions(canvas, board, *area))
    change = board.change
    title = f"与 {change.since.month}月{change.since.day}日 相比" if change else "一周变化"
    _panel(canvas, (EDGE, 678, 560, 372), title, lambda *area: _week(canvas, board, *area))
    units = WIDTH - 2 * EDGE - 560 - GAP
    _panel(
        canvas,
        (EDGE + 560 + GAP, 678, units, 372),
        "各单位（已通过 / 任务数）",
        lambda *area: _units(canvas, board, *area),
    )
    canvas.save(path)
    return path


def _panel(
    canvas: BoardCanvas, area: tuple[float, ...], title: str, fill: Callable[[float, float, float, float], None]
) -> None:
    """Draw a box with a title; ``area`` is x, y, width and height, and ``fill`` draws into what is left of it."""
    x, y, width, height = area
    canvas.box(x, y, width, height)
    canvas.text(x + 22, y + 32, title, 28, bold=True)
    fill(x + 22, y + 66, width - 44, height - 80)


def _figures(board: Board) -> Iterator[tuple[str, str, str, bool]]:
    """Yield name, figure, explanation, and whether it is red."""
    whole, counts = board.whole, board.rectifications
    elapsed = "" if board.elapsed is None else f"，时间过 {percent_text(board.elapsed)}"
    yield "办结率", percent_text(whole.done_rate), f"{whole.approved} / {whole.total}{elapsed}", False
    yield "报送率", percent_text(whole.report_rate), f"到期 {whole.due} 项", False
    yield "逾期", str(whole.overdue), f"临期 {whole.near} 项", bool(whole.overdue)
    yield "待审核", str(whole.submitted), f"退回 {whole.returned} 项", False
    said = f"{counts.closed} / {counts.total}，逾期 {counts.overdue}" if counts.total else "没有督导问题"
    yield "销号率", percent_text(counts.closed_rate), said, bool(counts.overdue)
    if board.survey:
        result = board.survey.result
        rate = "—" if result.rate is None else f"{result.rate}%"
        yield "满意率", rate, f"{result.forms} 份，误差 ±{result.margin}", False
    yield "指标数据", str(len(board.measures)), f"未达标或未报 {len(board.missed)} 项", False


def _tiles(canvas: BoardCanvas, board: Board) -> None:
    figures = list(_figures(board))
    width = (WIDTH - 2 * EDGE - GAP * (len(figures) - 1)) / len(figures)
    for place, (name, figure, said, is_red) in enumerate(figures):
        x, colour = EDGE + place * (width + GAP), RED if is_red else INK
        canvas.box(x, 96, width, 148)
        canvas.box(x, 96, 8, 148, RED if is_red else COLOURS[Light.BLUE][0])
        canvas.text(x + 24, 122, name, 24, MUTED)
        canvas.text(x + 24, 170, figure, 50 if len(figure) < 7 else 40, colour, bold=True)
        canvas.fitted(x + 24, 220, said, 19, width - 32, MUTED)


def _sections(canvas: BoardCanvas, board: Board, x: float, y: float, width: float, height: float) -> None:
    step, label, after = height / max(len(board.sections), 1), width * 0.4, 250
    size = min(22, step * 0.62)
    for place, (_, title, cell) in enumerate(board.sections):
        middle, bar = y + step * (place + 0.5), width - label - after
        canvas.fitted(x, middle, title, size, label - 12)
        canvas.box(x + label, middle - step * 0.28, bar, step * 0.56, COLOURS[Light.GREY][0])
        canvas.box(x + label, middle - step * 0.28, bar * (cell.done_rate or 0), step * 0.56, COLOURS[Light.GREEN][0])
        late = f" 逾期 {cell.overdue}" if cell.overdue else ""
        rate, counts = percent_text(cell.done_rate), f"{cell.approved}/{cell.total}{late}"
        canvas.text(x + width - after + 12, middle, rate, size, bold=True)
        room = after - 24 - canvas.width_of(rate, size, bold=True)
        small = size * 0.8 * min(1, room / canvas.width_of(counts, size * 0.8))
        canvas.text(x + width, middle, counts, small, RED if late else MUTED, "right")


def _decisions(canvas: BoardCanvas, board: Board, x: float, y: float, width: float, height: float) -> None:
    if not board.decisions:
        canvas.text(x, y + 16, "没有等待决定的事。", 24, MUTED)
    step = height / max(len(board.decisions), 4)
    for place, each in enumerate(board.decisions):
        canvas.text(x, y + place * step + 14, f"{place + 1}.", 24, bold=True)
        canvas.lines(x + 36, y + place * step + 14, each.text, 24 if step > 62 else 22, width - 40)


def _week(canvas: BoardCanvas, board: Board, x: float, y: float, width: float, height: float) -> None:
    if board.change is None:
        canvas.text(x, y + 16, "从第二天起显示：每天自动记一次数。", 22, MUTED)
        return
    change = board.change
    said = f"已报送 {change.answered:+d}，已通过 {change.approved:+d}，逾期 {change.overdue:+d}"
    canvas.text(x, y + 10, said, 24, RED if change.overdue > 0 else INK, bold=True)
    worse = _named(change.later_units, "多")
    at = canvas.lines(x, y + 52, f"逾期增加：{worse}" if worse else "没有单位的逾期增加。", 20, width, 3)
    if change.better_units:
        at = canvas.lines(x, at, f"逾期减少：{_named(change.better_units, '少')}", 20, width, 2)
    if board.new_overdue:
        canvas.text(x, at + 8, "新逾期的要点", 20, MUTED)
    room = int((y + height - at - 24) // LINE)
    for place, task in enumerate(board.new_overdue[: min(LATER, room)]):
        canvas.lines(x, at + 40 + place * LINE, f"{task.unit.short_name} {task.code} {task.title}", 19, width, 1)


def _named(units: Sequence[tuple[Unit | NamedUnit, int]], word: str) -> str:
    """Return the first units with their difference in words, and how many there are."""
    more = f" 等 {len(units)} 个单位" if len(units) > LATER else ""
    return "、".join(f"{unit.short_name} {word} {count} 项" for unit, count in units[:LATER]) + more


def _units(canvas: BoardCanvas, board: Board, x: float, y: float, width: float, height: float) -> None:
    rows = -(-len(board.rows) // COLUMNS)
    _legend(canvas, x + width, y - 34, [Light(whole.light) for _, whole, _ in board.rows])
    cell, step = width / COLUMNS, height / max(rows, 1)
    size = min(20, step * 0.62)
    for place, (unit, whole, _) in enumerate(board.rows):
        column, row = divmod(place, rows)
        left, top = x + column * cell, y + row * step
        background, ink = COLOURS[Light(whole.light)]
        canvas.box(left, top + 1, cell - 6, step - 3, background)
        canvas.fitted(left + 8, top + step / 2, unit.short_name, size, cell - 86, ink)
        canvas.text(left + cell - 14, top + step / 2, f"{whole.approved}/{whole.total}", size * 0.9, ink, "right")


def _legend(canvas: BoardCanvas, right: float, y: float, lights: Sequence[Light]) -> None:
    for light in [each for each in COLOURS if each in lights][::-1]:
        words = LIGHT_NAMES[light]
        canvas.text(right, y, words, 18, MUTED, "right")
        right -= 18 * len(words) + 8
        canvas.box(right - 18, y - 9, 18, 18, COLOURS[light][0])
        right -= 34
