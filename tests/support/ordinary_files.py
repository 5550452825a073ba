"""Files as real programs write them, with links, fields, notes, comments, pictures, charts and forms: all of them must get in."""

import base64
import gzip
import io
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import docx as python_docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule
from openpyxl.worksheet.datavalidation import DataValidation
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import Fit

from tests.support import evidence_files as make
from tests.support import hostile_disguises as disguises
from tests.support import hostile_files


class OrdinaryFile(NamedTuple):
    writer: str
    name: str
    content: bytes


WORD_FIELDS = (
    *(" PAGE ", " NUMPAGES \\* MERGEFORMAT ", ' TOC \\o "1-3" \\h \\z \\u ', " PAGEREF _Toc1 \\h ", " REF _Ref1 \\h "),
    *("=SUM(ABOVE)", ' HYPERLINK "https://www.gov.cn/" ', ' HYPERLINK \\l "_Toc1" ', ' HYPERLINK "mailto:a@b.cn" '),
    *(' DATE \\@ "yyyy年M月d日" ', " SEQ 图 \\* ARABIC ", " FORMTEXT ", " FORMCHECKBOX ", " EQ \\o\\ac(○,1) "),
    *(" EMBED Excel.Sheet.12 ", " SHAPE \\* MERGEFORMAT ", " ADDIN EN.CITE x ", " IF 1 = 1 a b ", " MERGEFIELD 姓名 "),
    *(" STYLEREF 标题 ", " 书签一 ", " MACROBUTTON NoMacro [请输入] ", " DOCPROPERTY Title ", "", " QUOTE 甲 "),
)
OLD_FIELDS = "".join(f"\x13{code}\x14x\x15" for code in WORD_FIELDS if code.isascii())
EQUATION, CHART = make.compound({"Equation Native": b"x"}), make.compound({"Workbook": b"x", "\x01CompObj": b"x"})
OTHER_NAMES = {"wps", "et", "dps", "jpeg"}  # the same bytes as doc, xls, ppt and jpg, which are not stored twice


def written_by_libraries() -> list[OrdinaryFile]:
    fields = "".join(hostile_files.field(code) for code in WORD_FIELDS)
    nested = make.docx({"word/embeddings/a.xlsx": make.xlsx(), "word/embeddings/b.bin": EQUATION})
    old_nested = make.doc({"ObjectPool": {"_1": {"\x01CompObj": b"x", "Package": sheet_inside()}}})
    turning = hostile_files.ppt_with(hostile_files.ppt_action(3) + hostile_files.ppt_action(4))
    files = [
        OrdinaryFile("plain", f"材料.{kind}", maker()) for kind, maker in make.MAKERS.items() if kind not in OTHER_NAMES
    ]
    return [
        *files,
        OrdinaryFile("python-docx", "报告.docx", text_document()),
        OrdinaryFile("openpyxl", "台账.xlsx", workbook()),
        OrdinaryFile("pypdf", "链接.pdf", linked_pdf()),
        OrdinaryFile("matplotlib", "图.pdf", drawn_pdf()),
        OrdinaryFile("WPS", "粘贴图片.docx", pasted_picture()),
        OrdinaryFile("WPS", "单元格图片.xlsx", cell_pictures()),
        OrdinaryFile("Word", "域.docx", hostile_files.word(fields)),
        OrdinaryFile("Word 97", "域.doc", make.compound(hostile_files.word_text(OLD_FIELDS))),
        OrdinaryFile("Word 97", "内嵌表格.doc", old_nested),
        OrdinaryFile("Word", "内嵌表格.docx", nested),
        OrdinaryFile("PowerPoint", "翻页.pptx", hostile_files.slide(SLIDE_ACTIONS)),
        OrdinaryFile("PowerPoint 97", "翻页.ppt", turning),
        OrdinaryFile("PowerPoint 97", "内嵌.ppt", hostile_files.ppt_with(hostile_files.ppt_object(CHART))),
        OrdinaryFile("scanner", "签章.pdf", signed_pdf()),
        OrdinaryFile("scanner", "修订.pdf", hostile_files.updated(make.pdf(), 4, "<</Title(x)>>")),
        *renamed(),
        *of_offices(),
        OrdinaryFile("Acrobat", "仅限打印.pdf", hostile_files.protected(linked_pdf(), "")),
        OrdinaryFile("Acrobat", "仅限打印1.pdf", make.pdf(owner_password="x")),
        OrdinaryFile("iText", "对象流.pdf", make.pdf(more=[hostile_files.object_stream("<</S/GoTo>>", bytes, "")])),
        OrdinaryFile("iText", "空对象流.pdf", make.pdf(more=[hostile_files.stream("/Type/ObjStm/N 0/First 0", b"")])),
        OrdinaryFile("Acrobat", "附件已删除.pdf", make.pdf(catalog="/Names<</EmbeddedFiles<</Names[]>>>>")),
        OrdinaryFile("OFD", "链接.ofd", make.ofd({"Doc_0/a.xml": OFD_LINK})),
    ]


def renamed() -> list[OrdinaryFile]:
    """Return right files under other extensions, which are kept as what they are; each with bytes of its own."""
    files = (
        ("照片.jpg", make.image("PNG", (31, 22))),
        ("照片.jfif", make.image("JPEG", (33, 22))),
        ("报告.docx", make.doc({"Data": b"1"})),
        ("报告.doc", make.docx(text="改名一")),
        ("报告.wps", make.docx(text="改名二")),
        ("台账.xls", hostile_files.sheet_with({"xl/media/image9.png": make.png()})),
        ("公文.pdf", make.ofd({"Doc_0/x.xml": "<x/>"})),
    )
    return [OrdinaryFile("renamed", name, content) for name, content in files]


def of_offices() -> list[OrdinaryFile]:
    """Return files with the links, ends and objects that offices leave in them."""
    link = hostile_files.record(0x01AE, struct.pack("<2HB", 1, 14, 0) + b"\x01\x01D2025\x03a.xls")
    formula = make.doc({"ObjectPool": {"_1": {"\x01Ole10Native": struct.pack("<L", 40) + b"\x1c\0\0\0" + bytes(40)}}})
    share = hostile_files.relation("hyperlink", "\\\\FZB\\材料\\a.docx")
    mac = hostile_files.relation("hyperlink", "file:///Users/wang/a.docx")
    return [
        OrdinaryFile("Excel 97", "外部工作簿.xls", make.xls(records=link)),
        OrdinaryFile(
            "Excel 97", "末尾不满.xls", make.tail_last(make.xls(records=hostile_files.record(0xFF, bytes(4972))))[:-60]
        ),
        OrdinaryFile(
            "Word 97", "公式.doc", hostile_files.with_class(formula, "_1", "0002CE02-0000-0000-C000-000000000046")
        ),
        OrdinaryFile("Word", "共享文件夹.docx", make.docx({hostile_files.RELS: share})),
        OrdinaryFile("Word", "苹果电脑.docx", make.docx({hostile_files.RELS: mac})),
        OrdinaryFile("mail gateway", "末尾多余.docx", make.docx() + b"\r\n" + bytes(300)),
        OrdinaryFile("Excel", "表名.xlsx", hostile_files.formula("'一季度|二季度'!A1")),
        OrdinaryFile("Word", "严格格式.docx", make.docx({hostile_files.RELS: STRICT})),
        OrdinaryFile("WPS", "单元格图片.et", make.xls({"ETCellImageData": make.package(CELL_PICTURES)})),
        OrdinaryFile("Acrobat", "网上快速浏览.pdf", for_the_web(make.pdf(owner_password="x"))),
        OrdinaryFile("OFD", "电子发票.ofd", make.ofd({"Doc_0/Tags/CustomTag.xml": INVOICE_TAGS})),
        OrdinaryFile("printer", "打印机.pdf", b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + make.pdf()),
        *of_old_links(),
        OrdinaryFile("browser", "网址.pdf", hostile_files.clicking("<</S/URI/URI(https://x.cn/JavaScript/Launch)>>")),
    ]


def of_old_links() -> list[OrdinaryFile]:
    """Return files near to disguised ones: links to click, pictures that are kept, packed drawings, entries written twice."""
    web = disguises.hyperlink("https://www.gov.cn/") + disguises.hyperlink("mailto:fzb@example.gov.cn")
    paths = disguises.hyperlink("D:\\材料\\a.doc", as_file=True, long_name="D:\\材料\\a.doc") + disguises.hyperlink(
        "a.doc", as_text=True
    )
    ranges = b"\x25\x42\0\x96\0\0\0\0\0" + b"\x22\x01\x04\0"  # SUM(A67:A151), whose rows read like a call
    picture = hostile_files.record(0x00EC, disguises.drawn_picture("\\\\10.1.2.3\\照片\\a.jpg", 1))
    drawing = gzip.compress(b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60))
    both = make.compound({"Workbook": disguises.BOF + disguises.EOF, "Book": disguises.BOF + disguises.EOF})
    again = "/Tabs/S/Tabs/S/Annots[<</Subtype/Link/Border[0]/Border[0]/Rect[0 0 9 9]/A<</S/URI/URI(https://www.gov.cn/)>>>>]"
    objects = hostile_files.stream(
        "/Type/ObjStm/N 2/First 10/DecodeParms null", b"9 0 10 22 <</A(\\()/B[(x)<41>]>> <</X 1>>"
    )
    return [
        OrdinaryFile("Excel 97", "网址.xls", make.xls(records=disguises.EOF + web + paths)),
        OrdinaryFile("Excel 97", "公式.xls", disguises.cell(ranges)),
        OrdinaryFile("Excel 97", "照片.xls", make.xls(records=picture)),
        OrdinaryFile("Excel 97", "两种版本.xls", both),
        OrdinaryFile("PowerPoint 97", "网址.ppt", disguises.slide_link("https://www.gov.cn/")),
        OrdinaryFile("Word", "压缩图形.docx", hostile_files.typed("word/media/a.emz", "image/x-emz", drawing)),
        OrdinaryFile("Word", "书签.docx", hostile_files.word(hostile_files.field(" 第一章 \\h "))),
        OrdinaryFile("Excel", "别处的表.xlsx", hostile_files.formula("'D:\\材料\\[a.xlsx]一月'!A1")),
        OrdinaryFile(
            "Excel", "目录.xlsx", hostile_files.formula("HYPERLINK(&quot;#&quot;&amp;A1&amp;&quot;!A1&quot;,A1)")
        ),
        OrdinaryFile("Excel", "按钮.xlsx", hostile_files.sheet_with({"xl/a.xml": '<a macro="[0]!按钮1_Click"/>'})),
        OrdinaryFile("phone", "视频.mp4", disguises.film_of(1, b"")),
        OrdinaryFile("scanner", "写了两次.pdf", hostile_files.page_with(again)),
        OrdinaryFile("iText", "两个对象.pdf", make.pdf(more=[objects])),
        OrdinaryFile("iText", "长度在别处.pdf", make.pdf(more=list(disguises.with_length_elsewhere(objects)))),
    ]


STRICT = (
    f'<Relationships xmlns="{make.RELATIONS}/package/2006/relationships"><Relationship Id="r9" Target="../docProps/app.xml" '
    'Type="http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties"/></Relationships>'
)
CELL_PICTURES = {
    "[Content_Types].xml": make.content_types("xl/cellImages.xml", "application/vnd.wps-officedocument.cellimage+xml"),
    "xl/cellImages.xml": "<etc:cellImages xmlns:etc='http://www.wps.cn/officeDocument/2017/etCustomData'/>",
    "xl/media/image1.png": make.png(),
}
# Against the rules of XML, but so programs for invoices write it.
INVOICE_TAGS = (
    '<:eInvoice xmlns:=""><InvoiceCode><ofd:ObjectRef PageRef="1">64</ofd:ObjectRef></InvoiceCode></:eInvoice>'
)


def for_the_web(protected: bytes) -> bytes:
    """Return a protected PDF with a second trailer, which has no identifier, as one that is read while it is loaded."""
    table = protected[protected.rindex(b"startxref") :]
    encryption = protected[protected.index(b"/Encrypt") : protected.index(b"/ID")]
    return protected + b"trailer\n<</Size 5" + encryption + b">>\n" + table


SLIDE_ACTIONS = (
    '<a:hlinkClick r:id="" action="ppaction://hlinkshowjump?jump=nextslide"/><a:hlinkClick r:id="r1"/>'
    '<a:hlinkHover r:id="" action="ppaction://noaction"/><a:hlinkClick r:id="r2" action="ppaction://hlinksldjump"/>'
    '<p:cmd type="call" cmd="playFrom(0.0)"/>'
)
OFD_LINK = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Action Event="CLICK"><ofd:URI URI="https://www.gov.cn/"/></ofd:Action></ofd:Page>'


def sheet_inside() -> bytes:
    return hostile_files.sheet_with({"xl/media/image1.png": hostile_files.NOISE})


def text_document() -> bytes:
    """Return a document with headings, contents, table, picture, links, headers of three kinds and page numbers."""
    document, out = python_docx.Document(), io.BytesIO()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    section.header.paragraphs[0].text = "区司法局"
    section.first_page_header.paragraphs[0].text = "首页"
    section.even_page_header.paragraphs[0].text = "双页"
    _add_field(section.footer.paragraphs[0], "PAGE")
    document.add_heading("关于案卷评查的报告", 1)
    _add_field(document.add_paragraph(), 'TOC \\o "1-3" \\h')
    paragraph = document.add_paragraph("见 ")
    _add_link(document, paragraph, "https://www.gov.cn/zhengce/")
    _add_link(document, paragraph, "mailto:fzb@example.gov.cn")
    _add_link(document, paragraph, "file:///D:\\材料\\方案.docx")
    document.add_table(2, 3, style="Table Grid").cell(0, 0).text = "序号"
    document.add_picture(io.BytesIO(make.png()), width=Cm(3))
    document.save(out)
    return out.getvalue()


def _add_field(paragraph: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("end", "")):
        run = paragraph.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _add_link(document: Any, paragraph: Any, address: str) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), document.part.relate_to(address, kind, is_external=True))
    link.append(paragraph.add_run(address)._r)
    paragraph._p.append(link)


def workbook() -> bytes:
    """Return a workbook with formulas, chart, picture, links, comment, list of choices, colours and headers."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["单位", "件数", "办结率"],
        ["城管局", 12, 0.9],
        ["司法局", 30, 1],
        ["合计", "=SUM(B2:B3)", '=IF(B2>0,"CALL(见注)","")'],
    ):
        sheet.append(row)
    sheet["D1"] = '=HYPERLINK("https://www.gov.cn/","网址")'
    sheet["D2"].hyperlink = "https://www.gov.cn/"
    sheet["A2"].comment = Comment("请核对", "王某")
    sheet.merge_cells("A6:C6")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "F2")
    sheet.add_image(SheetImage(io.BytesIO(make.png())), "F20")
    choices = DataValidation(type="list", formula1='"是,否"')
    sheet.add_data_validation(choices)
    choices.add("E2:E9")
    sheet.conditional_formatting.add("B2:B3", CellIsRule(operator="lessThan", formula=["20"]))
    sheet.oddHeader.center.text = "区司法局"
    sheet.print_title_rows = "1:1"
    book.save(out)
    return out.getvalue()


def linked_pdf() -> bytes:
    """Return a PDF with bookmarks, links to the web and within, metadata, and compressed objects."""
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(3):
        writer.add_blank_page(width=595, height=842)
    writer.add_outline_item(title="一、概况", page_number=1)
    writer.add_annotation(page_number=0, annotation=Link(rect=(50, 50, 90, 90), url="https://www.gov.cn/"))
    inside = Link(rect=(50, 150, 90, 190), target_page_index=2, fit=Fit("/Fit"))
    writer.add_annotation(page_number=0, annotation=inside)
    writer.add_metadata({"/Title": "报告"})
    writer.compress_identical_objects()
    writer.write(out)
    return out.getvalue()


def drawn_pdf() -> bytes:
    from matplotlib.figure import Figure

    figure, out = Figure(), io.BytesIO()
    figure.subplots().plot([1, 2, 3])
    figure.savefig(out, format="pdf")
    return out.getvalue()


def pasted_picture() -> bytes:
    code = ' INCLUDEPICTURE "C:\\\\Users\\\\wang\\\\AppData\\\\Local\\\\Temp\\\\ksohtml\\\\wps1.png" \\\\* MERGEFORMATINET '
    return hostile_files.word(hostile_files.field(code), {"word/media/image1.png": make.png()})


def cell_pictures() -> bytes:
    """Return a workbook with pictures in cells, which WPS keeps in a part of its own."""
    relation = '<Relationship Id="rId99" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/></Relationships>'
    whole = hostile_files.typed(
        "xl/cellimages.xml", "application/vnd.wps-officedocument.cellimage+xml",
        '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>', make.xlsx
    )  # fmt: skip
    parts = hostile_files.members(whole)
    relations = parts["xl/_rels/workbook.xml.rels"]
    assert isinstance(relations, bytes)
    other = '<Relationship Id="rId98" Type="http://www.wps.cn/officeDocument/2023/relationships/customStorage" Target="a.xml"/>'
    relation = other + relation
    parts["xl/_rels/workbook.xml.rels"] = relations.replace(b"</Relationships>", relation.encode())
    return make.package(parts)


def signed_pdf() -> bytes:
    """Return a PDF with a field for a signature, an annotation of a seal program, a filled form and an attachment-free structure tree."""
    widget = "<</Type/Annot/Subtype/Widget/FT/Sig/T(sig)/Rect[0 0 90 90]/V 5 0 R>>"
    signature = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>"
    seal = "<</Type/Annot/Subtype/GoldGrid:AddSeal/Rect[9 9 90 90]>>"
    structure = "<</Type/StructElem/S/Figure/A<</O/Layout/Placement/Block>>/P 4 0 R>>"
    content = make.pdf(
        catalog="/AcroForm<</Fields[4 0 R]/SigFlags 3>>/OpenAction[3 0 R/Fit]",
        more=[widget, signature, seal, structure],
    )
    return content.replace(b"/Type/Page/Parent", b"/Type/Page/Annots[4 0 R 6 0 R]/Parent")


# LibreOffice

FLAT = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" '
    'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" office:version="1.2"'
)
OFFICE_TARGETS = ("docx", "doc", "xlsx", "xls", "pptx", "ppt", "pdf")
WORD_FILE, SHEET_FILE, SLIDE_FILE = "公文.fodt", "表格.xlsx", "课件.fodp"
TARGETS = {
    WORD_FILE: ("docx", "doc", "pdf"),
    SHEET_FILE: ("xlsx", "xls", "pdf"),
    SLIDE_FILE: ("pptx", "ppt", "pdf"),
    "报告.docx": ("docx", "doc", "pdf"),
}


def flat_text(body: str = "", header: str = "区司法局", footer: str = "") -> bytes:
    """Return a text document in flat form: contents, note, link, picture, text box, comment, header and footer."""
    picture = base64.b64encode(make.png()).decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?><office:document {FLAT} office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles><style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm"/>
<style:header-style/><style:footer-style/></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm">
<style:header><text:p>{header}</text:p></style:header>
<style:footer><text:p>{footer}第 <text:page-number>1</text:page-number> 页</text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text><text:h text:outline-level="1">关于案卷评查的报告</text:h><text:p>{body}</text:p>
<text:p>正文<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
<text:note-body><text:p>脚注</text:p></text:note-body></text:note>
见<text:a xlink:type="simple" xlink:href="https://www.gov.cn/">网址</text:a>
<office:annotation><dc:creator>王某</dc:creator><text:p>批注</text:p></office:annotation></text:p>
<text:p><draw:frame text:anchor-type="paragraph" svg:width="5cm" svg:height="2cm">
<draw:text-box><text:p>文本框</text:p></draw:text-box></draw:frame>
<draw:frame text:anchor-type="as-char" svg:width="3cm" svg:height="2cm">
<draw:image><office:binary-data>{picture}</office:binary-data></draw:image></draw:frame></text:p>
</office:text></office:body></office:document>""".encode()


def flat_slides(body: str = "执法培训") -> bytes:
    """Return slides in flat form: text, link, button to the next slide, speaker's notes."""
    page = f"""<draw:page draw:name="p1"><draw:frame svg:width="20cm" svg:height="3cm"><draw:text-box><text:p>{body}
<text:a xlink:href="https://www.gov.cn/">网址</text:a></text:p></draw:text-box></draw:frame>
<draw:rect svg:width="2cm" svg:height="2cm" svg:x="5cm" svg:y="5cm"><office:event-listeners><presentation:event-listener
script:event-name="dom:click" presentation:action="next-page"/></office:event-listeners></draw:rect>
<presentation:notes><draw:frame svg:width="10cm" svg:height="5cm">
<draw:text-box><text:p>备注</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>"""
    head = f'<?xml version="1.0"?><office:document {FLAT} office:mimetype="application/vnd.oasis.opendocument.presentation">'
    second = page.replace("p1", "p2")
    return f"{head}<office:body><office:presentation>{page}{second}</office:presentation></office:body></office:document>".encode()


def written_by_libreoffice(targets: Iterable[str] = OFFICE_TARGETS) -> list[OrdinaryFile]:
    """Return documents that LibreOffice wrote, in new and old formats and as PDF. All of them take about half a minute."""
    sources = {WORD_FILE: flat_text(), SHEET_FILE: workbook(), SLIDE_FILE: flat_slides(), "报告.docx": text_document()}
    found = []
    for target in targets:
        chosen = {name: content for name, content in sources.items() if target in TARGETS[name]}
        found += [OrdinaryFile("LibreOffice", name, content) for name, content in converted(chosen.items(), target)]
    return found


def converted(sources: Iterable[tuple[str, bytes]], target: str) -> list[tuple[str, bytes]]:
    """Return the files as LibreOffice saves them in another format."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not installed"
    with tempfile.TemporaryDirectory() as folder:
        work, made = Path(folder) / "in", Path(folder) / "out"
        work.mkdir()
        for name, content in sources:
            (work / name).write_bytes(content)
        options = [f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", "--convert-to", target]
        command = [program, *options, "--outdir", str(made), *map(str, work.iterdir())]
        subprocess.run(command, capture_output=True, timeout=300, check=True)
        return [(path.name, path.read_bytes()) for path in sorted(made.iterdir())]
