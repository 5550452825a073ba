"""The pen: a font that holds the characters of these papers only, and lines that end at the margin."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from PIL import ImageFont

FONT = "font/DemoPapers-Regular.otf"
NEVER_FIRST = "，。；：、）”》？！"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(str(resources.files(__package__) / FONT)), size)


def wrapped(text: str, columns: int, indent: int = 0) -> Iterator[str]:
    """Lines of at most ``columns`` Chinese characters; a Latin character is half of one. Punctuation never begins a line."""
    line, used = "　" * indent, float(indent)
    for character in text:
        width = 0.5 if ord(character) < 0x2000 else 1.0
        if used + width > columns and character not in NEVER_FIRST:
            yield line
            line, used = "", 0.0
        line, used = line + character, used + width
    yield line
