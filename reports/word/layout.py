"""A Word document in the layout of GB/T 9704-2012: page, fonts, levels of headings, page number; and tables that print well.

Clause 5: A4, margins 37/35/28/26 mm, 22 lines of 28 characters in 仿宋 三号, exact line 28.95 points. Clause 7: title 小标宋 二号;
一、黑体, （一）楷体, body 仿宋, first line in by two characters. Clause 7.5: page number — 1 —, odd pages right, even pages left.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from creation.rules import plain_text
from reports.word import titles

BODY, HEITI, KAITI, TITLE, DIGITS = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
SIZE_2, SIZE_3, SIZE_4 = Pt(22), Pt(16), Pt(14)  # 二号, 三号, 四号
TABLE_SIZE = Pt(10.5)
LINE = Pt(28.95)
MARGINS = {"top_margin": Mm(37), "bottom_margin": Mm(35), "left_margin": Mm(28), "right_margin": Mm(26)}
WIDTH = 210 - 28 - 26  # millimetres of text
SIGNATURE = SIZE_3 * 15  # a date of seven characters centered in it leaves four free
ANNEXES = "附件："  # 附件说明: below the text, above the signature
NO_BREAK_HYPHEN = "\u2011"
NUMBER = re.compile(r"(?<![0-9A-Za-z-])\d+(?:-\d+){2,}(?![0-9A-Za-z-])")  # of a checkpoint, or of evidence
TITLE_STYLE, SIGNED_STYLE = "公文标题", "公文落款"  # they identify these parts in a default template
TITLE_CHARACTERS = 20  # characters of 二号 in a line
LAST_ROWS = 2  # rows of a table kept on the page of the signature below it
REMOVED_PARTS = {"thumbnail", "stylesWithEffects", "customXml", "numbering"}
STYLES = {
    "Normal", "DefaultParagraphFont", "TableNormal", "NoList", "TableGrid", "Header", "HeaderChar", "Footer", "FooterChar",
    "Heading1", "Heading1Char", "Heading2", "Heading2Char", "Heading3", "Heading3Char",
}  # fmt: skip
NUMERALS = "〇一二三四五六七八九"


def new_document() -> Document:
    document = docx.Document()
    _clear(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.orientation = WD_ORIENTATION.PORTRAIT
    for name, value in MARGINS.items():
        setattr(section, name, value)
    section.footer_distance = Mm(25)
    _set_fonts(document.styles["Normal"], BODY, SIZE_3)
    for level, font in ((1, HEITI), (2, KAITI), (3, BODY)):
        style = document.styles[f"Heading {level}"]
        _set_fonts(style, font, SIZE_3)
        style.font.bold = level == 3
        style.font.italic = False
        style.font.color.rgb = docx.shared.RGBColor(0, 0, 0)
    for name in (TITLE_STYLE, SIGNED_STYLE):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    _set_language(document)
    _number_pages(document)
    return document


def _set_language(document: Document) -> None:
    """Say that the text is Chinese: the default template names English and Japanese, by which lines are broken and characters are drawn."""
    for part, name in ((document.styles.element, "w:lang"), (document.settings.element, "w:themeFontLang")):
        for each in part.iter(qn(name)):
            each.set(qn("w:eastAsia"), "zh-CN")


def finish_layout(document: Document) -> None:
    """Apply what depends on the finished text: where a long title is broken, and that no page has only a signature."""
    for paragraph in document.paragraphs:
        style = paragraph.style.name if paragraph.style else ""
        if style == TITLE_STYLE and len(paragraph.runs) == 1:
            run = paragraph.runs[0]
            run.text = "\n".join(titles.lines(run.text.replace("\n", ""), TITLE_CHARACTERS))
        elif style == SIGNED_STYLE:
            _keep_with_text(paragraph)


def _keep_with_text(paragraph: Paragraph) -> None:
    """Keep the preceding blank line, the list of annexes and the end of the text or table above on the same page (clause 7.3.5.5)."""
    before = paragraph._p.getprevious()
    while before is not None and before.tag == qn("w:p"):
        above = Paragraph(before, paragraph._parent)
        above.paragraph_format.keep_with_next = True
        if above.text.strip() and not above.text.startswith(ANNEXES):
            return
        before = before.getprevious()
    if before is not None and before.tag == qn("w:tbl"):
        for row in before.findall(qn("w:tr"))[-LAST_ROWS:]:
            for each in row.iter(qn("w:p")):
                Paragraph(each, paragraph._parent).paragraph_format.keep_with_next = True


def _clear(document: Document) -> None:
    """Remove parts of python-docx's default template: a thumbnail, styles for Word 2010 that contradict the others, lists, and hundreds of
    unused table styles."""
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, each in relations.items() if each.reltype.rpartition("/")[2] in REMOVED_PARTS]:
            del relations[key]
    styles = document.styles.element
    for style in list(styles.iter(qn("w:style"))):
        if style.get(qn("w:styleId")) not in STYLES:
            styles.remove(style)


def _set_fonts(style: Any, font: str, size: Any) -> None:
    """Set the font by name for every script: a document with theme fonts only looks different in WPS."""
    style.font.name, style.font.size = font, size
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)


def _set_spacing(paragraph: Paragraph, line: Any = LINE) -> Paragraph:
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, line
    form.widow_control = False
    return paragraph


def _add_run(paragraph: Paragraph, text: str, font: str = BODY, size: Any = SIZE_3, bold: bool = False) -> Run:
    run = paragraph.add_run()
    for number, part in enumerate(plain_text.cleaned(text).split(NO_BREAK_HYPHEN)):
        if number:
            run._element.append(OxmlElement("w:noBreakHyphen"))
        run.add_text(part)
    run.font.name, run.font.size, run.font.bold = font, size, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def add_title(document: Document, text: str, below: str = "") -> None:
    """Add the title and the blank line after it. ``below`` is a line of the title block under the title."""
    paragraph = _set_spacing(document.add_paragraph(style=TITLE_STYLE), Pt(36))
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_run(paragraph, text, TITLE, SIZE_2)
    if below:
        add_centered(document, below)
    add_blank(document)


def add_blank(document: Document) -> None:
    _set_spacing(document.add_paragraph())


def add_centered(document: Document, text: str) -> None:
    paragraph = _set_spacing(document.add_paragraph())
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_run(paragraph, text, KAITI)


def add_addressee(document: Document, text: str) -> None:
    """Add the addressee, flush left."""
    _add_run(_set_spacing(document.add_paragraph()), text)


def add_annex_heading(document: Document, text: str) -> None:
    """Add 附件 on a new page, flush left."""
    paragraph = _set_spacing(document.add_paragraph(style="Heading 1"))
    paragraph.paragraph_format.page_break_before = True
    paragraph.paragraph_format.keep_with_next = True
    _add_run(paragraph, text, HEITI)
    add_blank(document)


def add_new_page_heading(document: Document, text: str, bookmark: str) -> None:
    """Add the title of a part on a new page, as a heading of the first level that ``add_page_of`` finds by its bookmark."""
    paragraph = _set_spacing(document.add_paragraph(style="Heading 1"), Pt(36))
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.page_break_before = True
    paragraph.paragraph_format.keep_with_next = True
    run = _add_run(paragraph, "\n".join(titles.lines(text, TITLE_CHARACTERS)), TITLE, SIZE_2)
    number = str(len(document.element.body.findall(f".//{qn('w:bookmarkStart')}")))
    for tag, add in (("w:bookmarkStart", run._element.addprevious), ("w:bookmarkEnd", run._element.addnext)):
        mark = OxmlElement(tag)
        mark.set(qn("w:id"), number)
        if tag == "w:bookmarkStart":
            mark.set(qn("w:name"), bookmark)
        add(mark)


def add_page_of(paragraph: Paragraph, bookmark: str) -> None:
    """Add the number of the page with this bookmark, which the reader's program computes when it opens the document."""
    begin = _field_part("begin", "")
    begin.set(qn("w:dirty"), "true")
    for part in (begin, _field_part("", f"PAGEREF {bookmark} \\h"), _field_part("separate", "")):
        _add_run(paragraph, "", BODY, TABLE_SIZE)._element.append(part)  # in runs of their own, each with the size
    _add_run(paragraph, "—", BODY, TABLE_SIZE)
    _add_run(paragraph, "", BODY, TABLE_SIZE)._element.append(_field_part("end", ""))


def add_heading(document: Document, text: str, level: int) -> None:
    """Add a heading: 一、(1) 黑体; （一）(2) 楷体; 1.(3) 仿宋 bold. A real heading, so that the navigation of Word and WPS shows it."""
    paragraph = _set_spacing(document.add_paragraph(style=f"Heading {level}"))
    paragraph.paragraph_format.first_line_indent = SIZE_3 * 2
    paragraph.paragraph_format.keep_with_next = True
    _add_run(paragraph, text, (HEITI, KAITI, BODY)[level - 1], bold=level == 3)


def add_text(document: Document, text: str, lead: str = "") -> None:
    """Add body text, one paragraph for each line; ``lead`` is set in bold before the first."""
    for number, line in enumerate(part for part in plain_text.cleaned(text).split("\n") if part.strip()):
        paragraph = _set_spacing(document.add_paragraph())
        paragraph.paragraph_format.first_line_indent = SIZE_3 * 2
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        if lead and number == 0:
            _add_run(paragraph, lead, bold=True)
        _add_run(paragraph, line.strip())


def unbroken(text: str) -> str:
    """Return the text with numbers of evidence such as 4-3-3-01 that no line break divides."""
    return NUMBER.sub(lambda found: found[0].replace("-", NO_BREAK_HYPHEN), text)


def add_signature(document: Document, unit: str, day: str) -> None:
    """Add the signature (clause 7.3.5.1): four characters to the right of the date are free, the unit is centered above it, for the seal
    over both. ``unit``: of a joint paper one line for each."""
    add_blank(document)
    for text in (*unit.split("\n"), day):
        paragraph = _set_spacing(document.add_paragraph(style=SIGNED_STYLE))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.left_indent = Mm(WIDTH) - SIGNATURE
        paragraph.paragraph_format.keep_with_next = text != day
        _add_run(paragraph, text)


def add_note(document: Document, text: str) -> None:
    """Add a small line with number and check code of the paper."""
    paragraph = _set_spacing(document.add_paragraph(), Pt(18))
    _add_run(paragraph, text, DIGITS, Pt(9))


def add_picture(document: Document, picture: Any, title: str, width: float = WIDTH) -> tuple[Paragraph, Paragraph]:
    """Add a picture, ``width`` millimetres wide, over its title; return the paragraphs of both."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(picture, width=Mm(width))
    shape._inline.docPr.set("descr", title)
    caption = _set_spacing(document.add_paragraph())
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_run(caption, title, HEITI, SIZE_4)
    return paragraph, caption


def add_table(
    document: Document,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    texts: Collection[int] = (),
) -> None:
    """``widths`` are shares of the text width, ``texts`` the columns that are not centered. The heading repeats on each page; rows are not
    split.

    Rows are created as XML, because python-docx searches the whole table for each cell.
    """
    table = document.add_table(rows=0, cols=len(headings))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    millimetres = [WIDTH * share / sum(widths) for share in widths]
    for column, width in zip(table.columns, millimetres, strict=True):
        column.width = Mm(width)
    table._tbl.append(_row(headings, millimetres, is_head=True))
    for row in rows:
        table._tbl.append(_row(row, millimetres, texts))


def _row(texts: Sequence[str], widths: Sequence[float], flush: Collection[int] = (), is_head: bool = False) -> Any:
    row, properties = OxmlElement("w:tr"), OxmlElement("w:trPr")
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))
    row.append(properties)
    for number, (text, width) in enumerate(zip(texts, widths, strict=True)):
        row.append(_cell(text, width, is_head, number not in flush))
    return row


def _cell(text: str, width: float, is_head: bool, is_centered: bool) -> Any:
    cell, properties, size = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
    size.set(qn("w:w"), str(int(Mm(width).twips)))
    size.set(qn("w:type"), "dxa")
    properties.append(size)
    align = OxmlElement("w:vAlign")
    align.set(qn("w:val"), "center")
    properties.append(align)
    cell.append(properties)
    for line in plain_text.cleaned(text).split("\n"):
        paragraph = Paragraph(OxmlElement("w:p"), None)  # type: ignore[arg-type]
        _set_spacing(paragraph, Pt(16))
        if is_centered:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _add_run(paragraph, line, HEITI if is_head else BODY, TABLE_SIZE)
        cell.append(paragraph._p)
    return cell


def _number_pages(document: Document) -> None:
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
    for footer, side in sides:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = SIZE_4
        _add_run(paragraph, "— ", DIGITS, SIZE_4)
        _page_field(_add_run(paragraph, "", DIGITS, SIZE_4))
        _add_run(paragraph, " —", DIGITS, SIZE_4)


def _page_field(run: Run) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run._element.append(_field_part(kind, text))


def _field_part(kind: str, code: str) -> Any:
    """Return the mark of this kind of a field, or its code."""
    element = OxmlElement("w:fldChar" if kind else "w:instrText")
    if kind:
        element.set(qn("w:fldCharType"), kind)
    else:
        element.text = code
    return element


def chinese(number: int) -> str:
    """Return a Chinese numeral up to 99: 1 → 一, 12 → 十二, 20 → 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones or not tens else "")


def save(document: Document, path: Path, title: str) -> None:
    """Save the document. ``title`` is its title property; author and comments of the default template are removed."""
    finish_layout(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = plain_text.cleaned(title), "", ""
    document.save(str(path))
