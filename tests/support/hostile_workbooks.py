"""Workbooks for the import: each has a clear answer of its own, most a refusal, some a remark in the preview."""

from typing import NamedTuple

from tests.support import evidence_files, hostile_files
from tests.support import workbook_files as make

DOCTYPE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
HEAD = ("单位", "姓名", "职务", "办公电话", "手机")


class HostileWorkbook(NamedTuple):
    """``said`` is in the answer; ``refused`` workbooks are not stored, the others have a preview."""

    what: str
    name: str
    content: bytes
    said: str
    refused: bool = True


def formulas(text: str) -> bytes:
    return make.in_sheet(
        make.liaisons(), b"</sheetData>", f'<row r="9"><c r="A9"><f>{text}</f></c></row></sheetData>'.encode()
    )


def workbooks() -> list[HostileWorkbook]:
    good, book = make.liaisons(), HostileWorkbook
    one = ("城管局", "刘联络", "科长", "", "13800001234")
    share = hostile_files.relation("externalLinkPath", "\\\\203.0.113.5\\a.xlsx").encode()
    wrapped = evidence_files.compound({"\x01Ole10Native": b"x"})
    same = make.book([["单位", "姓名", "手机", "手机"], ["城管局", "刘联络", "1", "2"]])
    link = f"<externalLink {hostile_files.EXCEL}><{{}}/></externalLink>"
    linked = make.with_parts(good, {"xl/externalLinks/e1.xml": link.format("externalBook").encode()})
    return [
        book("an old workbook without the table", "表.xls", evidence_files.xls(), "没有找到"),
        book("an old workbook under a new name", "表.xlsx", evidence_files.xls(), "没有找到"),
        book("a web page", "表.xlsx", b"<html><table><tr><td>x</td></tr></table></html>", "网页"),
        book("comma separated values", "表.xlsx", "单位,姓名\n城管局,刘联络\n".encode(), "纯文本"),
        book("a spreadsheet of LibreOffice", "表.ods", b"a,b", "另存为 .xlsx"),
        book("a text document", "表.docx", evidence_files.docx(), "文件里没有表格"),
        book("a text document under a new name", "表.xlsx", evidence_files.docx(), "docx 文档"),
        book(
            "a password", "表.xlsx", evidence_files.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "密码"
        ),
        book("nothing", "表.xlsx", b"", "空文件"),
        book("half a file", "表.xlsx", good[:-200], "不完整"),
        book("macros", "表.xlsx", make.with_parts(good, {"xl/vbaProject.bin": b"x"}), "宏"),
        book("macros by name", "表.xlsm", good, "另存为 .xlsx"),
        book(
            "a macro sheet in an old workbook",
            "表.xls",
            evidence_files.xls(records=evidence_files.bound_sheet(1)),
            "宏",
        ),
        book("no workbook in it", "表.xlsx", make.with_parts(good, {"xl/workbook.xml": None}), "缺少正文"),
        book("no sheet in it", "表.xlsx", make.with_parts(good, {make.SHEET: None}), "缺少工作表"),
        book("a broken sheet", "表.xlsx", make.with_parts(good, {make.SHEET: b"<worksheet>"}), "读不出来"),
        book("a declaration", "表.xlsx", make.with_parts(good, {make.SHEET: lambda xml: DOCTYPE + xml}), "DOCTYPE"),
        book("a cell at the end of the world", "表.xlsx", make.in_sheet(good, b"</sheetData>", FAR), "XFD1048576"),
        book("too many columns", "表.xlsx", make.book([["单位", "姓名", *["x"] * 300]]), "IW1"),
        book("too many rows", "表.xlsx", make.book([["单位", "姓名"], *[["城管局", "x"]] * 5050]), "5000 行"),
        book("a bomb", "表.xlsx", make.with_parts(good, {"xl/media/a.bmp": bytes(11 << 20)}), "压缩比"),
        book("no heading that we know", "表.xlsx", make.book([["甲", "乙"], ["丙", "丁"]]), "没有找到"),
        book("a DDE link", "表.xlsx", make.with_parts(good, {"a/b.xml": link.format("ddeLink").encode()}), "DDE 链接"),
        book("a DDE formula", "表.xlsx", formulas("cmd|'/c calc'!A0"), "DDE 公式"),
        book("a function of the web", "表.xlsx", formulas("_xlfn.WEBSERVICE(A1)"), "WEBSERVICE"),
        book("a web query", "表.xls", evidence_files.xls(records=hostile_files.record(0x01AD, bytes(20))), "网页查询"),
        book(
            "a link to a share on another network",
            "表.xlsx",
            make.with_parts(good, {"a.rels": share}),
            "外部链接",
        ),
        book(
            "another file inside",
            "表.xlsx",
            make.with_parts(good, {"xl/a.bin": wrapped}),
            "夹带",
        ),
        book("a template of workbooks", "表.xltx", good, "另存为 .xlsx"),
        book(
            "links to other workbooks",
            "表.xlsx",
            linked,
            "指向其他文件的链接",
            False,
        ),
        book("a formula", "表.xlsx", make.liaisons([("城管局", "刘联络", "=1+1", "", "")]), "选择性粘贴", False),
        book("an unknown unit", "表.xlsx", make.liaisons([("程管局", "赵某", "", "", "")]), "是哪个单位", False),
        book(
            "a unit twice", "表.xlsx", make.liaisons([one, ("城管局", "刘联络", "科员", "", "")]), "出现了两次", False
        ),
        book(
            "merged names",
            "表.xlsx",
            make.liaisons([one, ("老街街道", None, "", "", "1")], merges=["B2:B3"]),
            "合并",
            False,
        ),
        book(
            "no telephone number",
            "表.xlsx",
            make.liaisons([("城管局", "刘联络", "", "", "1391111")]),
            "不是手机号",
            False,
        ),
        book(
            "the heading on row 3",
            "表.xlsx",
            make.book([["附件3"], ["信息表"], list(HEAD), list(one)]),
            "修改 1",
            False,
        ),
        book(
            "columns in another order",
            "表.xlsx",
            make.book([list(reversed(HEAD)), list(reversed(one))]),
            "修改 1",
            False,
        ),
        book(
            "a false dimension",
            "表.xlsx",
            make.in_sheet(make.liaisons([one]), b'ref="A1:E2"', b'ref="A1:A1"'),
            "修改 1",
            False,
        ),
        book(
            "columns beyond the sixtieth",
            "表.xlsx",
            make.book([[*HEAD, *["x"] * 60], [*one, *["y"] * 60]]),
            "只读前 60 列",
            False,
        ),
        book(
            "two columns of one name",
            "表.xlsx",
            same,
            "请指出各列",
            False,
        ),
    ]
