"""Layout of rows on paper: row heights, page breaks and merged level cells. Pure arithmetic in points and pixels."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from unicodedata import east_asian_width

LINE_HEIGHT = 15.75  # points: a line of 10.5-point 仿宋, with room for fonts that replace it
PADDING = 5.0  # points above and below the text together
FONT_SIZE = 10.5  # points
ROW_LIMIT = 409.0  # points; Excel and WPS draw no higher row
TOKENS = re.compile(r"[!-~]+|\s|.", re.DOTALL)


def characters_per_line(pixels: int) -> int:
    """Return how many half-width characters fit a line of a column, keeping one free for line-end rules. A Chinese character takes two."""
    half = FONT_SIZE * 96 / 72 / 2
    return max(2, floor((pixels - 8) / half) - 1)


def count_lines(text: str, room: int) -> int:
    """Return the number of lines that ``text`` takes when a line holds ``room`` half-width characters. Latin words are kept together if
    possible."""
    return sum(_paragraph(paragraph, room) for paragraph in text.split("\n")) if text else 1


@lru_cache(maxsize=50_000)
def _paragraph(text: str, room: int) -> int:
    count, used = 1, 0
    for token in TOKENS.findall(text):
        width = _width(token)
        if used + width <= room:
            used += width
        elif width <= room:
            count, used = count + 1, width
        else:  # a run longer than the line is broken at its end
            count, used = count + (used + width - 1) // room, (used + width - 1) % room + 1
    return count


def _width(token: str) -> int:
    return sum(2 if east_asian_width(char) in "WFA" else 1 for char in token)


def row_height(texts: Iterable[tuple[str, int]]) -> float:
    """Return the height of a row in points for its cells, each a text with the capacity of its lines."""
    return max((count_lines(text, room) for text, room in texts), default=1) * LINE_HEIGHT + PADDING


def split_text(text: str, room: int) -> list[str]:
    """Split a text into pieces that each fit one row; most texts are one piece. Joined, the pieces are the text."""
    fit = floor((ROW_LIMIT - PADDING) / LINE_HEIGHT)
    if count_lines(text, room) <= fit:
        return [text]
    pieces, start = [], 0
    while start < len(text):
        end = _longest(text, start, room, fit)
        pieces.append(text[start:end])
        start = end
    return pieces


def _longest(text: str, start: int, room: int, fit: int) -> int:
    """Return the largest end such that text[start:end] takes at most ``fit`` lines, by binary search."""
    low, high = start + 1, min(len(text), start + fit * room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_lines(text[start:middle], room) <= fit else (low, middle - 1)
    return low


@dataclass(slots=True)
class LayoutRow:
    """A row to lay out. ``levels``: one key for each merged level, outer to inner; ``level_heights``: the height of their own texts."""

    height: float
    levels: Sequence[object]
    level_heights: Sequence[float]


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row on its page: final height, whether it begins a page, and for each level whether it begins a new level cell."""

    height: float
    starts_page: bool
    begins_level: tuple[bool, ...]


def paginate(rows: Iterable[LayoutRow], first_page: float, other_pages: float) -> Iterator[PlacedRow]:
    """Divide rows into pages of the given heights (points). A level cell never crosses a page: it is repeated on the next."""
    page: list[LayoutRow] = []
    room, first = first_page, True
    for row in rows:
        if page and sum(_heights([*page, row])) > room:
            yield from _close(page, starts=not first)
            page, room, first = [], other_pages, False
        page.append(row)
    if page:
        yield from _close(page, starts=not first)


def _close(page: list[LayoutRow], starts: bool) -> Iterator[PlacedRow]:
    heights = _heights(page)
    for number, row in enumerate(page):
        opens = tuple(_begins_level(page, number, level) for level in range(len(row.levels)))
        yield PlacedRow(heights[number], starts and number == 0, opens)


def _begins_level(page: list[LayoutRow], number: int, level: int) -> bool:
    return number == 0 or list(page[number].levels[: level + 1]) != list(page[number - 1].levels[: level + 1])


def _heights(page: list[LayoutRow]) -> list[float]:
    """Return row heights with room for every level cell: missing height is added to the last row of its span, inner levels first."""
    heights = [row.height for row in page]
    for level in reversed(range(len(page[0].levels))):
        start = 0
        for end in range(1, len(page) + 1):
            if end == len(page) or _begins_level(page, end, level):
                missing = page[start].level_heights[level] - sum(heights[start:end])
                if missing > 0:
                    _distribute(heights, start, end, missing)
                start = end
    return heights


def _distribute(heights: list[float], start: int, end: int, missing: float) -> None:
    """Add the missing height to the last rows of a span, none above the limit."""
    for number in reversed(range(start, end)):
        added = min(missing, ROW_LIMIT - heights[number])
        heights[number] += added
        missing -= added
