"""PDF of pages that look like copies from a scanner: black and white, 150 dpi, a little dust. No seals are drawn."""

import time
from collections.abc import Sequence
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from creation.demo.papers.ink import font, wrapped
from creation.demo.papers.sheet import Paper, body, rows, said

DPI = 150
WIDTH, HEIGHT = 1240, 1754  # A4
LEFT, RIGHT, TOP, BOTTOM = 165, 1090, 215, 1560
BODY, LINE, COLUMNS = 32, 56, 28
WHITE, BLACK = 1, 0
COLUMN_EDGES = (0, 90, 300, 560, 760, 925)
ROW = 62
FIRST_DAY = time.struct_time((2000, 1, 1, 0, 0, 0, 0, 0, 0))  # no clock in the file: the same paper, the same bytes


def pdf(paper: Paper) -> bytes:
    """Letter and, for most papers, an attached ledger."""
    rng = paper.rng
    pages = _letter(paper, rng)
    if rng.random() < 0.7:
        pages.append(_ledger(paper, rng))
    for number, page in enumerate(pages, 1):
        _foot(page, number, rng)
    out = BytesIO()
    dates = {"creationDate": FIRST_DAY, "modDate": FIRST_DAY}
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, title=paper.title, **dates)
    return out.getvalue()


def _letter(paper: Paper, rng: Random) -> list[Image.Image]:
    page, pen = _blank()
    y = _head(pen, paper)
    pages = [page]
    for line in _lines(paper, rng):
        if y > BOTTOM - LINE:
            page, pen = _blank()
            pages.append(page)
            y = TOP
        pen.text((LEFT, y), line, BLACK, font(BODY))
        y += LINE
    if y > BOTTOM - 4 * LINE:
        page, pen = _blank()
        pages.append(page)
        y = TOP
    _signed(pen, paper, y + LINE)
    return pages


def _lines(paper: Paper, rng: Random) -> list[str]:
    return [line for paragraph in body(paper, rng) for line in wrapped(paragraph, COLUMNS, indent=2)]


def _head(pen: ImageDraw.ImageDraw, paper: Paper) -> int:
    """Name of the unit, number and title; gives where the text begins."""
    middle, y = (LEFT + RIGHT) // 2, TOP
    for line in wrapped(paper.unit, 20):
        pen.text((middle, y), line, BLACK, font(46), anchor="ma")
        y += 66
    pen.text((middle, y + 12), paper.doc_number, BLACK, font(28), anchor="ma")
    pen.line((LEFT, y + 66, RIGHT, y + 66), BLACK, 3)
    y += 120
    for line in wrapped(paper.title, 22):
        pen.text((middle, y), line, BLACK, font(40), anchor="ma")
        y += 64
    return y + 30


def _signed(pen: ImageDraw.ImageDraw, paper: Paper, y: int) -> None:
    pen.text((RIGHT - 40, y), paper.unit[-18:], BLACK, font(BODY), anchor="ra")
    pen.text((RIGHT - 40, y + LINE), paper.written_on, BLACK, font(BODY), anchor="ra")
    pen.text((LEFT, y + 2 * LINE), said()["copied"], BLACK, font(24))


def _ledger(paper: Paper, rng: Random) -> Image.Image:
    page, pen = _blank()
    pen.text((LEFT, TOP), said()["attachment"], BLACK, font(BODY))
    found = [tuple(said()["columns"]), *rows(paper, rng, rng.randint(10, 17))]
    for number, row in enumerate(found):
        _row(pen, row, TOP + 70 + number * ROW)
    bottom = TOP + 70 + len(found) * ROW
    for edge in COLUMN_EDGES:
        pen.line((LEFT + edge, TOP + 70, LEFT + edge, bottom), BLACK, 2)
    pen.line((LEFT, bottom, RIGHT, bottom), BLACK, 2)
    return page


def _row(pen: ImageDraw.ImageDraw, cells: Sequence[str], y: int) -> None:
    pen.line((LEFT, y, RIGHT, y), BLACK, 2)
    for cell, edge in zip(cells, COLUMN_EDGES, strict=False):
        pen.text((LEFT + edge + 14, y + 14), cell, BLACK, font(26))


def _blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("1", (WIDTH, HEIGHT), WHITE)
    pen = ImageDraw.Draw(page)
    pen.rectangle((RIGHT - 170, 90, RIGHT, 146), outline=BLACK, width=3)
    pen.text((RIGHT - 85, 118), said()["mark"], BLACK, font(BODY), anchor="mm")
    return page, pen


def _foot(page: Image.Image, number: int, rng: Random) -> None:
    """The page's number, and what lay on the scanner's glass."""
    pen = ImageDraw.Draw(page)
    pen.text((WIDTH // 2, 1640), f"— {number} —", BLACK, font(28), anchor="ma")
    pen.point([(rng.randrange(WIDTH), rng.randrange(HEIGHT)) for _ in range(120)], BLACK)
    pen.line((4, rng.randrange(200), 4, HEIGHT - rng.randrange(400)), BLACK, rng.choice((1, 2)))
