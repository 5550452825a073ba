"""docx, xlsx, pptx and ofd: limited in size, complete, without active, hidden or external content."""

import io
import os
import struct
import zipfile

import pytest

from creation.lib.filetypes import Limits, Reason
from tests.support import evidence_files as make
from tests.support.file_inspection import InspectFile, RefuseFile


def test_a_package_of_another_kind_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.xlsx(), "a.xlsx")
    assert "xlsx" in refuse_file(Reason.MISMATCH, make.xlsx(), "a.docx", exact=True)
    assert "ofd" in refuse_file(Reason.MISMATCH, make.ofd(), "a.pptx", exact=True)
    assert "压缩包" in refuse_file(Reason.MISMATCH, make.package({"a.txt": "x"}), "a.docx")
    template = f"{make.OFFICE}.wordprocessingml.template.main+xml"
    assert "其他格式" in refuse_file(Reason.MISMATCH, make.ooxml("word/document.xml", template, "<x/>"), "a.docx")
    assert "压缩包" in refuse_file(Reason.MISMATCH, make.package({"OFD.xml": "<book/>"}), "a.ofd")


def test_a_slide_show_under_the_name_of_a_presentation_is_one(inspect_file: InspectFile) -> None:
    """PowerPoint and WPS open a .ppsx that was renamed to .pptx, as people do who want to change it."""
    show = f"{make.OFFICE}.presentationml.slideshow.main+xml"
    assert inspect_file(make.ooxml("ppt/presentation.xml", show, "<x/>"), "a.pptx").extension == "pptx"


def macro_docx(content_type: str) -> bytes:
    return make.ooxml("word/document.xml", content_type, "<x/>")


BIN = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'


@pytest.mark.parametrize(
    "content",
    [
        make.docx({"word/vbaProject.bin": b"x"}),
        make.docx({"word/VBAPROJECT.BIN": b"x"}),
        macro_docx("application/vnd.ms-word.document.macroEnabled.main+xml"),
        macro_docx("application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        make.package(
            {
                "[Content_Types].xml": make.content_types("x.xml", "application/xml", BIN),
                "x.xml": "<x/>",
                "renamed.bin": b"x",
            }
        ),
        make.ooxml("xl/macrosheets/sheet1.xml", "application/vnd.ms-excel.macrosheet+xml", "<x/>"),
    ],
)
def test_a_package_with_macros_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, content: bytes) -> None:
    inspect_file(make.docx({"word/embeddings/oleObject1.bin": b"x"}), "a.docx")
    refuse_file(Reason.MACRO, content, "a.docx")


@pytest.mark.parametrize("at", [6, 8])
def test_an_encrypted_package_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, at: int) -> None:
    content = bytearray(make.docx())
    inspect_file(content, "a.docx")
    record = content.find(b"PK\x03\x04" if at == 6 else b"PK\x01\x02")
    content[record + at] |= 1
    refuse_file(Reason.ENCRYPTED, content, "a.docx")
    refuse_file(Reason.ENCRYPTED, make.ofd({"Encryptions.xml": "<x/>"}), "a.ofd")
    refuse_file(Reason.ENCRYPTED, make.package({"Encryptions.xml": "<x/>"}), "a.ofd")


def test_a_truncated_package_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.docx(text="长" * 5000)
    inspect_file(content, "a.docx")
    refuse_file(Reason.TRUNCATED, content[:-30], "a.docx")
    refuse_file(Reason.TRUNCATED, content[: len(content) // 2], "a.docx")
    inspect_file(content + b"<script>", "a.docx")  # no program reads what follows the end
    refuse_file(Reason.DAMAGED, content[:40] + content[60:], "a.docx")  # complete at both ends, truncated in the middle


def test_a_package_without_its_main_part_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    types = make.content_types("word/document.xml", f"{make.OFFICE}.wordprocessingml.document.main+xml")
    inspect_file(make.package({"[Content_Types].xml": types, "word/document.xml": "<x/>"}), "a.docx")
    assert "正文" in refuse_file(Reason.DAMAGED, make.package({"[Content_Types].xml": types}), "a.docx")
    assert "正文" in refuse_file(
        Reason.DAMAGED, make.ofd({"Doc_0/Document.xml": b""}).replace(b"Doc_0/D", b"Doc_1/D"), "a.ofd"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, method: int) -> None:
    content = bytearray(make.package({**members_of(make.ofd()), "x.bin": os.urandom(2000)}, method))
    inspect_file(content, "a.ofd")
    content[content.find(b"x.bin") + 200] ^= 0xFF
    refuse_file(Reason.DAMAGED, content, "a.ofd")


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_unusual_compression_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    members = members_of(make.docx())
    inspect_file(make.package(members, zipfile.ZIP_DEFLATED), "a.docx")
    assert "压缩方式" in refuse_file(Reason.DAMAGED, make.package(members, zipfile.ZIP_LZMA), "a.docx")


def with_large_directory(content: bytes, count: int | None = None, record: bytes = b"PK\x06\x06") -> bytes:
    """Return the same package with its directory located by a ZIP64 record, as some programs always write it."""
    end = len(content) - 22
    found, length, offset = struct.unpack("<H2L", content[end + 10 : end + 20])
    count = count or found
    large = struct.pack("<4sQ2H2L4Q", record, 44, 45, 45, 0, 0, count, count, length, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return (
        content[:end]
        + large
        + locator
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, *[2**32 - 1] * 2, 0)
    )


def test_a_package_with_a_zip64_record_is_bounded_too(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.docx()
    inspect_file(with_large_directory(content), "a.docx")
    refuse_file(Reason.BOMB, with_large_directory(content, count=20_000), "a.docx")
    refuse_file(Reason.DAMAGED, with_large_directory(content, record=b"xxxx"), "a.docx")
    refuse_file(Reason.DAMAGED, with_large_directory(content).replace(b"PK\x06\x07", b"xxxx"), "a.docx")
    refuse_file(Reason.DAMAGED, content[:4] + content[-22:-12] + b"\xff" * 10 + b"\0\0", "a.docx")


def test_a_directory_too_large_to_be_read_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    names = {f"word/{'x' * 900}{number}.xml": "" for number in range(10)}
    few = Limits(1, 10 << 20, 1, members=14)
    inspect_file(make.docx(names), "a.docx", few)
    out = io.BytesIO(make.docx(names))
    with zipfile.ZipFile(out, "a") as archive:
        archive.infolist()[-1].comment = b"x" * 10_000
        archive.writestr("word/last.xml", "")
    refuse_file(Reason.BOMB, out.getvalue(), "a.docx", few)


def test_too_many_members_are_refused_before_they_are_read(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = bytearray(make.docx())
    inspect_file(content, "a.docx")
    content[-14:-10] = struct.pack("<2H", 20_000, 20_000)
    refuse_file(Reason.BOMB, content, "a.docx")


def test_a_member_that_is_not_where_it_should_be_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = bytearray(make.docx())
    inspect_file(content, "a.docx")
    content[content.rfind(b"PK\x03\x04")] = 0
    assert "缺失" in refuse_file(Reason.DAMAGED, content, "a.docx")


def test_an_unreadable_index_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    index = members_of(make.ofd())["OFD.xml"]
    inspect_file(make.ofd({"OFD.xml": index}), "a.ofd")
    refuse_file(Reason.DAMAGED, make.ofd({"OFD.xml": index[:-5]}), "a.ofd")
    refuse_file(Reason.DAMAGED, make.ofd({"OFD.xml": ""}), "a.ofd")
    refuse_file(Reason.DAMAGED, make.ofd({"OFD.xml": index.replace(b"DocRoot", b"DocHook")}), "a.ofd")
    refuse_file(
        Reason.DAMAGED, make.docx({"[Content_Types].xml": b'<?xml version="1.0" encoding="none"?><x/>'}), "a.docx"
    )


@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil", "/etc/passwd", "..\\evil.dll", "C:\\evil.dll", "a\x00.xml"]
)
def test_a_path_that_leads_outside_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, name: str) -> None:
    placeholder = "_" * len(name)
    content = make.docx({placeholder: "x"})
    inspect_file(content, "a.docx")
    refuse_file(Reason.UNSAFE_PATH, content.replace(placeholder.encode(), name.encode()), "a.docx")


def test_a_link_in_a_package_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    for mode, reason in ((0o100644, None), (0o120777, Reason.UNSAFE_PATH)):
        out = io.BytesIO(make.docx())
        with zipfile.ZipFile(out, "a") as archive:
            member = zipfile.ZipInfo("word/link")
            member.external_attr = mode << 16
            archive.writestr(member, "/etc/passwd")
        if reason:
            refuse_file(reason, out.getvalue(), "a.docx")
        else:
            inspect_file(out.getvalue(), "a.docx")


def test_a_name_that_occurs_twice_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.docx({"word/a.xml": "x", "word/b.xml": "y"})
    inspect_file(content, "a.docx")
    assert "重名" in refuse_file(Reason.DAMAGED, content.replace(b"word/b.xml", b"word/a.xml"), "a.docx")


def test_a_declaration_that_could_expand_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    with_doctype = '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaa">]>'
    types = make.content_types("word/document.xml", f"{make.OFFICE}.wordprocessingml.document.main+xml")
    for declaration, reason in (('<?xml version="1.0"?>', None), (with_doctype, Reason.DAMAGED)):
        changed = types.replace('<?xml version="1.0" encoding="UTF-8"?>', declaration)
        for encoding in ("utf-8", "utf-16"):
            content = make.package({"[Content_Types].xml": changed.encode(encoding), "word/document.xml": "<x/>"})
            if reason:
                assert "DOCTYPE" in refuse_file(reason, content, "a.docx")
            else:
                inspect_file(content, "a.docx")


def test_a_bomb_is_refused_by_members_size_and_ratio(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.docx({f"word/{number}.bin": b"x" + os.urandom(2000) for number in range(20)})
    tight = Limits(1, 10 << 20, 1, members=23, unpacked=50_000, ratio=2)
    inspect_file(content, "a.docx", tight)
    assert "22 个" in refuse_file(Reason.BOMB, content, "a.docx", Limits(1, 10 << 20, 1, members=22))
    assert "超过 0 MB" in refuse_file(Reason.BOMB, content, "a.docx", Limits(1, 10 << 20, 1, unpacked=30_000))
    assert "200 倍" in refuse_file(Reason.BOMB, make.docx({"word/a.xml": bytes(5 << 20)}), "a.docx")
    inspect_file(make.docx({"word/a.xml": bytes(500_000)}), "a.docx")  # compresses a thousand to one and is harmless


def test_a_bomb_beside_a_large_picture_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    picture = {"word/media/a.jpg": os.urandom(1 << 20)}
    inspect_file(make.docx({**picture, "word/media/b.bmp": bytes(9 << 20)}), "a.docx")
    refuse_file(Reason.BOMB, make.docx({**picture, "word/media/b.bmp": bytes(11 << 20)}), "a.docx")


def test_an_index_too_large_to_be_read_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    for padding, reason in ((1 << 20, None), (3 << 20, Reason.BOMB)):
        content = make.ofd(
            {"OFD.xml": members_of(make.ofd())["OFD.xml"] + b"<!--%s-->" % os.urandom(padding).hex().encode()}
        )
        if reason:
            refuse_file(reason, content, "a.ofd")
        else:
            inspect_file(content, "a.ofd")


def test_a_directory_larger_than_declared_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = bytearray(make.docx({f"word/{number}.xml": b"x" for number in range(20)}))
    few = Limits(1, 10 << 20, 1, members=22)
    inspect_file(content, "a.docx", Limits(1, 10 << 20, 1, members=23))
    content[-14:-10] = struct.pack("<2H", 2, 2)
    refuse_file(Reason.BOMB, content, "a.docx", few)


def test_a_member_larger_than_declared_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    """zipfile stops at the declared size; LibreOffice does not."""
    content = bytearray(make.docx({"word/z.xml": bytes(800_000)}))
    inspect_file(content, "a.docx")
    record = content.rfind(b"PK\x01\x02")
    content[record + 24 : record + 28] = struct.pack("<L", 10)
    assert "所标" in refuse_file(Reason.BOMB, content, "a.docx")


def test_overlapping_members_are_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = bytearray(make.docx({"word/a.xml": b"same", "word/b.xml": b"same"}))
    inspect_file(content, "a.docx")
    records = [at for at in range(len(content)) if content.startswith(b"PK\x01\x02", at)]
    first = content[records[-2] + 42 : records[-2] + 46]
    content[records[-1] + 42 : records[-1] + 46] = first
    assert "重叠" in refuse_file(Reason.BOMB, content, "a.docx")


# Content of parts

RELS = "word/_rels/document.xml.rels"


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("attachedTemplate", "http://10.1.2.3/t.dotm", "外部模板"),
        ("attachedTemplate", "file:///\\\\10.1.2.3\\t.dotm", "外部模板"),
        ("attachedTemplate", "//10.1.2.3/t.dotm", "外部模板"),
        ("oleObject", "mhtml:http://10.1.2.3/x.html!x-usc:http://10.1.2.3/x.html", "外部链接"),
        ("oleObject", "ms-msdt:/id PCWDiagnostic", "外部链接"),
        ("frame", "https://example.com/", "框架网页"),
        ("image", "https://www.gov.cn/a.png", "外部链接"),
        ("image", "\\\\10.1.2.3\\share\\a.png", "外部链接"),
    ],
)
def test_a_document_that_fetches_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, kind: str, target: str, said: str
) -> None:
    inspect_file(make.docx({RELS: make.relations("hyperlink", "https://www.gov.cn/")}), "a.docx")
    inspect_file(
        make.docx({RELS: make.relations("attachedTemplate", "file:///C:\\Users\\wang\\Normal.dotm")}), "a.docx"
    )
    inspect_file(make.docx({RELS: make.relations("image", "file:///C:\\Users\\wang\\a.png")}), "a.docx")
    assert said in refuse_file(Reason.REMOTE, make.docx({RELS: make.relations(kind, target)}), "a.docx")


def fields(*pieces: str) -> str:
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    return f'<w:hdr xmlns:w="{make.RELATIONS}/wordprocessingml/2006/main"><w:p>{begin}{runs}</w:p></w:hdr>'


def test_a_field_that_starts_a_program_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.docx({"word/header1.xml": fields(" PAGE ", "DDE")}), "a.docx")
    for field in (fields(' DDEAUTO c:\\cmd.exe "/k calc" '), fields(" D", "D", "E excel")):
        for encoding in ("utf-8", "utf-16"):
            assert "DDE" in refuse_file(
                Reason.REMOTE, make.docx({"word/header1.xml": field.encode(encoding)}), "a.docx"
            )
    simple = fields("PAGE").replace("</w:p>", '<w:fldSimple w:instr="dde excel x"/></w:p>')
    assert "DDE" in refuse_file(Reason.REMOTE, make.docx({"word/header1.xml": simple}), "a.docx")


def test_a_workbook_with_a_dde_link_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    members = members_of(make.xlsx())
    for tag, reason in (("externalBook", None), ("ddeLink", Reason.REMOTE), ("oleLink", Reason.REMOTE)):
        link = f'<externalLink xmlns="{make.RELATIONS}/spreadsheetml/2006/main"><{tag}/></externalLink>'
        content = make.package({**members, "xl/externalLinks/externalLink1.xml": link})
        if reason:
            refuse_file(reason, content, "a.xlsx")
        else:
            inspect_file(content, "a.xlsx")


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (b"MZ\x90\x00" + bytes(90), Reason.EMBEDDED),
        (b"\x7fELF" + bytes(90), Reason.EMBEDDED),
        (make.compound({"\x01Ole10Native": b"x"}), Reason.EMBEDDED),
        (make.xls({"_VBA_PROJECT_CUR": {"VBA": {"dir": b"x"}}}), Reason.MACRO),
        (make.package({"a.txt": "x"}), Reason.EMBEDDED),
        (make.docx({"word/vbaProject.bin": b"x"}), Reason.MACRO),
        (make.docx({"word/a.xml": bytes(11 << 20)}), Reason.BOMB),
        (make.docx({RELS: make.relations("attachedTemplate", "http://x/t.dotm")}), Reason.REMOTE),
    ],
)
def test_embedded_documents_are_checked_too(
    inspect_file: InspectFile, refuse_file: RefuseFile, inside: bytes, reason: Reason
) -> None:
    for harmless in (make.xlsx(), make.compound({"Equation Native": b"x"}), make.png()):
        inspect_file(make.docx({"word/embeddings/object1.bin": harmless}), "a.docx")
    refuse_file(reason, make.docx({"word/embeddings/object1.bin": inside}), "a.docx")
    refuse_file(reason, make.docx({"word/embeddings/a.docx": make.docx({"word/embeddings/b.bin": inside})}), "a.docx")


def test_documents_in_documents_without_end_are_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.docx()
    for depth in range(1, 5):
        if depth > 3:
            assert "3 层" in refuse_file(Reason.BOMB, content, "a.docx")
        else:
            inspect_file(content, "a.docx")
        content = make.docx({"word/embeddings/a.docx": content})


def test_no_part_declares_entities(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    """Nor reads a local file through one: a program that opens the part later may expand entities."""
    for start in (
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<?x y?><!-- x --><!DOCTYPE a SYSTEM "http://x/">',
    ):
        for encoding in ("utf-8", "utf-16"):
            content = make.docx({"word/a.xml": f"{start}<a>&x;</a>".encode(encoding)})
            assert "DOCTYPE" in refuse_file(Reason.DAMAGED, content, "a.docx")
    inspect_file(make.docx({"word/a.xml": "<a>&lt;!DOCTYPE a&gt;</a>"}), "a.docx")


def test_names_that_differ_in_case_only_are_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.docx({"word/a.xml": "x", "word/b.xml": "y"}), "a.docx")
    assert "重名" in refuse_file(Reason.DAMAGED, make.docx({"word/a.xml": "x", "word/A.XML": "y"}), "a.docx")
