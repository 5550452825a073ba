"""Charts as images for Word documents, drawn by matplotlib with the first Chinese font found. Without such a font there are no images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans CJK JP", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC",
)  # fmt: skip
NO_FONT = "服务器上没有中文字体，没有画图，数字见表。请管理员安装一种（如 Debian 的 fonts-noto-cjk），再重启后台程序。"
DONE, LEFT, PLAN = "#14693c", "#cfd8e3", "#b3121d"
WIDTH, DPI = 6.1, 200  # inches; the text width of A4 is 156 mm


@dataclass(frozen=True, slots=True)
class ChartBar:
    label: str
    done: int
    total: int

    @property
    def share(self) -> float:
        return 100 * self.done / self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class RateBar:
    """A rate and its margin of error, both in percent; None where they cannot be said."""

    label: str
    rate: Decimal | None
    margin: Decimal | None


@cache
def chinese_font() -> str | None:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((font for font in FONTS if font in known), None)


def completion_bars(bars: Sequence[ChartBar]) -> BytesIO:
    """Draw one bar for each row: the approved share in percent, with the figures beside it. Raises LookupError without a font."""
    rows = range(len(bars))
    with _figure(0.28 * len(bars) + 0.5) as (picture, axes):
        axes.barh(rows, [100] * len(bars), color=LEFT, height=0.6)
        axes.barh(rows, [bar.share for bar in bars], color=DONE, height=0.6)
        for row, bar in zip(rows, bars, strict=True):
            axes.text(101, row, f"{bar.done}/{bar.total}  {bar.share:.0f}%", va="center", fontsize=8)
        axes.set_yticks(rows, [bar.label for bar in bars], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, 120)
        axes.set_xticks([])
    return picture


def rate_bars(bars: Sequence[RateBar]) -> BytesIO:
    """Draw one bar for each rate, with its margin of error as a line and the figures beside it. Raises LookupError without a font."""
    rows, rates = range(len(bars)), [float(bar.rate or 0) for bar in bars]
    with _figure(0.3 * len(bars) + 0.5) as (picture, axes):
        axes.barh(rows, [100] * len(bars), color=LEFT, height=0.6)
        margins = [float(bar.margin or 0) for bar in bars]
        least = [min(rate, margin) for rate, margin in zip(rates, margins, strict=True)]
        most = [min(100 - rate, margin) for rate, margin in zip(rates, margins, strict=True)]
        marks = {"ecolor": "#222222", "elinewidth": 1, "capsize": 2}
        axes.barh(rows, rates, color=DONE, height=0.6, xerr=[least, most], error_kw=marks)
        for row, bar in zip(rows, bars, strict=True):
            words = "没有可算的答卷" if bar.rate is None else f"{bar.rate}% ±{bar.margin}"
            axes.text(101, row, words, va="center", fontsize=8)
        axes.set_yticks(rows, [bar.label for bar in bars], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlim(0, 124)
        axes.set_xticks([])
    return picture


def completion_line(days: Sequence[str], done: Sequence[float], due: Sequence[float]) -> BytesIO:
    """Draw the approved share and the share due by then (the plan), in percent. Raises LookupError without a font."""
    marks = range(0, len(days), max(1, len(days) // 8))
    with _figure(2.6) as (picture, axes):
        axes.plot(range(len(days)), due, color=PLAN, linestyle="--", label="应完成")
        axes.plot(range(len(days)), done, color=DONE, label="已通过")
        axes.set_xticks(marks, [days[n] for n in marks], fontsize=8)
        axes.set_ylim(0, 105)
        axes.tick_params(axis="y", labelsize=8)
        axes.set_ylabel("%", fontsize=8)
        axes.legend(fontsize=8, frameon=False)
    return picture


@contextmanager
def _figure(height: float) -> Iterator[tuple[BytesIO, Any]]:
    """Yield the image and the axes to draw on. The image is complete when the block ends."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    font, picture = chinese_font(), BytesIO()
    if font is None:
        raise LookupError("No Chinese font")
    with rc_context({"font.family": [font]}):
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
        axes = figure.subplots()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        yield picture, axes
        figure.savefig(picture, format="png")
    picture.seek(0)
