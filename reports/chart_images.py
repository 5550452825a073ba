"""Charts as images for Word documents. Without a Chinese font on the machine there are no images: every function raises LookupError."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from creation.rules.percent import percent_text
from reports.canvas import Canvas

DONE, LEFT, PLAN, INK, AXIS = "#14693c", "#cfd8e3", "#b3121d", "#000000", "#444444"
WIDTH = 1220  # pixels: the text width of A4 at 200 to the inch
SIZE, EDGE, GAP = 22, 12, 14  # pixels of letters; of the margin; between words and bars


@dataclass(frozen=True, slots=True)
class ChartBar:
    label: str
    done: int
    total: int

    @property
    def share(self) -> float:
        return 100 * self.done / self.total if self.total else 0

    @property
    def words(self) -> str:
        """The figures beside the bar, as pages say them."""
        return f"{self.done}/{self.total}  {percent_text(self.share / 100)}"


@dataclass(frozen=True, slots=True)
class RateBar:
    """A rate and its margin of error, both in percent; None where they cannot be said."""

    label: str
    rate: Decimal | None
    margin: Decimal | None


def completion_bars(bars: Sequence[ChartBar]) -> BytesIO:
    """Draw one bar for each row: the approved share in percent, with the figures beside it."""
    return _bars([bar.label for bar in bars], [bar.share for bar in bars], [bar.words for bar in bars], 56)


def rate_bars(bars: Sequence[RateBar]) -> BytesIO:
    """Draw one bar for each rate, with its margin of error as a line and the figures beside it."""
    words = ["没有可算的答卷" if bar.rate is None else f"{bar.rate}% ±{bar.margin}" for bar in bars]
    rates = [float(bar.rate or 0) for bar in bars]

    def margin(canvas: Canvas, row: int, x: Callable[[float], float], y: float) -> None:
        most = float(bars[row].margin or 0)
        left, right = x(max(0, rates[row] - most)), x(min(100, rates[row] + most))
        canvas.line([(left, y), (right, y)], "#222222", 2.5)
        for end in (left, right):
            canvas.line([(end, y - 6), (end, y + 6)], "#222222", 2.5)

    return _bars([bar.label for bar in bars], rates, words, 60, margin)


Mark = Callable[[Canvas, int, Callable[[float], float], float], None]  # draws on a row, given where percents lie


def _bars(
    labels: Sequence[str], shares: Sequence[float], words: Sequence[str], row_height: int, mark: Mark | None = None
) -> BytesIO:
    """Draw bars of percents between labels and words; a label takes two fifths of the width at most."""
    canvas = Canvas(WIDTH, row_height * len(labels) + 60)
    first = EDGE + GAP + min(max((canvas.width_of(each, SIZE) for each in labels), default=0), WIDTH * 0.4)
    last = WIDTH - EDGE - GAP - max((canvas.width_of(each, SIZE) for each in words), default=0)

    def x(percent: float) -> float:
        return first + (last - first) * percent / 100

    for row, (label, share, said) in enumerate(zip(labels, shares, words, strict=True)):
        y = 30 + row_height * (row + 0.5)
        size = min(SIZE, SIZE * WIDTH * 0.4 / max(canvas.width_of(label, SIZE), 1))
        canvas.text(first - GAP, y, label, size, INK, "right")
        canvas.box(first, y - row_height * 0.3, last - first, row_height * 0.6, LEFT)
        canvas.box(first, y - row_height * 0.3, x(share) - first, row_height * 0.6, DONE)
        canvas.text(last + GAP, y, said, SIZE, INK)
        if mark:
            mark(canvas, row, x, y)
    canvas.line([(first, 26), (first, 34 + row_height * len(labels))], AXIS, 2)
    return _png(canvas)


def completion_line(days: Sequence[str], done: Sequence[float], due: Sequence[float]) -> BytesIO:
    """Draw the approved share and the share due by then (the plan), in percent."""
    canvas = Canvas(WIDTH, 520)
    left, right, top, bottom = 90, WIDTH - 50, 60, 460

    def place(day: int, percent: float) -> tuple[float, float]:
        return left + (right - left) * day / max(len(days) - 1, 1), bottom - (bottom - top) * percent / 105

    canvas.line([(left, top), (left, bottom), (right, bottom)], AXIS, 2)
    for percent in range(0, 101, 20):
        y = place(0, percent)[1]
        canvas.line([(left - 7, y), (left, y)], AXIS, 2)
        canvas.text(left - GAP, y, f"{percent}%", SIZE, INK, "right")
    for day in range(0, len(days), max(1, len(days) // 8)):
        x = place(day, 0)[0]
        canvas.line([(x, bottom), (x, bottom + 7)], AXIS, 2)
        canvas.text(x, bottom + 28, days[day], SIZE, INK, "middle")
    canvas.dashed([place(*each) for each in enumerate(due)], PLAN, 4)
    canvas.line([place(*each) for each in enumerate(done)], DONE, 4)
    canvas.dashed([(left + 40, 30), (left + 110, 30)], PLAN, 4)
    canvas.text(left + 122, 30, "应完成", SIZE)
    canvas.line([(left + 250, 30), (left + 320, 30)], DONE, 4)
    canvas.text(left + 332, 30, "已通过", SIZE)
    return _png(canvas)


def _png(canvas: Canvas) -> BytesIO:
    picture = BytesIO()
    canvas.save(picture)
    picture.seek(0)
    return picture
