"""The content of a demonstration file, and the text on drawn pages. Its font has only the characters of the demonstration."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from creation.demo.sentences import texts

FOLDER = resources.files(__package__)
FONT = "font/DemoPapers-Regular.otf"
NEVER_FIRST = "，。；：、）”》？！"


def words() -> Mapping[str, Any]:
    return texts("papers")


@dataclass(frozen=True, slots=True)
class SamplePage:
    """``form`` is the file's extension; ``serial`` distinguishes papers of the same title and seeds the random drawing."""

    form: str
    title: str
    unit: str
    day: date
    serial: int
    doc_number: str = ""
    lines: tuple[str, ...] = ()

    @property
    def rng(self) -> Random:
        return Random(f"{self.serial} {self.title} {self.unit}")  # noqa: S311 - a drawing, no secret

    @property
    def written_on(self) -> str:
        return f"{self.day.year}年{self.day.month}月{self.day.day}日"

    def paragraphs(self) -> list[str]:
        """Return why the paper was written, what was done, and some of the usual duties."""
        first = self.rng.randint(0, 3)
        return [words()["basis"], *self.lines, *words()["duties"][first : first + 2], words()["ending"]]

    def ledger(self) -> Iterator[tuple[str, ...]]:
        """Yield the headings and some rows, the newest last."""
        rng, count = self.rng, self.rng.randint(10, 17)
        yield tuple(words()["columns"])
        for number in range(1, count + 1):
            day = self.day - timedelta(days=3 * (count - number))
            yield (
                str(number),
                day.isoformat(),
                *(rng.choice(words()[name]) for name in ("matters", "offices", "outcomes")),
            )


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(str(FOLDER / FONT)), size)


def wrapped(text: str, columns: int, indent: int = 0) -> Iterator[str]:
    """Yield lines of at most ``columns`` Chinese characters; a Latin character counts half. Punctuation never begins a line."""
    line, used = "　" * indent, float(indent)
    for character in text:
        width = 0.5 if ord(character) < 0x2000 else 1.0
        if used + width > columns and character not in NEVER_FIRST:
            yield line
            line, used = "", 0.0
        line, used = line + character, used + width
    yield line


def write(
    picture: Image.Image,
    lines: Iterable[str],
    size: int,
    x: int,
    y: int,
    *,
    step: int = 0,
    fill: Any = 0,
    anchor: str = "la",
) -> int:
    """Draw lines ``step`` pixels apart, or at the usual distance; return the position of the next one."""
    for line in lines:
        if picture.mode == "1":
            left, top, stamp = _stamp(line, size, anchor)
            picture.paste(fill, (x + left, y + top), stamp)
        else:
            ImageDraw.Draw(picture).text((x, y), line, fill, font(size), anchor)
        y += step or size * 7 // 4
    return y


@lru_cache(2000)
def _stamp(line: str, size: int, anchor: str) -> tuple[int, int, Image.Image]:
    """Return a line in black and white, with its place beside the anchor. Most lines stand on many pages."""
    left, top, right, bottom = map(int, font(size).getbbox(line, "1", anchor=anchor))
    stamp = Image.new("1", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(stamp).text((-left, -top), line, 1, font(size), anchor)
    return left, top, stamp
