"""Pictures of pages, as kept in ``tests/pictures``, and what is different in them.

A picture is that of a person who opens the page and scrolls down: some screens, one below the other, at a third of the size. What counts is
layout, lost or overlapping parts, colours. So two pictures are compared by the mean colours of blocks, and a block may have moved a little:
fonts are drawn a little differently by each version of Chromium.
"""

from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import product
from typing import Any

from PIL import Image, ImageChops

from tests.support.server_process import ROOT

KEPT = ROOT / "tests" / "pictures"
FAILED = KEPT / "failed"  # not in the repository
SCALE = 3  # a pixel of a picture is so many of the screen, in each direction
BLOCK = 8  # pixels of a picture
ASIDE, UP_OR_DOWN = (-1, 0, 1), (-2, -1, 0, 1, 2)  # pixels of a picture that a block may have moved
# Lightness counts less than colour: letters drawn bolder are darker, but of the same colour.
LIGHTNESS = [value // 3 for value in range(256)]
MUCH, LITTLE = 5, 3  # of 255, in the mean of a block
MOST = 0.02  # of the blocks may differ a little; none differs much
MASK = "#c0c0c0"


@dataclass(frozen=True)
class Screen:
    """A size of screen. ``down`` is how many further screens are seen by scrolling; the last one is the end of the page."""

    name: str
    width: int
    height: int
    down: int


SCREENS = (
    Screen("desk", 1366, 768, 2),  # the smallest screen in the offices
    Screen("phone", 390, 844, 3),
    Screen("wide", 1920, 1080, 0),  # the screen of a meeting room
)


def take(page: Any, screen: Screen, masked: str = "") -> Image.Image:
    """Return the picture of an open page. What ``masked`` selects, is covered: it is another in each run."""
    page.set_viewport_size({"width": screen.width, "height": screen.height})
    page.evaluate("() => document.fonts.ready")
    end = max(0, page.evaluate("document.documentElement.scrollHeight") - screen.height)
    tops = [*(min(number * screen.height, end) for number in range(screen.down)), end if screen.down else 0]
    size = screen.width // SCALE, screen.height // SCALE
    shown = {top: picture_of(page, top, masked).resize(size, Image.Resampling.BOX) for top in dict.fromkeys(tops)}
    whole = Image.new("RGB", (size[0], size[1] * len(tops)))
    for number, top in enumerate(tops):
        whole.paste(shown[top], (0, number * size[1]))
    page.evaluate("scrollTo(0, 0)")
    return whole


def picture_of(page: Any, top: int, masked: str) -> Image.Image:
    page.evaluate("top => new Promise(done => { scrollTo(0, top); requestAnimationFrame(done); })", top)
    covered = [page.locator(masked)] if masked else []
    content = page.screenshot(animations="disabled", caret="hide", mask=covered, mask_color=MASK)
    return Image.open(BytesIO(content)).convert("RGB")


def differences(kept: Image.Image, new: Image.Image) -> Image.Image:
    """Return a picture with a pixel for each block: how far its mean lightness and colour are from the kept ones."""
    size = max(kept.width, new.width), max(kept.height, new.height)
    kept, new = on_canvas(kept, size).convert("YCbCr"), on_canvas(new, size).convert("YCbCr")
    before = kept.reduce(BLOCK)
    least = Image.new("L", before.size, 255)
    for right, down in product(ASIDE, UP_OR_DOWN):
        moved = ImageChops.offset(new, right, down).reduce(BLOCK)
        lightness, blue, red = ImageChops.difference(before, moved).split()
        least = ImageChops.darker(least, ImageChops.lighter(lightness.point(LIGHTNESS), ImageChops.lighter(blue, red)))
    return least


def on_canvas(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    whole = Image.new("RGB", size, "magenta")
    whole.paste(picture)
    return whole


def is_another(different: Image.Image) -> bool:
    """Return whether so much is different that somebody should look."""
    counts = different.histogram()
    return sum(counts[MUCH:]) > 0 or sum(counts[LITTLE:]) > MOST * sum(counts)


class Kept:
    """The kept picture of this name. Of one that looks different now, the new one and the different blocks are written beside it."""

    def __init__(self, name: str) -> None:
        self.name, self.path = name, KEPT / f"{name}.webp"

    def looks_like(self, new: Image.Image, renew: bool = False) -> bool:
        """Return whether the new picture looks like the kept one; with ``renew``, keep it if it does not."""
        kept = Image.open(self.path).convert("RGB") if self.path.exists() else Image.new("RGB", new.size, "magenta")
        different = differences(kept, new)
        forget(self.name)
        if not is_another(different):
            return True
        if renew:
            new.save(self.path, lossless=True, method=6)  # what is lost would eat up the tolerance
            return True
        FAILED.mkdir(exist_ok=True)
        for kind, picture in {"kept": kept, "new": new, "different": shown_blocks(different, new)}.items():
            picture.save(FAILED / f"{self.name}.{kind}.png")
        write_page()
        return False


def shown_blocks(different: Image.Image, new: Image.Image) -> Image.Image:
    """Return the new picture, pale, with the blocks that differ much in red and those that differ a little in yellow."""
    shown = Image.blend(new, Image.new("RGB", new.size, "white"), 0.6)
    for colour, least, most in (("#ffd34d", LITTLE, MUCH), ("#e02020", MUCH, 256)):
        where = different.point([255 * (least <= value < most) for value in range(256)])
        where = where.resize((different.width * BLOCK, different.height * BLOCK), Image.Resampling.NEAREST)
        tint = Image.blend(shown, Image.new("RGB", shown.size, colour), 0.5)
        shown.paste(tint, mask=on_canvas(where.convert("RGB"), shown.size).split()[0])
    return shown


def forget(name: str) -> None:
    for path in FAILED.glob(f"{name}.*.png"):
        path.unlink()
    if FAILED.exists():
        write_page()


def write_page() -> None:
    """Write the page that shows kept, new and different side by side."""
    names = sorted({path.name.split(".")[0] for path in FAILED.glob("*.new.png")})
    rows = "".join(
        f"<h2>{escape(name)}</h2><p>"
        + "".join(f'<img src="{escape(name)}.{kind}.png" alt="{kind}">' for kind in ("kept", "new", "different"))
        for name in names
    )
    style = "body{font-family:sans-serif}img{vertical-align:top;border:1px solid;margin-right:1em}"
    (FAILED / "index.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>Kept, new, different</title><style>{style}</style>{rows}", "utf-8"
    )
