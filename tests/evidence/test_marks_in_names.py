"""Secrecy marks are found in what a file says of itself, in names in it, and in what is written in it without being shown."""

import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from creation import jobs
from creation.evidence.library import extract_text, secrecy_check
from creation.models import Evidence, MarkPlace
from creation.rules import secrecy
from tests.support import evidence_files as make
from tests.support import upload_requests
from tests.support.hostile_files import EXCEL, POWERPOINT, SPACE, members, page_with, sheet_with, stream, word
from tests.support.world import NOW, World

MARK = "机密★1年"
PROPERTIES, HIDDEN = "文件属性和名称", "不直接显示的内容"
OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    parts = members(content)
    before = parts[part]
    assert isinstance(before, bytes)
    assert old.encode() in before
    return make.package(parts | {part: before.replace(old.encode(), new.encode())})


def part(kind: str, root: str, content: str = "") -> bytes:
    """Return a document with one more part: its root element with attributes, and what is in it."""
    xml = f"<{root}>{content}</{root.split()[0]}>"
    makers = {"docx": make.docx, "xlsx": sheet_with, "pptx": make.pptx, "ofd": make.ofd}
    return makers[kind]({"a/part9.xml": xml})


def core(tag: str, text: str = MARK) -> bytes:
    return part("docx", 'c:coreProperties xmlns:c="c"', f"<c:{tag}>{text}</c:{tag}>")


def custom(name: str, content: str) -> bytes:
    return make.docx({f"docProps/{name}.xml": f'<Properties xmlns="p" xmlns:vt="v">{content}</Properties>'})


def sheet(content: str) -> bytes:
    return sheet_with({"xl/part9.xml": f"<worksheet {EXCEL}>{content}</worksheet>"})


def ofd_says(content: str) -> bytes:
    body = (
        f"<ofd:DocBody><ofd:DocInfo>{content}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    )
    return make.ofd({"OFD.xml": f'<ofd:OFD {OFD} DocType="OFD" Version="1.0">{body}</ofd:OFD>'})


def wide(text: str) -> str:
    return f"<feff{text.encode('utf-16-be').hex()}>"


def note(entries: str) -> bytes:
    return page_with("/Annots[4 0 R]", f"<</Type/Annot/Subtype/FreeText/Rect[0 0 90 90]{entries}>>")


def bookmarked(title: str) -> bytes:
    outline = ["<</First 5 0 R/Last 5 0 R/Count 1>>", f"<</Title{wide(title)}/Parent 4 0 R/Dest[3 0 R/Fit]>>"]
    return make.pdf(catalog="/Outlines 4 0 R", more=outline)


def filled() -> bytes:
    """Return a PDF with a form whose field keeps its value apart from its place on the page."""
    place = "<</Type/Annot/Subtype/Widget/Parent 5 0 R/Rect[0 0 9 9]>>"
    field = f"<</FT/Tx/T(a)/V{wide(MARK)}/Kids[4 0 R]>>"
    return page_with("/Annots[4 0 R]", place, field).replace(b"/Catalog", b"/Catalog/AcroForm<</Fields[5 0 R]>>")


def stamp() -> bytes:
    """Return a PDF with a stamp that shows the mark and says it nowhere else."""
    drawing = f"BT /F1 16 Tf 5 5 Td <{MARK.encode('utf-16-be').hex()}> Tj ET".encode()
    font = "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>"
    descendant = "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>"
    shown = stream("/Type/XObject/Subtype/Form/BBox[0 0 90 90]/Resources<</Font<</F1 5 0 R>>>>", drawing)
    annotation = "<</Type/Annot/Subtype/Stamp/Rect[0 0 90 90]/AP<</N 7 0 R>>/F 4>>"
    return page_with("/Annots[4 0 R]", annotation, font, descendant, shown)


def picture(kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, kind, **more)
    return out.getvalue()


def photo(tag: int) -> bytes:
    exif = Image.Exif()
    exif[tag] = MARK.encode("utf-16-le")
    return picture("JPEG", exif=exif)


def captioned() -> bytes:
    info = PngInfo()
    info.add_itxt("Title", "内部资料")
    return picture("PNG", pnginfo=info)


def described_picture() -> bytes:
    """Return a photo with a caption as IPTC writes it (IIM 4.2, dataset 2:120)."""
    caption = MARK.encode()
    dataset = b"\x1c\x02\x78" + len(caption).to_bytes(2, "big") + caption
    block = (
        b"Photoshop 3.0\0"
        + b"8BIM\x04\x04\0\0"
        + len(dataset).to_bytes(4, "big")
        + dataset
        + b"\0" * (len(dataset) % 2)
    )
    content = make.jpg()
    return content[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + content[2:]


def described_figure() -> bytes:
    """Return a tagged PDF with a picture and its alternative text."""
    root = "<</Type/StructTreeRoot/K 5 0 R/ParentTree<</Nums[0[5 0 R]]>>>>"
    figure = f"<</Type/StructElem/S/Figure/P 4 0 R/Pg 3 0 R/K 0/Alt{wide(MARK)}>>"
    tagged = page_with("/StructParents 0", root, figure)
    return tagged.replace(b"/Catalog", b"/Catalog/MarkInfo<</Marked true>>/StructTreeRoot 4 0 R")


LAYERS = "/OCProperties<</OCGs[4 0 R]/D<</Order[4 0 R]>>>>"
OWN_OLD_PROPERTY = {
    "\x05DocumentSummaryInformation": b"\xfe\xff" + b"\0" * 50 + f"密级\0{MARK}\0".encode("gb18030") + b"\0" * 40
}
CHART = 'c:chartSpace xmlns:c="c" xmlns:a="a"'
TWO_FONTS = "<headerFooter><oddHeader>&amp;L机&amp;&quot;宋体,加粗&quot;&amp;18密★1年</oddHeader></headerFooter>"
RENAMED_SHEET = changed(make.xlsx(), "xl/workbook.xml", 'name="Sheet"', f'name="{MARK}"')
OLD_TEXT = ("说明" * 60 + f"\r{MARK}\r").encode("utf-16-le")
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><dc:subject>{MARK}</dc:subject></rdf:RDF></x:xmpmeta>".encode()
PLACES: list[tuple[str, str, bytes, str]] = [
    *(("docx", f"property {tag}", core(tag), PROPERTIES) for tag in ("title", "subject", "keywords", "description", "category")),
    ("docx", "company", custom("app", f"<Company>{MARK}</Company>"), PROPERTIES),
    ("docx", "own property", custom("custom", f'<property name="密级"><vt:lpwstr>{MARK}</vt:lpwstr></property>'), PROPERTIES),
    ("docx", "deleted text", word(f"<w:del><w:r><w:delText>{MARK}</w:delText></w:r></w:del>"), HIDDEN),
    ("docx", "text for a picture", word(f'<w:r><w:drawing><wp:docPr xmlns:wp="w" id="1" descr="{MARK}"/></w:drawing></w:r>'), HIDDEN),
    ("docx", "numbering", part("docx", f"w:numbering {SPACE}", f'<w:lvlText w:val="{MARK}%1"/>'), HIDDEN),
    ("docx", "building blocks", part("docx", f"w:glossaryDocument {SPACE}", f"<w:p><w:r><w:t>{MARK}</w:t></w:r></w:p>"), HIDDEN),
    ("docx", "cover page", part("docx", 'CoverPageProperties xmlns="x"', f"<Abstract>{MARK}</Abstract>"), HIDDEN),
    ("docx", "workbook inside", make.docx({"word/embeddings/a.xlsx": RENAMED_SHEET}), HIDDEN),
    ("xlsx", "sheet", RENAMED_SHEET, PROPERTIES),
    ("xlsx", "series", part("xlsx", CHART, f"<c:tx><c:strCache><c:pt><c:v>{MARK}</c:v></c:pt></c:strCache></c:tx>"), "文本框"),
    ("xlsx", "title of a chart", part("xlsx", CHART, f"<c:title><a:p><a:r><a:t>{MARK}</a:t></a:r></a:p></c:title>"), "文本框"),
    ("xlsx", "old text box", part("xlsx", 'xml xmlns:v="v"', f"<v:textbox><div>{MARK}</div></v:textbox>"), "文本框"),
    ("xlsx", "pivot table", part("xlsx", f"pivotCacheDefinition {EXCEL}", f'<s v="{MARK}"/>'), HIDDEN),
    ("xlsx", "prompt", sheet(f'<dataValidation prompt="{MARK}"/>'), HIDDEN),
    ("xlsx", "format of numbers", part("xlsx", f"styleSheet {EXCEL}", f'<numFmt formatCode="&quot;{MARK}&quot;0"/>'), HIDDEN),
    ("xlsx", "header in two fonts", sheet(TWO_FONTS), "页眉页脚"),
    ("pptx", "section", part("pptx", f"p:presentation {POWERPOINT}", f'<p:section name="{MARK}"/>'), PROPERTIES),
    ("pptx", "tag", part("pptx", f"p:tagLst {POWERPOINT}", f'<p:tag name="a" val="{MARK}"/>'), HIDDEN),
    ("ofd", "title", ofd_says(f"<ofd:Title>{MARK}</ofd:Title>"), PROPERTIES),
    ("ofd", "own entry", ofd_says(f'<ofd:CustomDatas><ofd:CustomData Name="密级">{MARK}</ofd:CustomData></ofd:CustomDatas>'), PROPERTIES),
    ("ofd", "bookmark", make.ofd({"Doc_0/Document.xml": f'<ofd:Document {OFD}><ofd:Bookmark Name="{MARK}"/></ofd:Document>'}), PROPERTIES),
    ("ofd", "remark", part("ofd", f"ofd:PageAnnot {OFD}", f"<ofd:Remark>{MARK}</ofd:Remark>"), HIDDEN),
    ("ofd", "tags of the paper", part("ofd", 'g:公文 xmlns:g="g"', f"<密级>{MARK}</密级>"), HIDDEN),
    *(("pdf", key, make.text_pdf("通知", info=f"/{key}{wide(MARK)}"), PROPERTIES) for key in ("Title", "Subject", "Keywords")),
    ("pdf", "bookmark", bookmarked(MARK), PROPERTIES),
    ("pdf", "description", make.pdf(catalog="/Metadata 4 0 R", more=[stream("/Type/Metadata/Subtype/XML", XMP)]), PROPERTIES),
    ("pdf", "layer", make.pdf(catalog=LAYERS, more=[f"<</Type/OCG/Name{wide(MARK)}>>"]), PROPERTIES),
    ("pdf", "own property", make.text_pdf("通知", info=f"/Classification{wide(MARK)}"), PROPERTIES),
    ("pdf", "name of an own property", make.text_pdf("通知", info="/#E6#9C#BA#E5#AF#86(1)"), PROPERTIES),
    ("pdf", "text for a picture", described_figure(), HIDDEN),
    ("pdf", "label of a page", make.pdf(catalog=f"/PageLabels<</Nums[0<</P{wide(MARK)}>>]>>"), "批注脚注"),
    ("pdf", "subject of a note", note(f"/Subj{wide(MARK)}"), "批注脚注"),
    ("pdf", "formatted note", note(f"/RC{wide(f'<body><p>{MARK}</p></body>')}"), "批注脚注"),
    ("pdf", "value of a form", filled(), "批注脚注"),
    ("pdf", "stamp", stamp(), "批注脚注"),
    ("doc", "text that nothing draws", make.doc({"Data": OLD_TEXT}), HIDDEN),
    ("doc", "own property", make.doc(OWN_OLD_PROPERTY), PROPERTIES),
    ("ppt", "at an odd place", make.ppt({"Data": b"\1" + OLD_TEXT}), HIDDEN),
    ("jpg", "title of a photo", photo(0x9C9B), PROPERTIES),
    ("jpg", "caption", described_picture(), PROPERTIES),
    ("png", "caption", captioned(), PROPERTIES),
]  # fmt: skip


def said_of(extension: str, content: bytes, folder: Path) -> Any:
    """Return what the reading program prints."""
    path = folder / "file"
    path.write_bytes(content)
    command = [sys.executable, "-I", extract_text.__file__, extension, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def marks_of(extension: str, content: bytes, folder: Path) -> set[str]:
    """Return the places in which the reading program finds a mark."""
    said = said_of(extension, content, folder)
    return {place for place, _ in secrecy_check.marks_elsewhere(said)} | (
        {"first_page"} if secrecy.find_marks(said["first"]) else set()
    )


@pytest.mark.parametrize(
    ("kind", "what", "content", "place"), PLACES, ids=[f"{kind} {what}" for kind, what, _, _ in PLACES]
)
def test_a_mark_is_found_beside_the_text(kind: str, what: str, content: bytes, place: str, tmp_path: Path) -> None:
    assert {MarkPlace(found).label for found in marks_of(kind, content, tmp_path)} == {place}


CHOICES = "".join(f'<w:listItem w:displayText="{each}" w:value="{each}"/>' for each in ("绝密", "机密", "秘密"))
HARMLESS: list[tuple[str, str, bytes]] = [
    ("docx", "a list to choose from", word(f"<w:sdt><w:sdtPr><w:dropDownList>{CHOICES}</w:dropDownList></w:sdtPr></w:sdt>")),
    ("docx", "a style", part("docx", f"w:styles {SPACE}", '<w:style><w:name w:val="机密"/></w:style>')),
    ("docx", "a title about secrets", core("title", "保守国家秘密法")),
    ("xlsx", "choices of a column", sheet('<dataValidation><formula1>"绝密,机密,秘密"</formula1></dataValidation>')),
    ("xlsx", "a filter", sheet('<autoFilter><filter val="秘密"/></autoFilter>')),
    ("xlsx", "a value in a chart", part("xlsx", CHART, "<c:pt><c:v>秘密</c:v></c:pt>")),
    ("pdf", "a bookmark about secrets", bookmarked("国家秘密的范围")),
    ("xls", "a value", make.xls(records=b"\x85\0\x04\0" + "秘密".encode("utf-16-le") + b"\0\0")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "what", "content"), HARMLESS, ids=[f"{kind} {what}" for kind, what, _ in HARMLESS])
def test_words_to_choose_from_are_no_marks(kind: str, what: str, content: bytes, tmp_path: Path) -> None:
    assert marks_of(kind, content, tmp_path) == set()


@pytest.fixture
def _the_day(fresh_data_dir: Path) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("_the_day")
@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("台账.xlsx", RENAMED_SHEET, f"{PROPERTIES}：机密"),
        ("通知.docx", word(f"<w:del><w:r><w:delText>{MARK}</w:delText></w:r></w:del>"), f"{HIDDEN}：机密"),
        ("通知.doc", make.doc({"Data": OLD_TEXT}), f"{HIDDEN}：机密"),
        ("照片.jpg", photo(0x9C9B), f"{PROPERTIES}：机密"),
        ("机_密 通报.docx", make.docx(), "文件名：机密"),
    ],
)
def test_such_a_mark_stops_the_piece(world: World, name: str, content: bytes, found: str) -> None:
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, content)
    assert answer.status_code == 201, answer.content.decode()
    jobs.read_files()
    marks = Evidence.objects.get().flagged_marks
    assert found in marks


def test_a_photo_whose_title_is_read_still_counts_as_unread(tmp_path: Path) -> None:
    assert said_of("jpg", photo(0x9C9B), tmp_path)["has_text"] is False


def test_pictures_of_an_old_file_are_no_text(tmp_path: Path) -> None:
    """In bytes at random every letter is found, but no mark; nothing of it fills the places that are searched."""
    said = said_of("ppt", make.ppt({"Pictures": random.Random(1).randbytes(5 << 20)}), tmp_path)
    assert (said["hidden"], said["is_incomplete"]) == ("", False)
