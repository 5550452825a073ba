"""Office files: a letter for Word, a ledger for Excel."""

import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties

from creation.demo.papers.sheet import Paper, body, rows, said

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = (
    f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
)
RELATIONS = (
    f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}" Target="word/document.xml"/></Relationships>'
)
PAGE = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"/></w:sectPr>'
THIN = Side(style="thin")
WIDTHS = (8, 14, 30, 16, 14)


def document(paper: Paper) -> bytes:
    """A letter as GB/T 9704 lays it out, without a red head."""
    paragraphs = [
        _paragraph(said()["mark"], "黑体", 28, "right"),
        _paragraph(paper.title, "方正小标宋简体", 44, "center"),
        _paragraph(paper.doc_number, "仿宋", 28, "center"),
        *(_paragraph(text, "仿宋", 32, "both", indent=640) for text in body(paper, paper.rng)),
        _paragraph(paper.unit, "仿宋", 32, "right"),
        _paragraph(paper.written_on, "仿宋", 32, "right"),
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body>{"".join(paragraphs)}{PAGE}</w:body></w:document>'
    return _package({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": text})


def _paragraph(text: str, face: str, half_points: int, align: str, indent: int = 0) -> str:
    fonts = f'<w:rFonts w:ascii="{face}" w:hAnsi="{face}" w:eastAsia="{face}"/><w:sz w:val="{half_points}"/>'
    layout = f'<w:spacing w:line="579" w:lineRule="exact"/><w:ind w:firstLine="{indent}"/><w:jc w:val="{align}"/>'
    return f"<w:p><w:pPr>{layout}</w:pPr><w:r><w:rPr>{fonts}</w:rPr><w:t>{escape(text)}</w:t></w:r></w:p>"


def _package(parts: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def workbook(paper: Paper) -> bytes:
    """A ledger with a title, a heading and a line for each act."""
    rng, book = paper.rng, Workbook()
    sheet = book.active
    sheet.title = said()["mark"]
    sheet.append([f"{paper.title}（{said()['mark']}）"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(WIDTHS))
    sheet["A1"].font, sheet["A1"].alignment = Font(name="宋体", size=16, bold=True), Alignment(horizontal="center")
    sheet.append([f"{paper.unit}　{paper.written_on}"])
    sheet.append(said()["columns"])
    for row in rows(paper, rng, rng.randint(12, 30)):
        sheet.append([int(row[0]), *row[1:]])
    for line in sheet.iter_rows(min_row=3):
        for cell in line:
            cell.border = Border(THIN, THIN, THIN, THIN)
    for letter, width in zip("ABCDE", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = sheet.PAPERSIZE_A4, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
