"""A program of its own that draws one file, so that a hostile one can crash or exhaust nothing but itself.

    python -I render_pages.py pdf|image FILE FOLDER FIRST LAST

Writes pages FIRST to LAST as 1.jpg, 2.jpg … into FOLDER, and with page 1 thumb.jpg: drawn anew, hence without EXIF, scripts or
anything else that was in the file. Prints a line of JSON at once and after each page: {"done": 1, "total": 10, "pages": 412};
``total`` is what is drawn, ``pages`` what there is.
"""

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

MAX_PIXELS = 2000  # pixels: an A4 page at 170 dpi
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
    """An unreadable page is drawn as an empty one: the others can still be judged."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Image.new("RGB", (1414, MAX_PIXELS), "white")
    with contextlib.closing(page):
        width, height = page.get_size()
        scale = MAX_PIXELS / max(width, height, 1)
        drawn: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
        return drawn


def render_image(path: str, folder: Path, first: int, last: int) -> None:
    with Image.open(path) as picture:
        picture.draft("RGB", (MAX_PIXELS, MAX_PIXELS))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((MAX_PIXELS, MAX_PIXELS))
        save_page(flatten_on_white(upright), folder, 1)
    report_progress(1, 1, 1)


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
