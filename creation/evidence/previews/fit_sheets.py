"""A separate program that fits the wide sheets of a workbook to the width of a page, so that a heavy file can exhaust only this process.

    python -I fit_sheets.py WORKBOOK TARGET

LibreOffice would cut a sheet of twenty columns into four pages side by side. Sheets whose author set them up to fit are left alone.
The rows up to the heading are repeated on each page.
"""

import re
import sys
import zipfile
from collections.abc import Iterator

WIDE = 90  # characters that fit on an upright page
USUAL_WIDTH = 9.0  # of a column
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
LANDSCAPE = b'<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'


def fit(sheet: bytes) -> tuple[bytes, int]:
    """Return the sheet, set up to fit the width of a page if it is wide, and how many rows to repeat."""
    if FITS.search(sheet) or not ROOT.search(sheet) or width_of(sheet) <= WIDE:
        return sheet, 0
    plain = SETUP.sub(b"", PROPERTIES.sub(b"", sheet, count=1))
    start = ROOT.search(plain)
    end = plain.rfind(b"</worksheet>")
    if not start or end < 0:
        return sheet, 0
    properties = b'<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    fitted = plain[: start.end()] + properties + plain[start.end() : end] + LANDSCAPE + plain[end:]
    return fitted, heading_rows(sheet)


def width_of(sheet: bytes) -> float:
    """Return the width of the columns in which something is, in characters."""
    used = max((column_number(name) for name in set(REFERENCE.findall(sheet))), default=0)
    widths: dict[int, float] = {}
    for column in COLUMN.findall(sheet):
        values = dict(re.findall(rb'(min|max|width|hidden)="([^"]*)"', column))
        if b"min" in values and b"max" in values:
            width = 0.0 if values.get(b"hidden") in (b"1", b"true") else float(values.get(b"width", USUAL_WIDTH))
            widths |= dict.fromkeys(range(int(values[b"min"]), min(int(values[b"max"]), used) + 1), width)
    return sum(widths.get(number, USUAL_WIDTH) for number in range(1, used + 1))


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


def titles(workbook: bytes, rows: dict[int, int]) -> bytes:
    """Return the workbook's list of names with the rows to repeat, by the number of each sheet; as it was if it has such names."""
    if b"_xlnm.Print_Titles" in workbook or not rows:
        return workbook
    names = re.findall(rb'<sheet\b[^>]*?\bname="([^"]*)"', workbook)
    entries = b"".join(
        b'<definedName name="_xlnm.Print_Titles" localSheetId="%d">\'%s\'!$1:$%d</definedName>'
        % (number, names[number].replace(b"'", b"''"), count)
        for number, count in sorted(rows.items())
        if count and number < len(names)
    )
    if b"<definedNames>" in workbook:
        return workbook.replace(b"<definedNames>", b"<definedNames>" + entries, 1)
    return workbook.replace(b"</sheets>", b"</sheets><definedNames>" + entries + b"</definedNames>", 1)


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


def fitted_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts that change."""
    order, rows = sheet_order(archive), {}
    for name in archive.namelist():
        if SHEET.fullmatch(name) and archive.getinfo(name).file_size <= MAX_BYTES:
            sheet, count = fit(archive.read(name))
            yield name, sheet
            if name in order:
                rows[order[name]] = count
    yield (
        "xl/workbook.xml",
        titles(archive.read("xl/workbook.xml"), {key: count for key, count in rows.items() if count}),
    )


def main(path: str, target: str) -> None:
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        changed = dict(fitted_parts(archive))
        for name in archive.namelist():
            out.writestr(name, changed[name] if name in changed else archive.read(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
