"""Fill a Word template: ``{{单位}}`` is replaced by a text; a table row with ``{{任务.编号}}`` is repeated for each row of the list; a
paragraph that is nothing but ``{{进度图}}`` gives way to pictures with their titles.

Fields are plain names from a fixed dictionary. Nothing is evaluated: names are only looked up, and braces in a value are not interpreted.
"""

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from creation.rules import plain_text
from reports.word import layout

# Typed with an input method on, braces are full-width; some people type one. What is in single braces is a field only if it is known.
FIELD = re.compile(
    r"(?<!\$)(?P<double>[{｛]{2})\s*([^{}｛｝]*?)\s*[}｝]{2}|(?<![${｛])[{｛]\s*([^{}｛｝]+?)\s*[}｝](?![}｝])"
)
EXAMPLE = "单位"
BLANKS = re.compile(r"[\s\u200b\ufeff]+")
HALF_FIELD = re.compile(r"[^\s{}｛｝]{0,8}(?:[{｛]{2}|[}｝]{2})[^\s{}｛｝]{0,8}")  # of what is no whole field
OPENED = re.compile(r"[{｛]{2}")
BODY, PARAGRAPH, RUN, ROW = qn("w:body"), qn("w:p"), qn("w:r"), qn("w:tr")
CONTROL, BINDING = qn("w:sdt"), qn("w:dataBinding")
DRAWN_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"  # of diagrams and charts
OUTSIDE = re.compile(
    r"/word/(?:footnotes|endnotes|comments|diagrams/data\d*|charts/chart\d*)\d*\.xml"
)  # where nothing is filled in
DELETED = {qn("w:del"), qn("w:moveFrom")}  # tracked changes: what is struck out is no text
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
    """The fields of a kind of paper: name → description; ``lists``: name of a list → the fields of its rows; ``pictures`` by name."""

    fields: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        rows = {f"{name}.{part}" for name, parts in self.lists.items() for part in parts}
        return set(self.fields) | rows | set(self.pictures)


@dataclass(frozen=True, slots=True)
class FieldValues:
    """``pictures``: name → pictures, each with its title."""

    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    pictures: Mapping[str, Sequence[tuple[BinaryIO, str]]] = field(default_factory=dict)


def template_faults(document: Document, dictionary: FieldDictionary) -> list[str]:
    """Return the faults of a template as sentences: unknown fields, rows that mix lists, fields of a list outside a table, pictures
    among other text."""
    found: dict[str, None] = {}
    for paragraph in _paragraphs(document):
        for name in fields_of(paragraph, dictionary.names):
            found |= dict.fromkeys(_fault(name, dictionary, in_row=_row_of(paragraph._p) is not None))
            if name in dictionary.pictures and not _is_picture_place(paragraph, name):
                found[f"“{name}”是图片，要单独占正文的一段。"] = None
        if half := HALF_FIELD.search(FIELD.sub("", _text(paragraph))):
            found[f"“{half[0]}”处的大括号不成对：字段的左右各要两个大括号，写在同一段里，如{{{{{EXAMPLE}}}}}。"] = None
    for name in _outside(document):
        found[f"“{name}”写在脚注、批注、图形或图表里，那里填不进内容，请移到正文、页眉页脚或文本框。"] = None
    for row in _rows(document):
        names = [name for each in _paragraphs_of(row) for name in fields_of(each, dictionary.names)]
        if len({name.partition(".")[0] for name in names if "." in name}) > 1:
            found[f"同一行里有两种清单的字段：{'、'.join(names)}。一行只能用一种。"] = None
    return list(found)


def unfilled(document: Document, later: Collection[str]) -> list[str]:
    """Return the fields that still stand in a document, without those that are filled in later, and what else has double braces."""
    found: dict[str, None] = {}
    for paragraph in _paragraphs(document):
        found |= dict.fromkeys(name for name in fields_of(paragraph, ()) if name not in later)
        rest = FIELD.sub("", _text(paragraph))
        found |= {rest[each.start() : each.end() + 10]: None for each in OPENED.finditer(rest)}
    return list(found | dict.fromkeys(_outside(document)))


def _outside(document: Document) -> Iterator[str]:
    """Yield the fields in parts where nothing is filled in: notes, comments, diagrams, charts."""
    for part in document.part.package.iter_parts():
        if OUTSIDE.fullmatch(str(part.partname)):
            root = parse_xml(part.blob)
            for paragraph in root.iter(PARAGRAPH, DRAWN_PARAGRAPH):
                text = "".join(each.text or "" for each in paragraph.iter("{*}t"))
                yield from (_name(each) for each in FIELD.finditer(text) if each["double"])


def _fault(name: str, dictionary: FieldDictionary, in_row: bool) -> Iterator[str]:
    if name not in dictionary.names:
        yield f"没有“{name}”这个字段，请对照字段表改正。"
    elif "." in name and not in_row:
        yield f"“{name}”是清单的字段，只能放在表格的一行里。"


def fields_of(paragraph: Paragraph, known: Collection[str]) -> list[str]:
    """Return the names in double braces, and those in single ones that are known."""
    found = ((_name(each), each["double"]) for each in FIELD.finditer(_text(paragraph)))
    return [name for name, is_double in found if is_double or name in known]


def _name(found: re.Match[str]) -> str:
    """Return the name without blanks, which Word and input methods put in unseen."""
    return BLANKS.sub("", found[2] if found["double"] else found[3])


def _text(paragraph: Paragraph) -> str:
    return "".join(run.text for run in _runs(paragraph))


def _runs(paragraph: Paragraph) -> list[Run]:
    """Return the runs of a paragraph, also those in links, content controls and tracked insertions, without those of boxes in it."""
    return [
        Run(run, paragraph)
        for run in paragraph._p.iter(RUN)
        if next(run.iterancestors(PARAGRAPH)) is paragraph._p
        and not any(each.tag in DELETED for each in run.iterancestors() if each is not paragraph._p)
    ]


def _is_picture_place(paragraph: Paragraph, name: str) -> bool:
    alone = FIELD.fullmatch(_text(paragraph).strip())
    return bool(alone and _name(alone) == name and paragraph._p.getparent().tag == BODY)


def fill_document(document: Document, values: FieldValues) -> None:
    """Replace every field, repeat the rows of lists, and put pictures in their places. An empty list leaves one row that says 无."""
    for name, pictures in values.pictures.items():
        for place in [each for each in document.paragraphs if _is_picture_place(each, name)]:
            for picture, title in pictures:
                for made in layout.add_picture(document, picture, title):
                    place._p.addprevious(made._p)
            place._p.getparent().remove(place._p)
    _unbind(document)
    for row in reversed(list(_rows(document))):  # inner tables first
        _fill_row(row, values)
    for paragraph in list(_paragraphs(document)):
        if _row_of(paragraph._p) is None:
            _fill_lines(paragraph, values.fields)


def _unbind(document: Document) -> None:
    """Detach content controls with fields from the document properties that Word would otherwise write over what is filled in."""
    for part in _parts(document):
        for control in _element(part).iter(CONTROL):
            if OPENED.search("".join(each.text or "" for each in control.iter(qn("w:t")))):
                for binding in list(control.iter(BINDING)):
                    binding.getparent().remove(binding)


def _fill_lines(paragraph: Paragraph, fields: Mapping[str, str]) -> None:
    """Turn a multi-line value that is alone in its paragraph into several paragraphs with the same indent."""
    alone = FIELD.fullmatch(_text(paragraph).strip())
    name = _name(alone) if alone else ""
    lines = [line for line in _plain(fields.get(name, "")).split("\n") if line.strip()]
    if len(lines) > 1 and paragraph._p.find(".//" + qn("w:sectPr")) is None:
        for line in lines[:-1]:
            made = Paragraph(_copied(paragraph._p), paragraph._parent)
            paragraph._p.addprevious(made._p)
            _fill_paragraph(made, {name: line})
        fields = {**fields, name: lines[-1]}
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


def _fill_row(row: Any, values: FieldValues) -> None:
    known = {
        *values.fields,
        *(f"{name}.{part}" for name, rows in values.lists.items() for each in rows[:1] for part in each),
    }
    names = [name for paragraph in _paragraphs_of(row) for name in fields_of(paragraph, known)]
    listed = next((name.partition(".")[0] for name in names if "." in name), None)
    if listed is None:
        _fill_paragraphs(row, values.fields)
        return
    first = next(name for name in names if name.startswith(f"{listed}."))
    rows = values.lists.get(listed) or [{first.partition(".")[2]: "无"}]
    for each in rows:
        made = _copied(row)
        row.addprevious(made)
        parts = {name: each.get(name.partition(".")[2], "") for name in names if "." in name}
        _fill_paragraphs(made, {**values.fields, **parts})
    row.getparent().remove(row)


def _fill_paragraphs(row: Any, fields: Mapping[str, str]) -> None:
    for paragraph in _paragraphs_of(row):
        _fill_paragraph(paragraph, fields)


def _fill_paragraph(paragraph: Paragraph, fields: Mapping[str, str]) -> None:
    """Replace fields in a paragraph. Word may split a field over several runs; its text goes into the first of them."""
    wanted = [found for found in FIELD.finditer(_text(paragraph)) if _name(found) in fields]
    for found in reversed(wanted):  # so that the places of those before stay as they are
        _replace(paragraph, found.start(), found.end(), _plain(fields[_name(found)]))


def _plain(text: str) -> str:
    """Return the text as Word takes it: without control characters, lines ended as one, also those that a browser sent."""
    return plain_text.cleaned(text)


def _replace(paragraph: Paragraph, start: int, end: int, value: str) -> None:
    at, is_first = 0, True
    for run in _runs(paragraph):
        text, begin = run.text, at
        at += len(text)
        if at <= start or begin >= end or not text:
            continue
        head, tail = text[: max(0, start - begin)], text[max(0, end - begin) :]
        run.text = head + (BRACE.sub(ESCAPED, value) if is_first else "") + tail
        is_first = False


BRACE = re.compile(r"([{｛])(?=[^{}｛｝]*[}｝]|[{｛])")
ESCAPED = "\\1\u2060"  # a value that looks like a field: an invisible word joiner keeps it from being read as one


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


def _parts(document: Document) -> Iterator[Any]:
    """Yield body, headers and footers, each with what belongs to it."""
    yield document
    for section in document.sections:
        yield from _headers_and_footers(section)


def _paragraphs(document: Document) -> Iterator[Paragraph]:
    """Yield every paragraph: of tables, of text boxes in both of their forms, of content controls too."""
    for part in _parts(document):
        for element in list(_element(part).iter(PARAGRAPH)):
            yield Paragraph(element, part)


def _element(part: Any) -> Any:
    return part.element.body if hasattr(part, "element") and hasattr(part.element, "body") else part._element


def _rows(document: Document) -> Iterator[Any]:
    for part in _parts(document):
        yield from _element(part).iter(ROW)


def _row_of(paragraph: Any) -> Any:
    """Return the row of a table in which a paragraph is, or None."""
    return next(paragraph.iterancestors(ROW), None)


def _paragraphs_of(row: Any) -> list[Paragraph]:
    """Return the paragraphs of a row, without those of tables in it."""
    return [Paragraph(each, None) for each in row.iter(PARAGRAPH) if _row_of(each) is row]  # type: ignore[arg-type]


def _headers_and_footers(section: Any) -> list[Any]:
    names = ("header", "footer", "first_page_header", "first_page_footer", "even_page_header", "even_page_footer")
    parts = (getattr(section, name) for name in names)
    return [part for part in parts if not part.is_linked_to_previous]
