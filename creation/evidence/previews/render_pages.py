"""A separate program that renders one file, so that a malicious file can crash or exhaust only this process.

    python -I render_pages.py pdf|image FILE FOLDER FIRST LAST

Writes pages FIRST to LAST as 1.jpg, 2.jpg … into FOLDER, and with page 1 thumb.jpg. They are new images, without EXIF, scripts
or anything else from the file. Prints a line of JSON at the start and after each page: {"done": 1, "total": 10, "pages": 412};
``total`` is the number of pages to render, ``pages`` the number in the file.
"""

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

MAX_PIXELS = 2000  # of the longer side: an A4 page at 170 dpi
LARGE_PAPERS = (1191, 1684)  # points of the longer side of A3 and A2, which are drawn as finely as A4
LARGEST_PIXELS = 3400  # of their longer side
READABLE_PIXELS = 1000  # of the shorter side of what is much longer than wide, or wider than high
MOST_PIXELS, LONGEST = 40_000_000, 60_000  # of a picture, and of a side, which JPEG limits
THUMBNAIL_PIXELS = 160
JPEG_QUALITY = 82
Image.MAX_IMAGE_PIXELS = 60_000_000


def render_pdf(path: str, folder: Path, first: int, last: int) -> None:
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        document.init_forms()
        pages = len(document)
        wanted = range(first, min(last, pages) + 1)
        report_progress(0, len(wanted), pages)
        for done, number in enumerate(wanted, 1):
            save_page(render_page(document, number - 1), folder, number)
            report_progress(done, len(wanted), pages)


def render_page(document: Any, number: int) -> Image.Image:
    """Render a page. An unreadable page becomes an empty one, so that the others can still be reviewed."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Image.new("RGB", (1414, MAX_PIXELS), "white")
    with contextlib.closing(page):
        width, height = page.get_size()
        scale = max(scale_for(width, height), scale_of_paper(max(width, height)))
        drawn: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
        return drawn


def scale_for(width: float, height: float) -> float:
    """Return the scale at which the longer side has its usual length, or the shorter one can still be read."""
    short, long = max(min(width, height), 0.1), max(width, height, 1)
    most = min((MOST_PIXELS / (short * long)) ** 0.5, LONGEST / long)
    return float(max(MAX_PIXELS / long, min(READABLE_PIXELS / short, most)))


def scale_of_paper(long: float) -> float:
    """Return the scale of a large standard paper; 0 for pages of other sizes, as scans may be of any."""
    is_large = any(abs(long - each) < 3 for each in LARGE_PAPERS)
    return min(MAX_PIXELS / 842, LARGEST_PIXELS / long) if is_large else 0


def render_image(path: str, folder: Path, first: int, last: int) -> None:
    """Render a picture. One that is much higher than wide is cut into pages."""
    with Image.open(path) as picture:
        scale = min(1, scale_for(picture.width, picture.height))
        picture.draft("RGB", (round(picture.width * scale), round(picture.height * scale)))
        upright = ImageOps.exif_transpose(with_eight_bits(picture))
        scale = min(1, scale_for(upright.width, upright.height))
        upright.thumbnail((round(upright.width * scale), round(upright.height * scale)))
        drawn = flatten_on_white(upright)
    pieces = cut_by_height(drawn.width, drawn.height)
    wanted = range(first, min(last, len(pieces)) + 1)
    for done, number in enumerate(wanted, 1):
        save_page(drawn.crop((0, pieces[number - 1].start, drawn.width, pieces[number - 1].stop)), folder, number)
        report_progress(done, len(wanted), len(pieces))


def cut_by_height(width: int, height: int) -> list[range]:
    """Return the rows of each page."""
    if height <= max(2 * width, MAX_PIXELS):
        return [range(height)]
    return [range(top, min(top + MAX_PIXELS, height)) for top in range(0, height, MAX_PIXELS)]


def with_eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of more than 256 steps with as many as a screen shows. Pillow itself would cut off all above 255."""
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;16"):
        return picture
    values = picture.convert("F")
    lowest, highest = map(float, values.getextrema())  # type: ignore[arg-type]
    floor = lowest if highest - lowest < highest / 4 else 0.0  # a narrow range would be all white, or all black
    step = 255 / max(highest - floor, 1)
    grey = values.point(lambda value: value * step - floor * step).convert("L")
    grey.info["exif"] = picture.info.get("exif", b"")
    return grey


def flatten_on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def save_page(picture: Image.Image, folder: Path, number: int) -> None:
    picture.save(folder / f"{number}.jpg", "JPEG", quality=JPEG_QUALITY)
    if number == 1:
        picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        picture.save(folder / "thumb.jpg", "JPEG", quality=JPEG_QUALITY)


def report_progress(done: int, total: int, pages: int) -> None:
    print(json.dumps({"done": done, "total": total, "pages": pages}), flush=True)


if __name__ == "__main__":
    what, path, folder, first, last = sys.argv[1:]
    {"pdf": render_pdf, "image": render_image}[what](path, Path(folder), int(first), int(last))
