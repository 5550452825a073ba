"""A separate program that fits the wide sheets of a workbook to the width of a page, so that a heavy file can exhaust only this process.

    python -I fit_sheets.py WORKBOOK TARGET

LibreOffice would cut a sheet of twenty columns into four pages side by side, and a chart at the edge of a page in two. Sheets whose
author set them up to fit are left alone.
The wider a sheet, the larger its paper; one that could not be read on the largest is divided into as few pages side by side as can be.
The rows up to the heading are repeated on each page, and the first columns on pages side by side.
"""

import math
import re
import sys
import zipfile
from collections.abc import Iterator

WIDE = 90  # characters that fit on an upright page
USUAL_WIDTH = 9.0  # of a column
PAPERS = (
    (9, 150),
    (8, 220),
    (66, 400),
)  # A4, A3 and A2 ([ECMA-376] 18.3.1.63), and the characters that can be read on each
MOST_BESIDE = 8  # pages side by side
REPEATED_WIDTH = 40  # characters of the first columns that are repeated on pages side by side
LONG = 40  # rows that fit on a page
MAX_BYTES = 64 << 20  # of a sheet that is changed
HEADING_ROWS = 8  # in which a heading is looked for
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
ROOT = re.compile(rb"<worksheet\b[^>]*>")
FITS = re.compile(rb'<pageSetUpPr\b[^>]*\bfitToPage\s*=\s*"(?:1|true)"')
PROPERTIES = re.compile(rb"<sheetPr\b(?:[^>]*/>|.*?</sheetPr>)", re.DOTALL)
SETUP = re.compile(rb"<pageSetup\b[^>]*?(?:/>|>\s*</pageSetup>)")
COLUMN = re.compile(rb"<col\b[^>]*>")
ROW = re.compile(rb"<row\b[^>]*>(.*?)</row>", re.DOTALL)
CELL = re.compile(rb"<c\b[^>]*>\s*<(?:v|is|f)\b")
REFERENCE = re.compile(rb'<c\b[^>]*\br="([A-Z]+)')
MARGINS = re.compile(rb"<pageMargins\b[^>]*?(?:/>|>\s*</pageMargins>)")
NARROW_MARGINS = b'<pageMargins left="0.3" right="0.3" top="0.4" bottom="0.4" header="0.2" footer="0.2"/>'


ANCHOR = re.compile(rb"<(?:\w+:)?(?:two|one)CellAnchor\b.*?</(?:\w+:)?(?:two|one)CellAnchor>", re.DOTALL)
ANCHORED = re.compile(rb"<(?:\w+:)?(?:from|to)>\s*<(?:\w+:)?col>(\d{1,5})<")
EXTENT = re.compile(rb'<(?:\w+:)?ext\b[^>]*\bcx="(\d+)"')
COLUMN_SIZE = 609_600  # of a drawing's units (EMU): the width of a usual column
MOST_DRAWN = 60  # columns; what lies further out is a mistake


def fit(sheet: bytes, drawn: int = 0) -> tuple[bytes, int, int]:
    """Return the sheet, set up to fit the width of a page if it is wide, and how many rows and columns to repeat.

    ``drawn``: the columns that its charts and pictures reach.
    """
    if FITS.search(sheet) or not ROOT.search(sheet):
        return sheet, 0, 0
    widths = widths_of(sheet, drawn)
    wide = sum(widths)
    if wide <= WIDE:
        return sheet, heading_rows(sheet) if sheet.count(b"<row") > LONG else 0, 0
    plain = MARGINS.sub(b"", SETUP.sub(b"", PROPERTIES.sub(b"", sheet, count=1)))
    start = ROOT.search(plain)
    end = plain.rfind(b"</worksheet>")
    if not start or end < 0:
        return sheet, 0, 0
    paper, beside = paper_for(wide)
    properties = b'<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    setup = b'<pageSetup paperSize="%d" orientation="landscape" fitToWidth="%d" fitToHeight="0"/>' % (paper, beside)
    fitted = plain[: start.end()] + properties + plain[start.end() : end] + NARROW_MARGINS + setup + plain[end:]
    return fitted, heading_rows(sheet), heading_columns(widths) if beside > 1 else 0


def paper_for(width: float) -> tuple[int, int]:
    """Return the number of the paper for a sheet of this many characters, and how many pages stand side by side."""
    paper, most = next((each for each in PAPERS if width <= each[1]), PAPERS[-1])
    return paper, min(math.ceil(width / most), MOST_BESIDE)


def heading_columns(widths: list[float]) -> int:
    """Return how many of the first columns to repeat: at most two, a number and a name."""
    return max((count for count in (1, 2) if sum(widths[:count]) <= REPEATED_WIDTH), default=0)


def widths_of(sheet: bytes, drawn: int = 0) -> list[float]:
    """Return the widths of the columns up to the last in which something is, in characters."""
    used = max((column_number(name) for name in set(REFERENCE.findall(sheet))), default=0)
    used = max(used, drawn)
    widths: dict[int, float] = {}
    for column in COLUMN.findall(sheet):
        values = dict(re.findall(rb'(min|max|width|hidden)="([^"]*)"', column))
        if b"min" in values and b"max" in values:
            width = 0.0 if values.get(b"hidden") in (b"1", b"true") else float(values.get(b"width", USUAL_WIDTH))
            widths |= dict.fromkeys(range(int(values[b"min"]), min(int(values[b"max"]), used) + 1), width)
    return [widths.get(number, USUAL_WIDTH) for number in range(1, used + 1)]


def column_number(name: bytes) -> int:
    number = 0
    for char in name[:3]:
        number = number * 26 + char - 64
    return number


def heading_rows(sheet: bytes) -> int:
    """Return the number of rows up to the heading: the first that is about as full as any; 0 if there is none."""
    counts = [len(CELL.findall(found[1])) for found, _ in zip(ROW.finditer(sheet), range(HEADING_ROWS), strict=False)]
    most = max(counts, default=0)
    return next((number for number, count in enumerate(counts, 1) if count >= 0.6 * most), 0) if most > 1 else 0


def titles(workbook: bytes, repeated: dict[int, tuple[int, int]]) -> bytes:
    """Return the workbook's list of names with the rows and columns to repeat of each sheet, by its number; as it was if it has any."""
    if b"_xlnm.Print_Titles" in workbook or not repeated:
        return workbook
    names = re.findall(rb'<sheet\b[^>]*?\bname="([^"]*)"', workbook)
    entries = b"".join(
        b'<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s</definedName>'
        % (number, b",".join(areas(b"'%s'" % names[number].replace(b"'", b"''"), *counts)))
        for number, counts in sorted(repeated.items())
        if any(counts) and number < len(names)
    )
    if b"<definedNames>" in workbook:
        return workbook.replace(b"<definedNames>", b"<definedNames>" + entries, 1)
    return workbook.replace(b"</sheets>", b"</sheets><definedNames>" + entries + b"</definedNames>", 1)


def areas(sheet: bytes, rows: int, columns: int) -> Iterator[bytes]:
    if columns:
        yield b"%s!$A:$%c" % (sheet, 64 + columns)
    if rows:
        yield b"%s!$1:$%d" % (sheet, rows)


def sheet_order(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return the number of each sheet by the name of its part."""
    workbook = archive.read("xl/workbook.xml").decode("utf-8", "ignore")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "ignore")
    targets = {}
    for entry in re.findall(r"<Relationship\b[^>]*>", relations):
        values = dict(re.findall(r'(Id|Target)="([^"]*)"', entry))
        target = values.get("Target", "")
        targets[values.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    ids = re.findall(r'<sheet\b[^>]*?\br:id="([^"]*)"', workbook)
    return {targets[each]: number for number, each in enumerate(ids) if each in targets}


def drawn_columns(archive: zipfile.ZipFile, sheet: str) -> int:
    """Return the number of columns that the charts and pictures of a sheet reach; 0 without any."""
    names, found = set(archive.namelist()), 0
    folder, _, own = sheet.rpartition("/")
    relations = f"{folder}/_rels/{own}.rels"
    targets = (
        re.findall(rb'Target="[^"]*?(drawings/[^"/]+\.xml)"', archive.read(relations)) if relations in names else []
    )
    for target in targets:
        drawing = f"xl/{target.decode('utf-8', 'ignore')}"
        if drawing in names and archive.getinfo(drawing).file_size <= MAX_BYTES:
            found = max([found, *map(_reach, ANCHOR.findall(archive.read(drawing)))])
    return found


def _reach(anchor: bytes) -> int:
    columns = [int(each) for each in ANCHORED.findall(anchor)]
    extent = EXTENT.search(anchor) if len(columns) == 1 else None
    reach = max(columns, default=0) + 1 + (int(extent[1]) // COLUMN_SIZE if extent else 0)
    return reach if reach <= MOST_DRAWN else 0


def fitted_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts that change."""
    order, repeated = sheet_order(archive), {}
    for name in archive.namelist():
        if SHEET.fullmatch(name) and archive.getinfo(name).file_size <= MAX_BYTES:
            sheet, *counts = fit(archive.read(name), drawn_columns(archive, name))
            yield name, sheet
            if name in order and any(counts):
                repeated[order[name]] = (counts[0], counts[1])
    yield "xl/workbook.xml", titles(archive.read("xl/workbook.xml"), repeated)


def main(path: str, target: str) -> None:
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        changed = dict(fitted_parts(archive))
        for name in archive.namelist():
            out.writestr(name, changed[name] if name in changed else archive.read(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
