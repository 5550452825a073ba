"""Draw text on pages that look scanned, on photos, and on a web page. The ``backgrounds`` are stored images."""

import time
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from creation.demo.papers.paper import FOLDER, SamplePage, words, wrapped, write

DPI, LEFT, MIDDLE, RIGHT, TOP = 150, 165, 628, 1090, 215  # of an A4 page, in pixels
LINES, ROW, EDGES = 14, 62, (0, 90, 300, 560, 760)  # lines of text on a page; rows and columns of a ledger
# No time stamp in the file, so that the same paper has the same bytes.
FIRST_DAY = time.struct_time((2000, 1, 1, 0, 0, 0, 0, 0, 0))
SCENES = ("meeting", "street", "hall", "inspection")
DARK = "#1d2733"


def scan(paper: SamplePage) -> bytes:
    """Return a PDF of black and white pages: a document with a ledger as its attachment. No seals are drawn."""
    text = [line for paragraph in paper.paragraphs() for line in wrapped(paragraph, 28, indent=2)]
    pages = [_background("page") for _ in range(0, len(text) + LINES, LINES)]
    y = _write_head(pages[0], paper)
    for number, page in enumerate(pages):
        write(page, [f"— {number + 1} —"], 28, MIDDLE, 1640, anchor="ma")
        lines = text[number * LINES : (number + 1) * LINES]
        y = write(page, lines, 32, LEFT, TOP if number else y) if lines else y
    y = write(pages[-2], [paper.unit[-18:], paper.written_on], 32, RIGHT - 40, y + 40, anchor="ra")
    write(pages[-2], [words()["copied"]], 24, LEFT, y)
    _draw_ledger(pages[-1], list(paper.ledger()))
    dates = {"creationDate": FIRST_DAY, "modDate": FIRST_DAY}
    return _saved(pages[0], "PDF", save_all=True, append_images=pages[1:], resolution=DPI, title=paper.title, **dates)


def _write_head(page: Image.Image, paper: SamplePage) -> int:
    """Draw the unit, the number and the title; return where the text begins."""
    y = write(page, wrapped(paper.unit, 20), 46, MIDDLE, TOP, anchor="ma")
    y = write(page, [paper.doc_number], 28, MIDDLE, y, anchor="ma")
    ImageDraw.Draw(page).line((LEFT, y, RIGHT, y), 0, 3)
    return write(page, wrapped(paper.title, 22), 40, MIDDLE, y + 50, anchor="ma") + 30


def _draw_ledger(page: Image.Image, rows: list[tuple[str, ...]]) -> None:
    pen, top = ImageDraw.Draw(page), write(page, [words()["attachment"]], 32, LEFT, TOP)
    for row in rows:
        for cell, left, right in zip(row, EDGES, (*EDGES[1:], RIGHT - LEFT), strict=True):
            pen.rectangle((LEFT + left, top, LEFT + right, top + ROW), outline=0, width=2)
            write(page, [cell], 26, LEFT + left + 14, top + 14)
        top += ROW


def photo(paper: SamplePage) -> bytes:
    """Return a photo with time, place, people and subject below, as the office requires."""
    rng, picture = paper.rng, _background(paper.rng.choice(SCENES)).convert("RGB")
    write(picture, [paper.title[:26]], 40, 640, 105, fill="white", anchor="mm")
    values = (paper.written_on, paper.unit[-12:] + rng.choice(words()["places"]), rng.choice(words()["attendees"]))
    captions = zip(words()["captions"], (*values, paper.title), strict=True)
    write(picture, map("：".join, captions), 28, 40, 780, step=44, fill=DARK)
    return _saved(picture, "JPEG", quality=70)


def screenshot(paper: SamplePage) -> bytes:
    """Return the web page on which the paper was published."""
    picture = _background("website").convert("RGB")
    write(picture, [f"https://www.yuanhui.example/{paper.day:%Y%m%d}/{paper.serial}"], 20, 24, 10, fill=DARK)
    write(picture, [f"{paper.unit[-16:]} {words()['mark']}"], 40, 40, 70, fill="white")
    y = write(picture, wrapped(paper.title, 22), 34, 60, 240, fill=DARK)
    y = write(picture, [f"{words()['published']}：{paper.day}"], 20, 60, y, fill=DARK)
    write(picture, (line for text in paper.lines for line in wrapped(text, 32, indent=2)), 24, 60, y, fill=DARK)
    return _saved(picture, "PNG", compress_level=4)


def _background(name: str) -> Image.Image:
    return _stored(name).copy()


@cache
def _stored(name: str) -> Image.Image:
    picture = Image.open(BytesIO((FOLDER / "backgrounds" / f"{name}.png").read_bytes()))
    picture.load()
    return picture


def _saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
