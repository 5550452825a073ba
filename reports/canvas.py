"""A picture to draw boxes, lines and words on, with the first Chinese font found. Without such a font nothing is drawn."""

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC",
)  # fmt: skip
FILES = ("notosanscjk", "notosanssc", "sourcehansans", "msyh", "simhei", "wqy-", "pingfang")  # how their names begin
FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"),
    *("C:/Windows/Fonts", "/System/Library/Fonts", "/Library/Fonts"),
)
NO_FONT = "服务器上没有中文字体，没有画图，数字见表。请管理员安装一种（如 Debian 的 fonts-noto-cjk），再重启后台程序。"
IN_ONE_FILE = 16  # fonts
ANCHORS = {"left": "lm", "right": "rm", "middle": "mm"}
FINE = 2  # pixels drawn for each that is kept, so that slanting lines are smooth
Face = tuple[str, int]  # a file, and which of the fonts in it


@cache
def chinese_font(*, bold: bool = False) -> Face | None:
    """Return the first of FONTS that this machine has; its ordinary weight if it has no bold one."""
    known = dict(_known_faces())
    found = next((font for font in FONTS if (font, False) in known), None)
    return known.get((found, bold), known[found, False]) if found else None


def _known_faces() -> Iterator[tuple[tuple[str, bool], Face]]:
    """Yield name and weight of each font that may be one of FONTS, with its place."""
    for folder in FOLDERS:
        for path in sorted(Path(folder).expanduser().rglob("*")):
            if path.suffix.lower() in (".ttf", ".ttc", ".otf") and path.name.lower().startswith(FILES):
                for index in range(IN_ONE_FILE if path.suffix.lower() == ".ttc" else 1):
                    try:
                        family, style = ImageFont.truetype(path, 10, index).getname()
                    except OSError:
                        break
                    if style in ("Regular", "Normal", "Bold"):
                        yield (family or "", style == "Bold"), (str(path), index)


@cache
def _font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face[0], size, face[1])


class Canvas:
    """A picture of this many pixels with the origin in the upper left corner. Raises LookupError without a Chinese font."""

    def __init__(self, width: int, height: int, paper: str = "#ffffff") -> None:
        plain, bold = chinese_font(), chinese_font(bold=True)
        if plain is None or bold is None:
            raise LookupError("No Chinese font")
        self.faces = {False: plain, True: bold}
        self.size = width, height
        self.image = Image.new("RGB", (width * FINE, height * FINE), paper)
        self.pen = ImageDraw.Draw(self.image)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle; nothing if it has no width or height."""
        if round(width * FINE) > 0 and round(height * FINE) > 0:
            left, top = round(x * FINE), round(y * FINE)
            self.pen.rectangle((left, top, left + round(width * FINE) - 1, top + round(height * FINE) - 1), colour)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1) -> None:
        self.pen.line([(x * FINE, y * FINE) for x, y in points], colour, round(width * FINE), joint="curve")

    def dashed(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1, dash: float = 12) -> None:
        """Draw a line with gaps of 60 % of a dash, which go on around corners."""
        gone = 0.0
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
            at = -(gone % (1.6 * dash))
            while at < length:
                first, last = max(at, 0) / length, min(at + dash, length) / length
                if last > first:
                    ends = [(x + (to_x - x) * part, y + (to_y - y) * part) for part in (first, last)]
                    self.line(ends, colour, width)
                at += 1.6 * dash
            gone += length

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        colour: str = "#000000",
        at: str = "left",
        *,
        bold: bool = False,
    ) -> None:
        """Write one line whose middle is at ``y``, and whose left or right end or middle is at ``x``."""
        font = _font(self.faces[bold], round(size * FINE))
        self.pen.text((x * FINE, y * FINE), words, colour, font, ANCHORS[at])

    def width_of(self, words: str, size: float, *, bold: bool = False) -> float:
        return _font(self.faces[bold], round(size * FINE)).getlength(words) / FINE

    def save(self, file: BinaryIO | Path) -> None:
        self.image.resize(self.size, Image.Resampling.BOX).save(file, "PNG", dpi=(200, 200))
