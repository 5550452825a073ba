"""Find what Excel would repair or refuse in a workbook (ECMA-376), and read its values with LibreOffice."""

import re
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Children of CT_Worksheet in the order of its sequence (ECMA-376 part 1, 18.3.1.99)
ORDER = [
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges",
    "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
    "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter",
    "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
    "legacyDrawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
]  # fmt: skip
ROWS, COLUMNS, LETTERS, HIGHEST, BREAKS = 1_048_576, 16_384, 32_767, 409.5, 1026
TYPES = {"n", "s", "str", "inlineStr", "b", "e", "d"}
PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def faults(path: Path) -> list[str]:
    """Return the faults of the file."""
    try:
        with zipfile.ZipFile(path) as package:
            if broken := package.testzip():
                return [f"{broken}: damaged"]
            return [*_package(package), *_workbook(package)]
    except zipfile.BadZipFile as error:
        return [f"not a package: {error}"]
    except (ElementTree.ParseError, KeyError, UnicodeDecodeError) as error:
        return [f"a part cannot be read: {error!r}"]


def _package(package: zipfile.ZipFile) -> Iterator[str]:
    names = package.namelist()
    if len(names) != len({name.lower() for name in names}):
        yield "two parts of one name"
    types = ElementTree.fromstring(package.read("[Content_Types].xml"))
    listed = {part.get("PartName", "").lstrip("/") for part in types if part.tag.endswith("Override")}
    endings = {part.get("Extension", "").lower() for part in types if part.tag.endswith("Default")}
    for name in names:
        ElementTree.fromstring(package.read(name))
        if name != "[Content_Types].xml" and name not in listed and name.rpartition(".")[2].lower() not in endings:
            yield f"{name}: of no declared type"
    yield from (f"{name}: declared, not there" for name in listed - set(names))
    for name in names:
        if name.endswith(".rels"):
            yield from _relations(package, name)


def _relations(package: zipfile.ZipFile, name: str) -> Iterator[str]:
    folder = Path("/" + name).parent.parent
    seen = set()
    for relation in ElementTree.fromstring(package.read(name)):
        if relation.get("Id") in seen:
            yield f"{name}: {relation.get('Id')} twice"
        seen.add(relation.get("Id"))
        if relation.get("TargetMode") != "External":
            target = str((folder / relation.get("Target", "")).resolve()).lstrip("/")
            if target not in package.namelist():
                yield f"{name}: {target} is not there"


def _workbook(package: zipfile.ZipFile) -> Iterator[str]:
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    targets = {
        each.get("Id"): each.get("Target", "").rpartition("/")[2]
        for each in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    sheets = book.findall(f"{MAIN}sheets/{MAIN}sheet")
    names = [sheet.get("name", "") for sheet in sheets]
    if len({name.lower() for name in names}) != len(names) or any(not name or len(name) > 31 for name in names):
        yield "names of sheets: empty, twice or too long"
    styles = ElementTree.fromstring(package.read("xl/styles.xml"))
    looks = len(styles.findall(f"{MAIN}cellXfs/{MAIN}xf"))
    for sheet in sheets:
        part = f"xl/worksheets/{targets[sheet.get(RELATION)]}"
        for fault in _sheet(ElementTree.fromstring(package.read(part)), looks):
            yield f"{sheet.get('name')}: {fault}"


def _sheet(sheet: ElementTree.Element, looks: int) -> Iterator[str]:
    parts = [child.tag.removeprefix(MAIN) for child in sheet]
    if parts != sorted(parts, key=ORDER.index):
        yield f"parts out of order: {parts}"
    if len(set(parts) - {"conditionalFormatting"}) != len([part for part in parts if part != "conditionalFormatting"]):
        yield "a part twice"
    yield from _rows(sheet, looks)
    yield from _merges(sheet)
    breaks = [int(each.get("id", "0")) for each in sheet.iter(f"{MAIN}brk")]
    if breaks != sorted(set(breaks)) or len(breaks) > BREAKS:
        yield "page breaks out of order, twice or too many"
    for tag in ("mergeCells", "rowBreaks"):
        for each in sheet.findall(f"{MAIN}{tag}"):
            if int(each.get("count", len(each))) != len(each):
                yield f"{tag} counts wrongly"


def _rows(sheet: ElementTree.Element, looks: int) -> Iterator[str]:
    last = 0
    for row in sheet.iter(f"{MAIN}row"):
        number = int(row.get("r", "0"))
        if not last < number <= ROWS:
            yield f"row {number} after {last}"
        if float(row.get("ht", "0")) > HIGHEST:
            yield f"row {number} is {row.get('ht')} points high"
        last, column = number, 0
        for cell in row:
            place = PLACE.fullmatch(cell.get("r", ""))
            if not place or int(place[2]) != number or not column < index(place[1]) <= COLUMNS:
                yield f"cell {cell.get('r')} in row {number}"
                continue
            column = index(place[1])
            yield from _cell(cell, looks)


def _cell(cell: ElementTree.Element, looks: int) -> Iterator[str]:
    place, kind = cell.get("r"), cell.get("t", "n")
    value, text = cell.find(f"{MAIN}v"), "".join(each.text or "" for each in cell.iter(f"{MAIN}t"))
    if kind not in TYPES or (kind == "inlineStr") != (cell.find(f"{MAIN}is") is not None):
        yield f"{place}: type {kind}"
    if not 0 <= int(cell.get("s", "0")) < looks:
        yield f"{place}: no style {cell.get('s')}"
    if cell.find(f"{MAIN}f") is not None:
        yield f"{place}: a formula"
    if len(text) > LETTERS:
        yield f"{place}: {len(text)} characters"
    if kind == "n" and value is not None:
        try:
            float(value.text or "")
        except ValueError:
            yield f"{place}: {value.text!r} is no number"


def _merges(sheet: ElementTree.Element) -> Iterator[str]:
    taken: dict[int, list[tuple[int, int]]] = {}
    for merge in sheet.iter(f"{MAIN}mergeCell"):
        ends = [PLACE.fullmatch(each) for each in merge.get("ref", "").split(":")]
        if len(ends) != 2 or not ends[0] or not ends[1]:
            yield f"merge {merge.get('ref')}"
            continue
        (left, top), (right, bottom) = ((index(end[1]), int(end[2])) for end in ends if end)
        if (left, top) == (right, bottom) or right < left or bottom < top:
            yield f"merge {merge.get('ref')} of nothing"
        for column in range(left, right + 1):
            taken.setdefault(column, []).append((top, bottom))
    for column, spans in taken.items():
        spans.sort()
        if any(before[1] >= after[0] for before, after in pairwise(spans)):
            yield f"merges overlap in column {column}"


def index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def as_libreoffice_reads(path: Path, folder: Path) -> Any:
    """Return the workbook as saved by LibreOffice, opened with openpyxl."""
    from openpyxl import load_workbook

    target = folder / "again"
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{folder}/office",
        "--convert-to",
        "xlsx",
        "--outdir",
        target,
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return load_workbook(target / path.name)
