"""Fill a Word template: ``{{单位}}`` is replaced by a text; a table row with ``{{任务.编号}}`` is repeated for each row of the list.

Fields are plain names from a fixed dictionary. Nothing is evaluated: names are only looked up, and braces in a value are not interpreted.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from reports.sheets import ILLEGAL

FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
MAX_TABLE_DEPTH = 3  # tables within tables
WORD_2010 = "http://schemas.microsoft.com/office/word/2010/wordml"
UNIQUE_ELEMENTS = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent",
    *(
        qn(f"w:{name}")
        for name in (
            "bookmarkStart",
            "bookmarkEnd",
            "commentRangeStart",
            "commentRangeEnd",
            "commentReference",
            "drawing",
            "pict",
        )
    ),
}


@dataclass(frozen=True, slots=True)
class FieldDictionary:
    """The fields of a kind of paper: name → description; ``lists``: name of a list → the fields of its rows."""

    fields: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return set(self.fields) | {f"{name}.{part}" for name, parts in self.lists.items() for part in parts}


@dataclass(frozen=True, slots=True)
class FieldValues:
    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


def template_faults(document: Document, dictionary: FieldDictionary) -> list[str]:
    """Return the faults of a template as sentences: unknown fields, rows that mix lists, fields of a list outside a table."""
    found: dict[str, None] = {}
    for paragraph in _free_paragraphs(document):
        for name in fields_of(paragraph):
            found |= dict.fromkeys(_fault(name, dictionary, in_row=False))
    for table in _tables(document):
        for row in table.rows:
            names = [name for cell in _cells(row) for each in cell.paragraphs for name in fields_of(each)]
            for name in names:
                found |= dict.fromkeys(_fault(name, dictionary, in_row=True))
            if len({name.partition(".")[0] for name in names if "." in name}) > 1:
                found[f"同一行里有两种清单的字段：{'、'.join(names)}。一行只能用一种。"] = None
    return list(found)


def _fault(name: str, dictionary: FieldDictionary, in_row: bool) -> Iterator[str]:
    if name not in dictionary.names:
        yield f"没有“{name}”这个字段，请对照字段表改正。"
    elif "." in name and not in_row:
        yield f"“{name}”是清单的字段，只能放在表格的一行里。"


def fields_of(paragraph: Paragraph) -> list[str]:
    return FIELD.findall(_text(paragraph))


def _text(paragraph: Paragraph) -> str:
    return "".join(run.text for run in paragraph.runs)


def fill_document(document: Document, values: FieldValues) -> None:
    """Replace every field and repeat the rows of lists. An empty list leaves one row that says 无."""
    for table in list(_tables(document)):
        for row in list(table.rows):
            _fill_row(table, row, values)
    for paragraph in list(_free_paragraphs(document)):
        _fill_lines(paragraph, values.fields)


def _fill_lines(paragraph: Paragraph, fields: Mapping[str, str]) -> None:
    """Turn a multi-line value that is alone in its paragraph into several paragraphs with the same indent."""
    alone = FIELD.fullmatch(_text(paragraph).strip())
    lines = [line for line in fields.get(alone[1], "").split("\n") if line.strip()] if alone else []
    if len(lines) > 1 and paragraph._p.find(".//" + qn("w:sectPr")) is None:
        for line in lines[:-1]:
            made = Paragraph(_copied(paragraph._p), paragraph._parent)
            paragraph._p.addprevious(made._p)
            _fill_paragraph(made, {alone[1]: line} if alone else {})
        fields = {**fields, alone[1]: lines[-1]} if alone else fields
    _fill_paragraph(paragraph, fields)


def _copied(element: Any) -> Any:
    """Copy an element without what must be unique in a document: bookmarks, positions of comments, paragraph and picture numbers."""
    made = copy.deepcopy(element)
    for each in list(made.iter()):
        if each.tag in UNIQUE_ELEMENTS:
            each.getparent().remove(each)
    for each in made.iter():
        for name in [name for name in each.attrib if name.startswith(f"{{{WORD_2010}}}")]:
            del each.attrib[name]
    return made


def _fill_row(table: Table, row: _Row, values: FieldValues) -> None:
    names = [name for cell in _cells(row) for paragraph in cell.paragraphs for name in fields_of(paragraph)]
    listed = next((name.partition(".")[0] for name in names if "." in name), None)
    if listed is None:
        _fill_cells(row, values.fields)
        return
    first = next(name for name in names if name.startswith(f"{listed}."))
    rows = values.lists.get(listed) or [{first.partition(".")[2]: "无"}]
    pattern = row._tr
    for each in rows:
        made = _copied(pattern)
        pattern.addprevious(made)
        parts = {name: each.get(name.partition(".")[2], "") for name in names if "." in name}
        _fill_cells(_Row(made, table), {**values.fields, **parts})
    pattern.getparent().remove(pattern)


def _fill_cells(row: _Row, fields: Mapping[str, str]) -> None:
    for cell in _cells(row):
        for paragraph in cell.paragraphs:
            _fill_paragraph(paragraph, fields)


def _fill_paragraph(paragraph: Paragraph, fields: Mapping[str, str]) -> None:
    """Replace fields in a paragraph. Word may split a field over several runs; its text goes into the first of them."""
    while found := next((f for f in FIELD.finditer(_text(paragraph)) if f[1] in fields), None):
        _replace(paragraph, found.start(), found.end(), ILLEGAL.sub("", fields[found[1]]))


def _replace(paragraph: Paragraph, start: int, end: int, value: str) -> None:
    at, is_first = 0, True
    for run in paragraph.runs:
        text, begin = run.text, at
        at += len(text)
        if at <= start or begin >= end:
            continue
        head, tail = text[: max(0, start - begin)], text[max(0, end - begin) :]
        run.text = head + (value.replace("{{", ESCAPED_BRACES) if is_first else "") + tail
        is_first = False


ESCAPED_BRACES = "{\u2060{"  # a value that looks like a field: an invisible word joiner keeps it from being read as one


def document_texts(document: Document) -> list[str]:
    """Return the texts of a document, paragraph by paragraph, including headers, footers and tables, without empty ones."""
    parts = [
        document.element.body,
        *(part._element for section in document.sections for part in _headers_and_footers(section)),
    ]
    found = (
        "".join(text.text or "" for text in each.iter(qn("w:t"))) for part in parts for each in part.iter(qn("w:p"))
    )
    return [text for text in found if text]


def _free_paragraphs(document: Document) -> Iterator[Paragraph]:
    """Yield the paragraphs of body, headers and footers that are not in tables."""
    yield from document.paragraphs
    for section in document.sections:
        for part in _headers_and_footers(section):
            yield from part.paragraphs


def _headers_and_footers(section: Any) -> list[Any]:
    names = ("header", "footer", "first_page_header", "first_page_footer", "even_page_header", "even_page_footer")
    parts = (getattr(section, name) for name in names)
    return [part for part in parts if not part.is_linked_to_previous]


def _tables(document: Document) -> Iterator[Table]:
    yield from _with_inner(document.tables)
    for section in document.sections:
        for part in _headers_and_footers(section):
            yield from _with_inner(part.tables)


def _with_inner(tables: Iterable[Table], depth: int = MAX_TABLE_DEPTH) -> Iterator[Table]:
    for table in tables:
        yield table
        if depth:
            for row in table.rows:
                for cell in _cells(row):
                    yield from _with_inner(cell.tables, depth - 1)


def _cells(row: _Row) -> list[Any]:
    """Return each cell once, however many columns it spans."""
    return list({id(cell._tc): cell for cell in row.cells}.values())
