"""Addresses, fields, formulas and parts of new Office files: what is hidden behind switches and blanks, and what is ordinary."""

from io import BytesIO

import pytest

from creation.lib.filetypes import FileRefused, Reason, active_xml
from creation.lib.filetypes.refusals import InvalidFile
from tests.support import evidence_files as make
from tests.support import hostile_files
from tests.support.file_inspection import InspectFile, RefuseFile

RELATION = hostile_files.relation("attachedTemplate", "http://10.1.2.3/t.dotm")


@pytest.mark.parametrize("blanks", [" " * 600, "\n" * 5000, "\ufeff" + " " * 70_000, "\t\r\n" * 300])
def test_a_part_behind_many_blanks_is_judged(inspect_file: InspectFile, refuse_file: RefuseFile, blanks: str) -> None:
    body = RELATION.partition("?>")[2]
    inspect_file(make.docx({"word/x.xml": blanks + "<a/>"}), "a.docx")
    refuse_file(
        Reason.REMOTE, make.docx({"word/x.xml": blanks + body, "word/a.bin": hostile_files.NOISE * 9}), "a.docx"
    )
    refuse_file(
        Reason.EMBEDDED,
        make.docx({"word/media/a.png": blanks + "<script>x</script>", "word/a.bin": hostile_files.NOISE * 9}),
        "a.docx",
    )


# Fields


@pytest.mark.parametrize(
    "code",
    [
        ' HYPERLINK \\t "_blank" "\\\\\\\\10.1.2.3\\\\s" ',
        ' HYPERLINK \\o "看这里" "javascript:alert(1)" ',
        ' HYPERLINK \\l "a" "\\\\\\\\10.1.2.3\\\\s" ',
        ' HYPERLINK \\m \\n "file://10.1.2.3/a" ',
        ' HYPERLINK "https://www.gov.cn/" "\\\\\\\\10.1.2.3\\\\s" ',
        ' HYPERLINK \\h\\l"a""\\\\\\\\10.1.2.3\\\\s" ',
        " HYPERLINK \\t _blank \\\\\\\\10.1.2.3\\\\s ",
        ' INCLUDEPICTURE \\c "gif" "http://10.1.2.3/a.gif" \\d ',
        ' INCLUDEPICTURE \\* MERGEFORMAT "http://10.1.2.3/a.gif" ',
        ' INCLUDEPICTURE "a.gif" "http://10.1.2.3/a.gif" ',
        ' HYPERLINK \\t "javascript:alert(1)" ',
    ],
)
def test_switches_do_not_hide_an_address(refuse_file: RefuseFile, code: str) -> None:
    refuse_file(Reason.REMOTE, hostile_files.word(hostile_files.field(code)), "a.docx")


@pytest.mark.parametrize(
    "code",
    [
        'HYPERLINK\\l"_Toc1"',
        ' HYPERLINK \\l "_Toc1" ',
        " HYPERLINK \\l _Toc1 ",
        ' HYPERLINK "https://www.gov.cn/" \\o "注意：请看 Note: 第二页" \\t "_blank" ',
        ' HYPERLINK \\o "提示" "https://www.gov.cn/" ',
        ' HYPERLINK "C:\\\\材料\\\\a.docx" \\l "第1页" ',
        ' HYPERLINK "www.gov.cn" ',
        ' HYPERLINK "zhang@163.com" ',
        ' HYPERLINK "\\\\\\\\FZB-SERVER\\\\材料\\\\a.docx" ',
        ' HYPERLINK "file:///Users/wang/a.docx" ',
        " HYPERLINK ",
        " TITOLO_DOCUMENTO \\* MERGEFORMAT ",
        ' TM \\o "1-3" \\h ',
        " Zone1 ",
        ' INCLUDEPICTURE "C:\\\\Users\\\\a.gif" \\* MERGEFORMATINET \\d ',
    ],
)
def test_ordinary_fields_are_let_in(inspect_file: InspectFile, code: str) -> None:
    inspect_file(hostile_files.word(hostile_files.field(code)), "a.docx")
    inspect_file(make.compound(hostile_files.word_text(f"a\x13{code}\x14x\x15")), "a.doc")


@pytest.mark.parametrize(
    "code",
    [
        " LINK Excel.Sheet.8 ",
        " IMPORT a ",
        " INCLUDE a.docx ",
        " RD a.doc ",
        " DATA a b ",
        ' Zone1 "C:\\\\a.docx" ',
        " Zone1 http://x/ ",
        ' Zone1 "\\\\\\\\10.1.2.3\\\\a" ',
        " m:zone1 ",
    ],
)
def test_a_field_that_may_read_or_is_unknown_with_what_may_be_an_address_is_refused(
    refuse_file: RefuseFile, code: str
) -> None:
    refuse_file(Reason.REMOTE, hostile_files.word(hostile_files.field(code)), "a.docx")
    refuse_file(Reason.REMOTE, make.compound(hostile_files.word_text(f"a\x13{code}\x14x\x15")), "a.doc")


# Formulas and parts


@pytest.mark.parametrize(
    "text", ["'一季度|二季度'!A1", "'CALL (1)'!A1+1", "&quot;it's&quot;&amp;'a|b'!A1", "SUM('甲''乙|丙'!A1:B2)"]
)
def test_names_of_sheets_are_no_commands(inspect_file: InspectFile, text: str) -> None:
    inspect_file(hostile_files.formula(text), "a.xlsx")


@pytest.mark.parametrize("text", ["cmd|'/c calc'!A0", "'cmd'|'/c calc'!A0", "'a'!A1+cmd|'x'!A0", "cmd|x!A0"])
def test_commands_beside_names_of_sheets_are_found(refuse_file: RefuseFile, text: str) -> None:
    refuse_file(Reason.REMOTE, hostile_files.formula(text), "a.xlsx")


def test_parts_that_new_programs_write_are_let_in(inspect_file: InspectFile) -> None:
    for year, kind in (("2019/04", "namedSheetView"), ("2020/10", "intelligence"), ("2017/06", "model3d")):
        base = f"http://schemas.microsoft.com/office/{year}/relationships"
        inspect_file(make.docx({"word/_rels/x.rels": hostile_files.relation(kind, "a.xml", False, base)}), "a.docx")


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    "content",
    [
        '<image xlink:href="http://10.1.2.3/a.png"/>',
        '<image href="//10.1.2.3/a.png"/>',
        '<use href="https://x/a.svg#a"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<rect onload="x()"/>',
        "<style>@import url(http://10.1.2.3/a.css);</style>",
        '<rect fill="url(http://10.1.2.3/a.svg#a)"/>',
        '<rect style="background:url(//10.1.2.3/a)"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zz4="/>',
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="http://x/"/></foreignObject>',
        '<animate attributeName="href" to="http://x/"/><set attributeName="xlink:href" to="javascript:x"/>',
    ],
)
def test_a_drawing_that_fetches_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, content: str) -> None:
    plain = '<defs><path id="a"/></defs><use xlink:href="#a"/><rect fill="url(#a)"/><a href="https://www.gov.cn/"/>'
    inspect_file(
        make.docx({"word/media/a.svg": SVG.format(plain + '<image href="data:image/png;base64,eA=="/>')}), "a.docx"
    )
    found = make.docx({"word/media/a.svg": SVG.format(content)})
    with pytest.raises(Exception, match="不能上传") as refused:
        inspect_file(found, "a.docx")
    assert refused.value.reason in {Reason.REMOTE, Reason.ACTIVE}  # type: ignore[attr-defined]


def test_links_to_the_own_disk_and_the_office_are_let_in(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    for address in (
        "file:///Users/wang/a.docx",
        "Macintosh%20HD:Users:wang:a.docx",
        "file:///home/wang/a.docx",
        "\\\\FZB\\s\\a.docx",
        "www.baidu.com",
    ):
        inspect_file(make.docx({"word/_rels/x.rels": hostile_files.relation("hyperlink", address)}), "a.docx")
    linked = "xl/externalLinks/_rels/a.xml.rels"
    for address in ("file:///\\\\FZB\\s\\a.xlsx", "/Users/wang/a.xlsx", "a.xlsx"):
        inspect_file(hostile_files.sheet_with({linked: hostile_files.relation("externalLinkPath", address)}), "a.xlsx")
    for address in (
        "\\\\10.1.2.3\\s\\a.docx",
        "\\\\a.example.com\\s\\a.docx",
        "\\\\FZB\\s\\a.exe",
        "\\\\FZB@80\\s\\a.docx",
    ):
        refuse_file(
            Reason.REMOTE, make.docx({"word/_rels/x.rels": hostile_files.relation("hyperlink", address)}), "a.docx"
        )
    for kind in ("image", "attachedTemplate"):
        refuse_file(
            Reason.REMOTE, make.docx({"word/_rels/x.rels": hostile_files.relation(kind, "\\\\FZB\\s\\a")}), "a.docx"
        )


def with_chart(address: str) -> bytes:
    types = make.content_types(
        "ppt/presentation.xml",
        f"{make.OFFICE}.presentationml.presentation.main+xml",
        f'<Override PartName="/ppt/charts/chart1.xml" ContentType="{make.OFFICE}.drawingml.chart+xml"/>',
    )
    links = {"ppt/charts/_rels/chart1.xml.rels": hostile_files.relation("oleObject", address)}
    return make.pptx({"[Content_Types].xml": types, "ppt/charts/chart1.xml": "<c/>"} | links)


def test_a_chart_may_keep_the_link_to_its_workbook_on_a_disk(
    inspect_file: InspectFile, refuse_file: RefuseFile
) -> None:
    """As pasted from Excel with its link; the picture of the chart is in the file. Of other parts such an object is refused."""
    for address in ("file:///E:\\材料\\台账.xlsx", "Book1", "file:///Users/wang/a.xlsx"):
        inspect_file(with_chart(address), "a.pptx")
    for address in ("https://x/a.xlsx", "\\\\10.1.2.3\\s\\a.xlsx", "file:///C:\\a.exe", "script:http://x/a.sct"):
        refuse_file(Reason.REMOTE, with_chart(address), "a.pptx")
    elsewhere = {"ppt/slides/_rels/a.xml.rels": hostile_files.relation("oleObject", "file:///E:\\a.xlsx")}
    refuse_file(Reason.REMOTE, make.pptx(elsewhere), "a.pptx")


def test_the_list_of_old_themes_is_a_part_of_a_document(inspect_file: InspectFile) -> None:
    old = "application/vnd.openxmlformats-officedocument.themeManager+xml"
    inspect_file(hostile_files.typed("word/theme/themeManager.xml", old, b"<x/>"), "a.docx")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("connections", "“数据→查询和连接”"),
        ("mailMergeSource", "选“普通 Word 文档”"),
        ("attachedTemplate", "“开发工具→文档模板”"),
        ("subDocument", "请删除这处链接"),
        ("aFChunk", "只有 Word 会显示。请用 WPS 或 Office 打开，点“文件→另存为”"),
    ],
)
def test_a_refusal_names_the_menu_in_which_this_link_is_removed(
    inspect_file: InspectFile, kind: str, words: str
) -> None:
    address = "a.mht" if kind == "aFChunk" else "http://x/a"
    relation = hostile_files.relation(kind, address, kind != "aFChunk")
    with pytest.raises(FileRefused, match=words):
        inspect_file(make.docx({"word/_rels/x.rels": relation}), "a.docx")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", make.pdf()[:-8], "另存成新文件，或“打印”成 PDF"),
        ("a.docx", make.docx()[:-40], "另存成新文件"),
        ("a.jpg", make.jpg()[:-60], "看图软件"),
        ("a.mp4", make.mp4()[:-3], "重新导出"),
    ],
)
def test_a_cut_file_that_opens_all_the_same_has_a_way_in(
    inspect_file: InspectFile, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(FileRefused, match=f"请从原处重新取一份上传；.*{words}"):
        inspect_file(content, name)


def test_a_broken_picture_is_mended_by_a_program_for_pictures(inspect_file: InspectFile) -> None:
    broken = make.png().replace(b"IHDR", b"IHDX")
    with pytest.raises(FileRefused, match="图片数据有误。请用看图软件打开，另存为新的 jpg 或 png 图片后再上传。"):
        inspect_file(broken, "a.png")
    with pytest.raises(FileRefused, match="点“文件→另存为”存成新文件，或“打印”成 PDF"):
        inspect_file(make.docx({"word/a.xml": "<!DOCTYPE x><x/>"}), "a.docx")


# Ends of packages


@pytest.mark.parametrize("more", [b"\0" * 400, b"\r\n", b"<!-- saved -->", b"PK"])
def test_bytes_behind_a_package_are_no_fault(inspect_file: InspectFile, refuse_file: RefuseFile, more: bytes) -> None:
    inspect_file(make.docx(text="长" * 500) + more, "a.docx")
    refuse_file(Reason.REMOTE, make.docx({hostile_files.RELS: RELATION}) + more, "a.docx")
    refuse_file(Reason.DAMAGED, make.docx() + make.docx({hostile_files.RELS: RELATION}), "a.docx")


LARGE = "<a>" + "<b>文字</b>" * 120_000
SPACES = {
    "x": f"{make.RELATIONS}/spreadsheetml/2006/main",
    "s": "http://www.w3.org/2000/svg",
    "h": "http://www.w3.org/1999/xhtml",
    "o": "http://www.ofdspec.org/2016",
    "e": f"{make.RELATIONS}/officeDocument/2006/extended-properties",
}


@pytest.mark.parametrize(
    "harmful",
    [
        "<x:f>'\\\\10.1.2.3\\[a.xlsx]S'!A1</x:f>",
        "<x:f>&apos;http://10.1.2.3/[a.xlsx]S&apos;!A1</x:f>",
        '<x:webPublishItem destinationFile="//10.1.2.3/a.htm"/>',
        '<s:image xml:base="http://10.1.2.3/"/>',
        '<s:rect fill="\\75rl(http://10.1.2.3/)"/>',
        '<s:rect\nonload="x()"/>',
        '<s:set attributeName="onload"/>',
        "<h:meta name='refresh'/>",
        "<h:form />",
        "<o:MediaFile>http://10.1.2.3/a.png</o:MediaFile>",
        '<o:Page BaseLoc="//10.1.2.3/a.xml"/>',
        "<e:HyperlinkBase>//10.1.2.3/</e:HyperlinkBase>",
    ],
)
def test_what_a_large_part_does_is_found(harmful: str) -> None:
    spaces = " ".join(f'xmlns:{short}="{name}"' for short, name in SPACES.items())
    content = f"{LARGE}<c {spaces}>{harmful}</c></a>".encode()
    assert len(content) > active_xml.SMALL
    with pytest.raises(InvalidFile):
        active_xml.check_part(lambda: BytesIO(content), len(content))
