"""Workbooks with many rows. openpyxl writes styles, header and page setup; this module inserts the rows as XML.

openpyxl keeps an object for every cell; this module does not (``benchmarks/ledger.py`` compares the two). Strings are inline: typed text is
text in the file, never a formula, whatever it begins with.
"""

import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.styles import Alignment, NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from creation.rules import plain_text

Value = str | int | float | Decimal | date | None
CODED_CHARACTER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
CHUNK_ROWS = 200  # rows written at once
SHORT = 200  # longest text to cache, in characters
CELL_LIMIT = 32_767  # characters; Excel refuses more
CUT = "……（一格最多写 {} 字，后面还有 {} 字没有写入，全文请在平台上看）"
CUT_LENGTH = 60  # characters kept free for it
EPOCH = date(1899, 12, 30)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """``height`` in points (None: up to the program); ``cells``: style number and value, from column A on."""

    cells: list[tuple[int, Value]]
    height: float | None = None


@dataclass
class SheetBody:
    """The rows below a sheet's header. ``merges`` ("A5:A9") and ``breaks`` (last row of a page) are read after the rows.

    ``links``: cell → URL, relative to the workbook.
    """

    first_row: int
    rows: Iterable[SheetRow]
    merges: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)


def style_number(sheet: Worksheet, style: NamedStyle, quoted: bool = False, wrap: bool = True) -> int:
    """Register a style with the workbook and return its number.

    Call it before ``save``. ``quoted`` keeps a leading = text even after somebody edits the cell; without ``wrap`` a long text stays on one
    line.
    """
    cell = sheet.cell(1, 16_000)
    cell.font, cell.alignment, cell.border, cell.fill = style.font, style.alignment, style.border, style.fill
    cell.number_format = style.number_format
    if not wrap:
        cell.alignment = Alignment(horizontal=style.alignment.horizontal, vertical="center")
    if quoted:
        cell.quotePrefix = True
    number = cell.style_id
    del sheet._cells[1, 16_000]
    return int(number)


def save(workbook: Workbook, bodies: dict[str, SheetBody], path: Path) -> None:
    """Write the workbook with its bodies (by sheet title) to ``path``, under a temporary name first, so that no partial file is seen."""
    skeleton = BytesIO()
    workbook.save(skeleton)
    parts = {
        f"xl/worksheets/sheet{number}.xml": bodies.get(sheet.title)
        for number, sheet in enumerate(workbook.worksheets, 1)
    }
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".ledger-")
    try:
        with (
            os.fdopen(handle, "wb") as file,
            zipfile.ZipFile(skeleton) as source,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
        ):
            for item in source.infolist():
                _copy(source.read(item), item.filename, parts.get(item.filename), target)
            for part, body in parts.items():
                if body and body.links:
                    target.writestr(part.replace("/sheet", "/_rels/sheet") + ".rels", _link_targets(body.links))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _copy(content: bytes, name: str, body: SheetBody | None, target: zipfile.ZipFile) -> None:
    with target.open(name, "w", force_zip64=True) as part:
        if body is None:
            part.write(content)
        else:
            _write_sheet(content.decode(), body, part)


def _write_sheet(skeleton: str, body: SheetBody, part: IO[bytes]) -> None:
    """Write the header from openpyxl, then the rows, then merges and page breaks, which are known only then."""
    skeleton = re.sub(r"<dimension [^>]*/>", "", skeleton)  # it counts the header only
    head, tail = skeleton.split("</sheetData>")
    part.write(head.encode())
    for chunk in _chunks(body):
        part.write(chunk.encode())
    part.write(
        ("</sheetData>" + _with_breaks(_with_links(_with_merges(tail, body.merges), body.links), body.breaks)).encode()
    )


def _chunks(body: SheetBody) -> Iterator[str]:
    batch: list[str] = []
    for number, row in enumerate(body.rows, body.first_row):
        batch.append(_row_xml(number, row))
        if len(batch) == CHUNK_ROWS:
            yield "".join(batch)
            batch.clear()
    yield "".join(batch)


def _row_xml(number: int, row: SheetRow) -> str:
    height = f' ht="{row.height:.2f}" customHeight="1"' if row.height else ""
    place = str(number)
    cells = [
        CELL_OPENINGS[n] + place + (_text_cell(style, value) if isinstance(value, str) else _number_cell(style, value))
        for n, (style, value) in enumerate(row.cells)
    ]
    return f'<row r="{place}"{height}>{"".join(cells)}</row>'


CELL_OPENINGS: list[str] = [f'<c r="{get_column_letter(number)}' for number in range(1, 200)]


def _number_cell(style: int, value: float | Decimal | date | None) -> str:
    """Return the rest of a number cell after its reference: style and value."""
    if value is None:
        return f'" s="{style}"/>'
    number = (value - EPOCH).days if isinstance(value, date) else value
    return f'" s="{style}"><v>{number}</v></c>'


def _text_cell(style: int, text: str) -> str:
    """Return the same for a text cell. Most texts in a ledger occur often, so short ones are cached."""
    return _cached_text_xml(style, text) if len(text) < SHORT else _text_xml(style, text)


def _text_xml(style: int, text: str) -> str:
    if not text:
        return f'" s="{style}"/>'
    shown = escape(escape_coded(clean(text)))
    return f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


_cached_text_xml = lru_cache(maxsize=4096)(_text_xml)


def clean(text: str) -> str:
    """Remove what XML 1.0 and Excel do not accept: control characters, lone surrogates; and what is beyond the limit of a cell, which the
    end of the text then says.

    Those that end a line, such as U+000B of old Word texts, become line breaks, so that no words are joined.
    """
    text = plain_text.cleaned(text)
    if len(text) <= CELL_LIMIT:
        return text
    said = CUT.format(CELL_LIMIT, len(text) - CELL_LIMIT + CUT_LENGTH)
    return text[: CELL_LIMIT - CUT_LENGTH] + said.rjust(CUT_LENGTH, "…")


def escape_coded(text: str) -> str:
    """Escape text such as ``_x000D_``, which Excel would read as a character code."""
    return CODED_CHARACTER.sub("_x005F_", text) if "_x" in text else text


def _with_merges(tail: str, merges: list[str]) -> str:
    existing = re.search(r'<mergeCells count="(\d+)">(.*?)</mergeCells>', tail)
    count = len(merges) + (int(existing[1]) if existing else 0)
    if not count:
        return tail
    inner = (existing[2] if existing else "") + "".join(f'<mergeCell ref="{each}"/>' for each in merges)
    element = f'<mergeCells count="{count}">{inner}</mergeCells>'
    if existing:
        return tail.replace(existing[0], element, 1)
    filtered = re.match(r"<autoFilter [^>]*/>|<autoFilter .*?</autoFilter>", tail)
    at = filtered.end() if filtered else 0
    return tail[:at] + element + tail[at:]


def _with_links(tail: str, links: dict[str, str]) -> str:
    if not links:
        return tail
    inner = "".join(f'<hyperlink ref="{cell}" r:id="link{number}"/>' for number, cell in enumerate(links))
    element = f'<hyperlinks xmlns:r="{RELATIONS}">{inner}</hyperlinks>'
    return tail.replace("<printOptions", element + "<printOptions", 1)


def _link_targets(links: dict[str, str]) -> str:
    rows = (
        f'<Relationship Id="link{number}" Type="{RELATIONS}/hyperlink" Target={quoteattr(target)} TargetMode="External"/>'
        for number, target in enumerate(links.values())
    )
    return f'<Relationships xmlns="{PACKAGE_RELATIONS}">{"".join(rows)}</Relationships>'


def _with_breaks(tail: str, breaks: list[int]) -> str:
    if not breaks:
        return tail
    inner = "".join(f'<brk id="{row}" min="0" max="16383" man="1"/>' for row in breaks)
    element = f'<rowBreaks count="{len(breaks)}" manualBreakCount="{len(breaks)}">{inner}</rowBreaks>'
    return tail.replace("</headerFooter>", "</headerFooter>" + element, 1)
