"""典型经验汇编: the selected typical cases in one Word document, with a list of contents, each on a new page with its pictures."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from docx.document import Document
from PIL import Image, ImageOps

from creation.lib import storage
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import Campaign, TypicalCase, User
from creation.publicity.cases import LABELS
from reports.word import layout

NO_CASES = "还没有采用的典型经验。采用以后再汇编。"
CONTENTS = ("序号", "题目", "单位", "页码")
PIXELS, HEIGHT = 1600, 88  # of the longer side; millimetres, so that two photos stand on a page
WIDTHS = (1, 6.5, 3.5, 1.2)


def write(campaign: Campaign, reader: User | None, today: date, path: Path) -> int:
    """Write the booklet; return the number of cases. ``reader`` None: the operator, who sees all. Raises Refusal."""
    seen = TypicalCase.objects.visible_to(reader) if reader else TypicalCase.objects.all()
    with consistent_snapshot():
        found = list(seen.selected().filter(campaign=campaign).for_table())
    if not found:
        raise Refusal(NO_CASES)
    title = f"{campaign.district}法治政府建设示范创建典型经验汇编"
    document = layout.new_document()
    layout.add_title(document, title, f"{campaign.host.name}　{today.year}年{today.month}月")
    _add_contents(document, found)
    for number, case in enumerate(found, 1):
        _add_case(document, number, case)
    layout.save(document, path, title)
    return len(found)


def _add_contents(document: Document, found: Sequence[TypicalCase]) -> None:
    """Add the list of contents. Word, WPS and LibreOffice put in the page numbers."""
    layout.add_centered(document, "目　录")
    rows = [(str(number), case.title, case.unit.short_name, "") for number, case in enumerate(found, 1)]
    layout.add_table(document, CONTENTS, rows, WIDTHS, texts=(1, 2))
    for number, row in enumerate(document.tables[-1].rows[1:], 1):
        layout.add_page_of(row.cells[-1].paragraphs[0], _mark(number))


def _add_case(document: Document, number: int, case: TypicalCase) -> None:
    layout.add_new_page_heading(document, case.title, _mark(number))
    layout.add_centered(document, case.unit.name)
    layout.add_blank(document)
    add_parts(document, case)


def add_parts(document: Document, case: TypicalCase) -> None:
    """Add the parts of a case under their headings, then its pictures; one that cannot be read is named."""
    written = [
        (label, getattr(case, name)) for name, label in LABELS.items() if name != "title" and getattr(case, name)
    ]
    for place, (label, text) in enumerate(written, 1):
        layout.add_heading(document, f"{layout.chinese(place)}、{label}", 2)
        layout.add_text(document, text)
    for picture in case.pictures.all():
        name = picture.name.rpartition(".")[0] or picture.name
        try:
            layout.add_picture(document, *_printed(picture.blob, name))
        except (OSError, ValueError):
            layout.add_text(document, f"（照片“{name}”的文件缺失，没有印出）")


def _printed(blob: str, name: str) -> tuple[BytesIO, str, float]:
    """Return the photo in the size of print, its title and its width in millimetres: photos of telephones have ten times the bytes."""
    content = BytesIO()
    with storage.open_blob(blob) as file, Image.open(file) as photo:
        small = ImageOps.exif_transpose(photo).convert("RGB")
        small.thumbnail((PIXELS, PIXELS))
        small.save(content, "JPEG", quality=85)
    width = min(layout.WIDTH, HEIGHT * small.width / small.height)
    return content, name, width


def _mark(number: int) -> str:
    return f"case{number}"
