"""Pictures: a scene drawn from simple shapes with the caption that a photo needs, and the picture of a web page."""

from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from creation.demo.papers.ink import font, wrapped
from creation.demo.papers.sheet import Paper, said

WIDTH, HEIGHT, CAPTION = 1280, 960, 190
FLOOR = HEIGHT - CAPTION
SHIRTS = ("#2f4858", "#33658a", "#86bbd8", "#f6f6f6", "#5b5f97", "#8d99ae", "#b8b08d")
SKIN, HAIR, WOOD, RED, DARK = "#e8b894", "#2b2622", "#8b5e3c", "#b3261e", "#1d2733"
Pen = ImageDraw.ImageDraw


def photo(paper: Paper) -> bytes:
    """Time, place, people and subject stand below, as the office asks of photos."""
    rng = paper.rng
    picture = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(("#d9d2c5", "#cfd8dc", "#dfe3d8", "#e4dcd0")))
    pen = ImageDraw.Draw(picture)
    rng.choice(SCENES)(pen, paper, rng)
    _caption(pen, paper, rng)
    return _saved(picture, "JPEG", quality=70)


def screenshot(paper: Paper) -> bytes:
    """The page of a web site on which the paper was made public."""
    rng = paper.rng
    picture = Image.new("RGB", (1200, 800), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 1200, 44), fill="#dfe3e8")
    pen.text((24, 10), f"https://www.yuanhui.example/{paper.day:%Y%m%d}/{paper.serial}", DARK, font(20))
    pen.rectangle((0, 44, 1200, 150), fill="#1f4e8c")
    pen.text((40, 70), f"{paper.unit[-16:]} {said()['mark']}", "white", font(40))
    pen.text((60, 180), " | ".join(said()["page_titles"]), "#1f4e8c", font(24))
    _article(pen, paper)
    pen.rectangle((900, 240, 1150, 760), outline="#c5ccd3", width=2)
    for number in range(rng.randint(4, 7)):
        pen.text((920, 260 + number * 60), rng.choice(said()["matters"]), "#31415a", font(22))
    return _saved(picture, "PNG", compress_level=4)


def _article(pen: Pen, paper: Paper) -> None:
    y = 240
    for line in wrapped(paper.title, 22):
        pen.text((60, y), line, DARK, font(34))
        y += 50
    dated = f"{said()['published']}：{paper.day.isoformat()}　{said()['source']}：{paper.unit[-14:]}"
    pen.text((60, y), dated, "#66727f", font(20))
    y += 50
    for paragraph in paper.lines:
        for line in wrapped(paragraph, 32, indent=2):
            pen.text((60, y), line, DARK, font(24))
            y += 40


def _meeting(pen: Pen, paper: Paper, rng: Random) -> None:
    """Rows of people at tables below a red banner."""
    _banner(pen, paper)
    for row in range(3):
        y = 400 + row * 120
        for x in range(120 + row * 20, WIDTH - 100, 150):
            _person(pen, x + rng.randint(-12, 12), y, 0.8 + row * 0.15, rng)
        pen.rectangle((60, y + 50, WIDTH - 60, y + 78), fill=WOOD)


def _street(pen: Pen, paper: Paper, rng: Random) -> None:
    """A stand in the open, people before it."""
    pen.rectangle((0, 0, WIDTH, 420), fill="#a9c9e2")
    for x in range(0, WIDTH, 160):
        pen.rectangle((x, rng.randint(140, 260), x + 130, 420), fill=rng.choice(("#b9b2a6", "#c8c0b0", "#9fa8a3")))
    _banner(pen, paper)
    pen.rectangle((160, 470, 900, 560), fill="#c9302c")
    for _ in range(9):
        _person(pen, rng.randint(120, WIDTH - 120), rng.randint(480, 600), 1.2, rng)


def _hall(pen: Pen, paper: Paper, rng: Random) -> None:
    """Counters of a service hall with numbered windows."""
    _banner(pen, paper)
    for number, x in enumerate(range(90, WIDTH - 200, 290), 1):
        pen.rectangle((x, 300, x + 240, 470), fill="#eef2f5", outline="#8d99ae", width=4)
        pen.text((x + 120, 330), f"{number}", DARK, font(40), anchor="ma")
        _person(pen, x + 120, 440, 1.0, rng)
        _person(pen, x + rng.randint(60, 180), 640, 1.3, rng)
    pen.rectangle((60, 520, WIDTH - 60, 580), fill=WOOD)


def _inspection(pen: Pen, paper: Paper, rng: Random) -> None:
    """Two officers and an owner before a shop."""
    pen.rectangle((120, 150, WIDTH - 120, 640), fill="#efe7da", outline=DARK, width=5)
    pen.rectangle((420, 330, 820, 640), fill="#7d8f9b")
    _banner(pen, paper)
    for x in (300, 470, 900):
        _person(pen, x + rng.randint(-20, 20), 560, 1.6, rng)


SCENES: tuple[Callable[[Pen, Paper, Random], None], ...] = (_meeting, _street, _hall, _inspection)


def _banner(pen: Pen, paper: Paper) -> None:
    pen.rectangle((80, 60, WIDTH - 80, 150), fill=RED)
    pen.text((WIDTH // 2, 105), paper.title[:26], "white", font(40), anchor="mm")
    pen.text((WIDTH - 20, 20), said()["mark"], DARK, font(24), anchor="ra")


def _person(pen: Pen, x: int, y: int, size: float, rng: Random) -> None:
    head, body = int(34 * size), int(60 * size)
    pen.rounded_rectangle((x - body, y, x + body, y + int(170 * size)), int(40 * size), fill=rng.choice(SHIRTS))
    pen.ellipse((x - head, y - 2 * head + 8, x + head, y + 8), fill=SKIN)
    pen.pieslice((x - head, y - 2 * head + 4, x + head, y + 4), 180, 360, fill=HAIR)


def _caption(pen: Pen, paper: Paper, rng: Random) -> None:
    pen.rectangle((0, FLOOR, WIDTH, HEIGHT), fill="white")
    values = (
        paper.written_on,
        f"{paper.unit[-12:]}{rng.choice(said()['places'])}",
        rng.choice(said()["crowds"]),
        paper.title,
    )
    for number, (name, value) in enumerate(zip(said()["captions"], values, strict=True)):
        pen.text((40, FLOOR + 14 + number * 42), f"{name}：{value}", DARK, font(28))


def _saved(picture: Image.Image, form: str, **options: int | bool) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
