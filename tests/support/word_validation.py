"""Find what Word would repair or refuse in a document. The rules of the Open XML SDK (``openxml-audit``: sequences, values, references of
ECMA-376) are checked for each element; our own checks cover the package, tables, and what must be unique; LibreOffice reads the text."""

import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import docx
from openxml_audit import OpenXmlValidator

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
TYPES = {  # relationship → the content type of its part
    "officeDocument": f"{TYPE}document.main+xml", "styles": f"{TYPE}styles+xml", "settings": f"{TYPE}settings+xml",
    "header": f"{TYPE}header+xml", "footer": f"{TYPE}footer+xml", "numbering": f"{TYPE}numbering+xml",
    "fontTable": f"{TYPE}fontTable+xml", "webSettings": f"{TYPE}webSettings+xml", "image": "image/",
}  # fmt: skip
TEXT_WIDTH = round((210 - 28 - 26) / 25.4 * 1440)  # twips between the margins of GB/T 9704


@cache
def auditor() -> OpenXmlValidator:
    return OpenXmlValidator()


def faults(path: Path, width: int = TEXT_WIDTH) -> list[str]:
    """Return the faults of the file. ``width`` is the text width in twips, which no table may exceed."""
    try:
        with zipfile.ZipFile(path) as package:
            if broken := package.testzip():
                return [f"{broken}: damaged"]
            found = [*_package(package), *_document(package, width)]
    except zipfile.BadZipFile as error:
        return [f"not a package: {error}"]
    except (ElementTree.ParseError, KeyError, UnicodeDecodeError) as error:
        return [f"a part cannot be read: {error!r}"]
    return found + [str(error) for error in auditor().validate(path).errors]


def _package(package: zipfile.ZipFile) -> Iterator[str]:
    names = package.namelist()
    if len(names) != len({name.lower() for name in names}):
        yield "two parts of one name"
    root = ElementTree.fromstring(package.read("[Content_Types].xml"))
    overrides = {
        each.get("PartName", "").lstrip("/"): each.get("ContentType", "") for each in root if "PartName" in each.attrib
    }
    defaults = {
        each.get("Extension", "").lower(): each.get("ContentType", "") for each in root if "Extension" in each.attrib
    }
    yield from (f"{name}: declared, not there" for name in overrides.keys() - set(names))
    reached = {"[Content_Types].xml"}
    for name in names:
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(package.read(name))
        if name.endswith(".rels"):
            reached.add(name)
            for kind, target in _relations(package, name):
                reached.add(target)
                declared = overrides.get(target) or defaults.get(target.rpartition(".")[2].lower(), "")
                if target not in names:
                    yield f"{name}: {target} is not there"
                elif not declared.startswith(TYPES.get(kind, "")) or not declared:
                    yield f"{target}: declared as {declared or 'nothing'}"
    yield from (f"{name}: nothing leads there" for name in set(names) - reached)


def _relations(package: zipfile.ZipFile, name: str) -> Iterator[tuple[str, str]]:
    folder = PurePosixPath("/" + name).parent.parent
    for relation in ElementTree.fromstring(package.read(name)):
        if relation.get("TargetMode") != "External":
            target = Path(str(folder / relation.get("Target", ""))).resolve()
            yield relation.get("Type", "").rpartition("/")[2], str(target).lstrip("/")


def _document(package: zipfile.ZipFile, width: int) -> Iterator[str]:
    parts = {
        name: ElementTree.fromstring(package.read(name))
        for name in package.namelist()
        if name.startswith("word/") and name.endswith(".xml")
    }
    styles = {each.get(f"{W}styleId") for each in parts["word/styles.xml"].iter(f"{W}style")}
    for name, root in parts.items():
        for kind in ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link"):
            for each in root.iter(f"{W}{kind}"):
                if each.get(f"{W}val") not in styles:
                    yield f"{name}: no style {each.get(f'{W}val')}"
        yield from _once(name, root)
        for table in root.iter(f"{W}tbl"):
            yield from (f"{name}: {fault}" for fault in _table(table, width))


def _once(name: str, root: ElementTree.Element) -> Iterator[str]:
    groups = {
        "bookmark": [each.get(f"{W}id") for each in root.iter(f"{W}bookmarkStart")],
        "name of a bookmark": [each.get(f"{W}name") for each in root.iter(f"{W}bookmarkStart")],
        "picture": [each.get("id") for each in root.iter(f"{DRAWING}docPr")],
        "paragraph": [found for each in root.iter() if (found := each.get(f"{W14}paraId"))],
        "style": [each.get(f"{W}styleId") for each in root.iter(f"{W}style")],
    }
    yield from (f"{name}: a {kind} twice" for kind, ids in groups.items() if len(ids) != len(set(ids)))


def _table(table: ElementTree.Element, width: int) -> Iterator[str]:
    grid = [int(column.get(f"{W}w", "0")) for column in table.findall(f"{W}tblGrid/{W}gridCol")]
    if sum(grid) > width + 20:
        yield f"a table of {sum(grid)} twips on {width}"
    open_at: dict[int, int] = {}  # column → span of a cell that may continue below
    for number, row in enumerate(table.findall(f"{W}tr")):
        before = row.find(f"{W}trPr/{W}gridBefore")
        at, now = int(before.get(f"{W}val", "0")) if before is not None else 0, {}
        for cell in row.findall(f"{W}tc"):
            span = _number(cell, "gridSpan", 1)
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None:
                if merge.get(f"{W}val", "continue") == "continue" and open_at.get(at) != span:
                    yield f"row {number}: a merged cell goes on that was not begun"
                now[at] = span
            at += span
        after = row.find(f"{W}trPr/{W}gridAfter")
        at += int(after.get(f"{W}val", "0")) if after is not None else 0
        if at != len(grid):
            yield f"row {number}: {at} columns of {len(grid)}"
        open_at = now


def _number(cell: ElementTree.Element, name: str, default: int) -> int:
    found = cell.find(f"{W}tcPr/{W}{name}")
    return int(found.get(f"{W}val", default)) if found is not None else default


def cells(path: Path) -> list[list[list[str]]]:
    """Return the text of every table, row by row, cell by cell."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]


def words(path: Path) -> list[str]:
    """Return the text outside tables, paragraph by paragraph."""
    return [text for each in docx.Document(str(path)).paragraphs if (text := each.text.strip())]


def as_libreoffice_reads(paths: list[Path], folder: Path) -> list[Path]:
    """Return the documents as saved by LibreOffice, all converted in one run."""
    command: list[Any] = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", folder / "again", *paths]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [folder / "again" / path.name for path in paths]
