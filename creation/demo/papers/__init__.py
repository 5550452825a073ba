"""Files for the demonstration: pages that look scanned, photos with a caption, office documents, a video. Each says 示例材料.

No two are alike, so that each has a digest of its own.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from openpyxl import Workbook
from openpyxl.styles import Border, Side

from creation.demo.papers import drawings
from creation.demo.papers.paper import FOLDER, SamplePage, words
from creation.lib import filenames, storage
from creation.lib.filetypes.allowed import ALLOWED

__all__ = ["MAKERS", "SamplePage", "make", "store"]

LETTER_PARTS = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")
LETTER = {name: (FOLDER / "letter" / name).read_text("utf-8") for name in LETTER_PARTS}
NEXT_PARAGRAPH = "</w:t><w:br/><w:t>　　"
THIN = Side(style="thin")


def make(paper: SamplePage) -> bytes:
    """Return the bytes of the file. Raises KeyError for an unknown form."""
    return MAKERS[paper.form](paper)


def store(paper: SamplePage) -> dict[str, Any]:
    """Store the file; return the fields of its version. Not synced: one ``os.sync`` is enough for some hundred files."""
    content, kind, key = make(paper), ALLOWED[paper.form].type, storage.new_key()
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as file:
        file.write(content)
        file.flush()
        storage.save_blob_as(Path(file.name), key, durable=False)
    named = {"given_name": filenames.clean(f"{paper.title}.{paper.form}"), "extension": kind.extension}
    digest = hashlib.sha256(content).hexdigest()
    return named | {"blob": key, "media_type": kind.media_type, "size": len(content), "sha256": digest}


def _letter(paper: SamplePage) -> bytes:
    """Return a Word document in the layout of GB/T 9704, without a red heading: the parts in ``letter``, filled in."""
    fields = {"mark": words()["mark"], "title": paper.title, "number": paper.doc_number, "unit": paper.unit}
    fields |= {"day": paper.written_on, "body": "\n".join(paper.paragraphs())}
    filled = {name: escape(text).replace("\n", NEXT_PARAGRAPH) for name, text in fields.items()}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in LETTER.items():
            archive.writestr(zipfile.ZipInfo(name), part.format(**filled), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _workbook(paper: SamplePage) -> bytes:
    """Return a workbook with title, unit and date above a ruled ledger."""
    book, out = Workbook(), BytesIO()
    sheet = book.active
    heads = [f"{paper.title}（{words()['mark']}）"], [f"{paper.unit}　{paper.written_on}"]
    for row in (*heads, *paper.ledger()):
        sheet.append(row)
    for cell in (cell for row in sheet.iter_rows(min_row=len(heads) + 1) for cell in row):
        cell.border = Border(THIN, THIN, THIN, THIN)
    for letter, width in zip("ABCDE", (8, 14, 30, 16, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    book.save(out)
    return out.getvalue()


def _film(paper: SamplePage) -> bytes:
    """Return three seconds of H.264. The title is in a ``free`` box (ISO 14496-12, 8.1.2), which players ignore."""
    note = f"{paper.title} {paper.unit} {paper.written_on} {paper.serial}".encode()
    return (FOLDER / "clip.mp4").read_bytes() + (len(note) + 8).to_bytes(4) + b"free" + note


MAKERS: dict[str, Callable[[SamplePage], bytes]] = {
    "pdf": drawings.scan,
    "jpg": drawings.photo,
    "png": drawings.screenshot,
    "docx": _letter,
    "xlsx": _workbook,
    "mp4": _film,
}
