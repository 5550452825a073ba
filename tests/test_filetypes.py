"""Each class of file that is refused, beside the harmless file that differs from it in that one thing."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from creation import filetypes
from creation.filetypes import FileType, Limits, Reason, Refused
from tests import making_files as make

LIMITS = Limits(image=20 << 20, document=200 << 20, video=2 << 30)
Look = Callable[..., FileType]
Refuse = Callable[..., str]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Inspect these bytes under this name."""

    def inspect(content: bytes, name: str, limits: Limits = LIMITS) -> FileType:
        path = tmp_path / "incoming"
        path.write_bytes(content)
        return filetypes.inspect(path, name, limits)

    return inspect


@pytest.fixture
def refuse(look: Look) -> Refuse:
    """Inspect, expect this reason and a whole sentence about this file, and return the sentence."""

    def inspect(reason: Reason, content: bytes, name: str, limits: Limits = LIMITS) -> str:
        with pytest.raises(Refused) as refused:
            look(content, name, limits)
        assert refused.value.reason == reason
        assert refused.value.sentence.endswith("。")
        assert name in refused.value.sentence
        return refused.value.sentence

    return inspect


# What comes in


@pytest.mark.parametrize("extension", make.MAKERS)
def test_every_allowed_kind_comes_in(look: Look, extension: str) -> None:
    found = look(make.MAKERS[extension](), f"资料.{extension.upper()}")
    assert found.extension == extension
    assert found.inline == (extension in {"jpg", "jpeg", "png", "webp", "pdf", "mp4"})


def test_the_media_type_is_ours_and_never_one_that_a_browser_runs(look: Look) -> None:
    assert look(make.pdf(), "a.pdf") == FileType("pdf", "application/pdf", "document", inline=True)
    assert look(make.jpg(), "a.jpeg") == FileType("jpeg", "image/jpeg", "image", inline=True)
    assert look(make.mov(), "a.mov") == FileType("mov", "video/quicktime", "video", inline=False)
    types = {filetypes.allowed.ALLOWED[extension].type.media_type for extension in make.MAKERS}
    assert not any("html" in media_type or "svg" in media_type or "script" in media_type for media_type in types)


def test_the_list_for_the_picker_names_every_kind() -> None:
    assert {f".{extension}" for extension in make.MAKERS} <= set(filetypes.ACCEPT.split(","))


WRITTEN_BY_OFFICE = [
    ("a.txt", "doc"),
    ("a.txt", "docx"),
    ("a.txt", "pdf"),
    ("b.csv", "xls"),
    ("b.csv", "xlsx"),
    ("c.fodp", "ppt"),
    ("c.fodp", "pptx"),
]
SLIDES = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.2" '
    'office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation>'
    '<draw:page draw:name="p1"/></office:presentation></office:body></office:document>'
)


@pytest.mark.needs_libreoffice
def test_what_an_office_program_writes_comes_in(look: Look, tmp_path: Path) -> None:
    sources = {"a.txt": "创建工作推进情况\n", "b.csv": "指标,数值\n覆盖率,95\n", "c.fodp": SLIDES}
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for source, extension in WRITTEN_BY_OFFICE:
        command = ["soffice", profile, "--headless", "--convert-to", extension, "--outdir", str(tmp_path), source]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
        content = (tmp_path / source).with_suffix(f".{extension}").read_bytes()
        assert look(content, f"a.{extension}").extension == extension


# Names and sizes, before an upload and after it


def test_what_is_not_on_the_list_is_refused_with_advice(refuse: Refuse) -> None:
    assert "解开" in refuse(Reason.EXTENSION, b"x", "材料.zip")
    assert "jpg" in refuse(Reason.EXTENSION, b"x", "照片.heic")
    assert "mp4" in refuse(Reason.EXTENSION, b"x", "录像.avi")
    assert "没有扩展名" in refuse(Reason.EXTENSION, make.pdf(), "通知")
    for extension in make.MAKERS:
        assert extension in refuse(Reason.EXTENSION, b"x", "a.dat")


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        (Reason.EXECUTABLE, "a.pdf.exe"),
        (Reason.EXECUTABLE, "a.jpg.bat"),
        (Reason.SCRIPT, "a.html"),
        (Reason.SCRIPT, "a.pdf.svg"),
        (Reason.MACRO, "a.docm"),
        (Reason.MACRO, "a.xlsm"),
    ],
)
def test_the_last_extension_decides(look: Look, refuse: Refuse, reason: Reason, name: str) -> None:
    look(make.pdf(), "exe.html.docm.pdf")
    refuse(reason, make.pdf(), name)


def test_an_extension_hidden_by_invisible_characters_is_seen(look: Look) -> None:
    look(make.pdf(), "abc\u202eexe.pdf")
    for name in ("abc\u202efdp.exe", "a.pdf.ex\u200be", "a.pdf.exe. .", "a.pdf:b.exe"):
        with pytest.raises(Refused) as refused:
            look(make.pdf(), name)
        assert refused.value.reason == Reason.EXECUTABLE
        assert "\u202e" not in refused.value.sentence


def test_a_name_with_nul_is_refused(look: Look) -> None:
    look(make.pdf(), "a.exe.pdf")
    with pytest.raises(Refused, match="NUL") as refused:
        look(make.pdf(), "a.exe\x00.pdf")
    assert refused.value.reason == Reason.NAME


def test_an_empty_file_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.pdf(), "a.pdf")
    assert "空文件" in refuse(Reason.EMPTY, b"", "a.pdf")


@pytest.mark.parametrize(
    ("name", "limit", "said"),
    [("a.jpg", 20 << 20, "20 MB"), ("a.pdf", 200 << 20, "200 MB"), ("a.mp4", 2 << 30, "2 GB")],
)
def test_the_size_is_checked_before_the_upload(name: str, limit: int, said: str) -> None:
    filetypes.quick_check(name, limit, LIMITS)
    with pytest.raises(Refused, match=f"不能超过 {said}") as refused:
        filetypes.quick_check(name, limit + 1, LIMITS)
    assert refused.value.reason == Reason.TOO_LARGE
    assert refused.value.sentence.count(said) == 1  # one byte too many does not read as the limit itself


def test_the_name_is_checked_before_the_upload() -> None:
    filetypes.quick_check("a.pdf", 1, LIMITS)
    for name, size, reason in (("a.pdf", 0, "empty"), ("a.exe", 1, "executable"), ("a\x00.pdf", 1, "name")):
        with pytest.raises(Refused) as refused:
            filetypes.quick_check(name, size, LIMITS)
        assert refused.value.reason == reason


def test_the_size_is_checked_again_on_the_bytes(look: Look, refuse: Refuse) -> None:
    content = make.jpg()
    look(content, "a.jpg", Limits(image=len(content), document=1, video=1))
    assert "图片不能超过" in refuse(Reason.TOO_LARGE, content, "a.jpg", Limits(len(content) - 1, 1, 1))


# The beginning of the file


@pytest.mark.parametrize("extension", make.MAKERS)
@pytest.mark.parametrize("real", ["pdf", "docx", "doc", "jpg", "png", "webp", "mp4"])
def test_content_of_another_kind_is_refused(look: Look, refuse: Refuse, extension: str, real: str) -> None:
    content = make.MAKERS[real]()
    groups = ({"doc", "wps"}, {"xls", "et"}, {"ppt", "dps"}, {"jpg", "jpeg"})
    if extension == real or any({extension, real} <= group for group in groups):
        assert look(content, f"a.{extension}").extension == extension
    else:
        assert "内容却是" in refuse(Reason.MISMATCH, content, f"a.{extension}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + bytes(50), "GIF"),
        (b"Rar!\x1a\x07\x00" + bytes(50), "RAR"),
        (b"{\\rtf1\\ansi}", "RTF"),
        ("只是一段文字。".encode(), "纯文本"),
        ("只是一段文字。".encode("gb18030") * 5, "纯文本"),
        (bytes(100), "无法识别"),
    ],
)
def test_the_sentence_says_what_the_content_is(refuse: Refuse, content: bytes, said: str) -> None:
    assert said in refuse(Reason.MISMATCH, content, "a.doc")


@pytest.mark.parametrize(
    "magic",
    [
        b"MZ\x90\x00",
        b"\x7fELF\x02",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"#!/bin/sh\n",
        b"\n#!/bin/sh\n",
        b"@ECHO off\r\n",
    ],
)
def test_a_program_is_refused_under_any_name(refuse: Refuse, magic: bytes) -> None:
    for name in ("a.pdf", "a.exe.pdf", "a.jpg", "a.docx", "a.doc", "a.mp4"):
        refuse(Reason.EXECUTABLE, magic + bytes(100), name)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html></html>",
        "  \r\n<HTML><script>alert(1)</script>",
        "<script>alert(1)</script>",
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        '<?xml version="1.0"?><svg/>',
        "<?php system($_GET['x']); ?>",
        "<!-- x --><html>",
        "MIME-Version: 1.0\r\nContent-Type: multipart/related",
    ],
)
def test_markup_and_scripts_are_refused_under_any_name(refuse: Refuse, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        for name in ("a.jpg", "a.pdf", "a.doc", "a.xlsx", "a.webp"):
            refuse(Reason.SCRIPT, text.encode(encoding), name)


@pytest.mark.parametrize("extension", ["pdf", "docx", "doc", "jpg", "png"])
def test_something_before_the_magic_bytes_is_refused(look: Look, refuse: Refuse, extension: str) -> None:
    content = make.MAKERS[extension]()
    look(content, f"a.{extension}")
    refuse(Reason.PREFIXED, b"\x01junk\x02" + content, f"a.{extension}")


# PDF


def test_a_protected_pdf_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.pdf(), "a.pdf")
    refuse(Reason.ENCRYPTED, make.pdf(user_password="x"), "a.pdf")
    refuse(Reason.ENCRYPTED, make.pdf(owner_password="x"), "a.pdf")  # opens, but says what one may do with it


def test_a_pdf_without_its_end_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.pdf(pages=200)
    look(content, "a.pdf")
    look(content + b"\r\n" * 20, "a.pdf")
    refuse(Reason.TRUNCATED, content[: len(content) // 2], "a.pdf")
    refuse(Reason.TRUNCATED, content.replace(b"%%EOF", b""), "a.pdf")
    refuse(Reason.TRUNCATED, content.replace(b"startxref", b""), "a.pdf")


def test_a_pdf_that_cannot_be_opened_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.pdf().replace(b"startxref\n", b"startxref\n9"), "a.pdf")  # readers repair this one
    refuse(Reason.DAMAGED, make.pdf().replace(b"obj", b"xxx"), "a.pdf")
    refuse(Reason.DAMAGED, make.pdf(pages=0), "a.pdf")
    refuse(Reason.DAMAGED, make.pdf().replace(b"/MediaBox", b"/Type/Font").replace(b"3 0 obj", b"9 0 obj"), "a.pdf")


# OLE: doc, xls, ppt and WPS's own


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx", "ofd"])
def test_a_new_office_file_with_a_password_is_said_to_be_encrypted(look: Look, refuse: Refuse, extension: str) -> None:
    look(make.MAKERS[extension](), f"a.{extension}")
    locked = make.compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"\0" * 5000})
    refuse(Reason.ENCRYPTED, locked, f"a.{extension}")
    refuse(Reason.ENCRYPTED, locked, "a.doc")
    refuse(Reason.MISMATCH, make.doc(), f"a.{extension}")
    refuse(Reason.MISMATCH, locked, "a.pdf")  # no PDF is locked in this way


FILEPASS = struct.pack("<2H6x", 0x002F, 6)


@pytest.mark.parametrize(
    ("extension", "open_one", "locked"),
    [
        ("doc", make.doc(flags=0x0200), make.doc(flags=0x0300)),
        ("doc", make.doc(), make.doc({"\tDRMContent": b"x"})),
        ("wps", make.doc(), make.doc(flags=0x0100)),
        ("xls", make.xls(records=make.bound_sheet(0)), make.xls(records=make.bound_sheet(0) + FILEPASS)),
        ("et", make.xls(), make.xls(records=FILEPASS)),
        ("ppt", make.ppt(), make.ppt(token=0xF3D1C4DF)),
        ("dps", make.ppt(), make.ppt({"EncryptedSummary": b"x"})),
    ],
)
def test_an_encrypted_old_file_is_refused(
    look: Look, refuse: Refuse, extension: str, open_one: bytes, locked: bytes
) -> None:
    look(open_one, f"a.{extension}")
    refuse(Reason.ENCRYPTED, locked, f"a.{extension}")


VBA: make.Tree = {"VBA": {"dir": b"x", "ThisDocument": b"x"}, "PROJECT": b"x"}


@pytest.mark.parametrize(
    ("extension", "plain", "with_macros"),
    [
        ("doc", make.doc({"ObjectPool": {"_1": {"Contents": b"x"}}}), make.doc({"Macros": VBA})),
        ("wps", make.doc(), make.doc({"ObjectPool": {"_1": {"Macros": VBA}}})),
        ("xls", make.xls(), make.xls({"_VBA_PROJECT_CUR": VBA})),
        ("xls", make.xls(records=make.bound_sheet(0)), make.xls(records=make.bound_sheet(0) + make.bound_sheet(1))),
        ("et", make.xls(), make.xls({"_vba_project_cur": VBA})),
        ("ppt", make.ppt(), make.ppt(has_macros=1)),
        ("dps", make.ppt(), make.ppt({"VBA": b"x"})),
    ],
)
def test_an_old_file_with_macros_is_refused(
    look: Look, refuse: Refuse, extension: str, plain: bytes, with_macros: bytes
) -> None:
    look(plain, f"a.{extension}")
    refuse(Reason.MACRO, with_macros, f"a.{extension}")


def test_a_truncated_old_file_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.doc({"Data": bytes(50_000)})
    look(content, "a.doc")
    for length in (600, 5000, len(content) - 20_000, len(content) - 513):
        with pytest.raises(Refused) as refused:
            look(content[:length], "a.doc")
        assert refused.value.reason in {Reason.TRUNCATED, Reason.DAMAGED}


def test_a_stream_that_ends_before_its_size_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.doc({"Data": bytes(6000)})
    look(content, "a.doc")
    for size in (20_000, 60_000_000):
        refuse(Reason.TRUNCATED, content.replace(struct.pack("<Q", 6000), struct.pack("<Q", size)), "a.doc")


def test_another_compound_file_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.doc(), "a.doc")
    assert "其他" in refuse(Reason.MISMATCH, make.compound({"__properties_version1.0": b"x"}), "a.doc")
    assert "表格" in refuse(Reason.MISMATCH, make.xls(), "a.wps")


# Packages: docx, xlsx, pptx, ofd


def test_a_package_of_another_kind_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.xlsx(), "a.xlsx")
    assert "xlsx" in refuse(Reason.MISMATCH, make.xlsx(), "a.docx")
    assert "ofd" in refuse(Reason.MISMATCH, make.ofd(), "a.pptx")
    assert "压缩包" in refuse(Reason.MISMATCH, make.package({"a.txt": "x"}), "a.docx")
    template = f"{make.OFFICE}.wordprocessingml.template.main+xml"
    assert "其他格式" in refuse(Reason.MISMATCH, make.ooxml("word/document.xml", template, "<x/>"), "a.docx")
    assert "压缩包" in refuse(Reason.MISMATCH, make.package({"OFD.xml": "<html/>"}), "a.ofd")


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
def test_a_package_with_macros_is_refused(look: Look, refuse: Refuse, content: bytes) -> None:
    look(make.docx({"word/embeddings/oleObject1.bin": b"x"}), "a.docx")
    refuse(Reason.MACRO, content, "a.docx")


@pytest.mark.parametrize("at", [6, 8])
def test_an_encrypted_package_is_refused(look: Look, refuse: Refuse, at: int) -> None:
    content = bytearray(make.docx())
    look(content, "a.docx")
    record = content.find(b"PK\x03\x04" if at == 6 else b"PK\x01\x02")
    content[record + at] |= 1
    refuse(Reason.ENCRYPTED, content, "a.docx")
    refuse(Reason.ENCRYPTED, make.ofd({"Encryptions.xml": "<x/>"}), "a.ofd")
    refuse(Reason.ENCRYPTED, make.package({"Encryptions.xml": "<x/>"}), "a.ofd")


def test_a_truncated_package_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.docx(text="长" * 5000)
    look(content, "a.docx")
    refuse(Reason.TRUNCATED, content[:-30], "a.docx")
    refuse(Reason.TRUNCATED, content[: len(content) // 2], "a.docx")
    refuse(Reason.DAMAGED, content + b"<script>", "a.docx")
    refuse(Reason.DAMAGED, content[:40] + content[60:], "a.docx")  # whole at both ends, cut in the middle


def test_a_package_without_its_main_part_is_refused(look: Look, refuse: Refuse) -> None:
    types = make.content_types("word/document.xml", f"{make.OFFICE}.wordprocessingml.document.main+xml")
    look(make.package({"[Content_Types].xml": types, "word/document.xml": "<x/>"}), "a.docx")
    assert "正文" in refuse(Reason.DAMAGED, make.package({"[Content_Types].xml": types}), "a.docx")
    assert "正文" in refuse(
        Reason.DAMAGED, make.ofd({"Doc_0/Document.xml": b""}).replace(b"Doc_0/D", b"Doc_1/D"), "a.ofd"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_is_refused(look: Look, refuse: Refuse, method: int) -> None:
    content = bytearray(make.package({**members_of(make.ofd()), "x.bin": os.urandom(2000)}, method))
    look(content, "a.ofd")
    content[content.find(b"x.bin") + 200] ^= 0xFF
    refuse(Reason.DAMAGED, content, "a.ofd")


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_unusual_compression_is_refused(look: Look, refuse: Refuse) -> None:
    members = members_of(make.docx())
    look(make.package(members, zipfile.ZIP_DEFLATED), "a.docx")
    assert "压缩方式" in refuse(Reason.DAMAGED, make.package(members, zipfile.ZIP_LZMA), "a.docx")


def with_large_directory(content: bytes, count: int | None = None, record: bytes = b"PK\x06\x06") -> bytes:
    """The same package, its directory located by a ZIP64 record, as some programs always write it."""
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


def test_a_package_with_a_zip64_record_is_bounded_too(look: Look, refuse: Refuse) -> None:
    content = make.docx()
    look(with_large_directory(content), "a.docx")
    refuse(Reason.BOMB, with_large_directory(content, count=20_000), "a.docx")
    refuse(Reason.DAMAGED, with_large_directory(content, record=b"xxxx"), "a.docx")
    refuse(Reason.DAMAGED, with_large_directory(content).replace(b"PK\x06\x07", b"xxxx"), "a.docx")
    refuse(Reason.DAMAGED, content[:4] + content[-22:-12] + b"\xff" * 10 + b"\0\0", "a.docx")


def test_a_directory_too_large_to_be_read_is_refused(look: Look, refuse: Refuse) -> None:
    names = {f"word/{'x' * 900}{number}.xml": "" for number in range(10)}
    few = Limits(1, 10 << 20, 1, members=14)
    look(make.docx(names), "a.docx", few)
    out = io.BytesIO(make.docx(names))
    with zipfile.ZipFile(out, "a") as archive:
        archive.infolist()[-1].comment = b"x" * 10_000
        archive.writestr("word/last.xml", "")
    refuse(Reason.BOMB, out.getvalue(), "a.docx", few)


def test_too_many_members_are_refused_before_they_are_read(look: Look, refuse: Refuse) -> None:
    content = bytearray(make.docx())
    look(content, "a.docx")
    content[-14:-10] = struct.pack("<2H", 20_000, 20_000)
    refuse(Reason.BOMB, content, "a.docx")


def test_a_member_that_is_not_where_it_should_be_is_refused(look: Look, refuse: Refuse) -> None:
    content = bytearray(make.docx())
    look(content, "a.docx")
    content[content.rfind(b"PK\x03\x04")] = 0
    assert "缺失" in refuse(Reason.DAMAGED, content, "a.docx")


def test_an_unreadable_index_is_refused(look: Look, refuse: Refuse) -> None:
    index = members_of(make.ofd())["OFD.xml"]
    look(make.ofd({"OFD.xml": index}), "a.ofd")
    refuse(Reason.DAMAGED, make.ofd({"OFD.xml": index[:-5]}), "a.ofd")
    refuse(Reason.DAMAGED, make.ofd({"OFD.xml": ""}), "a.ofd")
    refuse(Reason.DAMAGED, make.ofd({"OFD.xml": index.replace(b"DocRoot", b"DocHook")}), "a.ofd")
    refuse(Reason.DAMAGED, make.docx({"[Content_Types].xml": b'<?xml version="1.0" encoding="none"?><x/>'}), "a.docx")


@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil", "/etc/passwd", "..\\evil.dll", "C:\\evil.dll", "a\x00.xml"]
)
def test_a_path_that_leads_outside_is_refused(look: Look, refuse: Refuse, name: str) -> None:
    placeholder = "_" * len(name)
    content = make.docx({placeholder: "x"})
    look(content, "a.docx")
    refuse(Reason.UNSAFE_PATH, content.replace(placeholder.encode(), name.encode()), "a.docx")


def test_a_link_in_a_package_is_refused(look: Look, refuse: Refuse) -> None:
    for mode, reason in ((0o100644, None), (0o120777, Reason.UNSAFE_PATH)):
        out = io.BytesIO(make.docx())
        with zipfile.ZipFile(out, "a") as archive:
            member = zipfile.ZipInfo("word/link")
            member.external_attr = mode << 16
            archive.writestr(member, "/etc/passwd")
        if reason:
            refuse(reason, out.getvalue(), "a.docx")
        else:
            look(out.getvalue(), "a.docx")


def test_a_name_that_occurs_twice_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.docx({"word/a.xml": "x", "word/b.xml": "y"})
    look(content, "a.docx")
    assert "重名" in refuse(Reason.DAMAGED, content.replace(b"word/b.xml", b"word/a.xml"), "a.docx")


def test_a_declaration_that_could_expand_is_refused(look: Look, refuse: Refuse) -> None:
    with_doctype = '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaa">]>'
    types = make.content_types("word/document.xml", f"{make.OFFICE}.wordprocessingml.document.main+xml")
    for declaration, reason in (('<?xml version="1.0"?>', None), (with_doctype, Reason.DAMAGED)):
        changed = types.replace('<?xml version="1.0" encoding="UTF-8"?>', declaration)
        for encoding in ("utf-8", "utf-16"):
            content = make.package({"[Content_Types].xml": changed.encode(encoding), "word/document.xml": "<x/>"})
            if reason:
                assert "DOCTYPE" in refuse(reason, content, "a.docx")
            else:
                look(content, "a.docx")


def test_a_bomb_is_refused_by_members_size_and_ratio(look: Look, refuse: Refuse) -> None:
    content = make.docx({f"word/{number}.xml": os.urandom(2000) for number in range(20)})
    tight = Limits(1, 10 << 20, 1, members=23, unpacked=50_000, ratio=2)
    look(content, "a.docx", tight)
    assert "22 个" in refuse(Reason.BOMB, content, "a.docx", Limits(1, 10 << 20, 1, members=22))
    assert "超过 0 MB" in refuse(Reason.BOMB, content, "a.docx", Limits(1, 10 << 20, 1, unpacked=30_000))
    assert "200 倍" in refuse(Reason.BOMB, make.docx({"word/a.xml": bytes(5 << 20)}), "a.docx")
    look(make.docx({"word/a.xml": bytes(500_000)}), "a.docx")  # packs a thousand to one and harms nobody


def test_a_bomb_beside_a_large_picture_is_refused(look: Look, refuse: Refuse) -> None:
    picture = {"word/media/a.jpg": os.urandom(1 << 20)}
    look(make.docx({**picture, "word/media/b.bmp": bytes(9 << 20)}), "a.docx")
    refuse(Reason.BOMB, make.docx({**picture, "word/media/b.bmp": bytes(11 << 20)}), "a.docx")


def test_an_index_too_large_to_be_read_is_refused(look: Look, refuse: Refuse) -> None:
    for padding, reason in ((1 << 20, None), (3 << 20, Reason.BOMB)):
        content = make.ofd(
            {"OFD.xml": members_of(make.ofd())["OFD.xml"] + b"<!--%s-->" % os.urandom(padding).hex().encode()}
        )
        if reason:
            refuse(reason, content, "a.ofd")
        else:
            look(content, "a.ofd")


def test_a_directory_that_understates_itself_is_refused(look: Look, refuse: Refuse) -> None:
    content = bytearray(make.docx({f"word/{number}.xml": b"x" for number in range(20)}))
    few = Limits(1, 10 << 20, 1, members=22)
    look(content, "a.docx", Limits(1, 10 << 20, 1, members=23))
    content[-14:-10] = struct.pack("<2H", 2, 2)
    refuse(Reason.BOMB, content, "a.docx", few)


def test_a_member_larger_than_it_says_is_refused(look: Look, refuse: Refuse) -> None:
    """zipfile would stop at the size that is claimed; LibreOffice would go on."""
    content = bytearray(make.docx({"word/z.xml": bytes(800_000)}))
    look(content, "a.docx")
    record = content.rfind(b"PK\x01\x02")
    content[record + 24 : record + 28] = struct.pack("<L", 10)
    assert "所标" in refuse(Reason.BOMB, content, "a.docx")


def test_overlapping_members_are_refused(look: Look, refuse: Refuse) -> None:
    content = bytearray(make.docx({"word/a.xml": b"same", "word/b.xml": b"same"}))
    look(content, "a.docx")
    records = [at for at in range(len(content)) if content.startswith(b"PK\x01\x02", at)]
    first = content[records[-2] + 42 : records[-2] + 46]
    content[records[-1] + 42 : records[-1] + 46] = first
    assert "重叠" in refuse(Reason.BOMB, content, "a.docx")


# Images


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_truncated_image_is_refused(look: Look, refuse: Refuse, extension: str) -> None:
    content = make.MAKERS[extension]()
    look(content, f"a.{extension}")
    refuse(Reason.TRUNCATED, content[: len(content) * 3 // 4], f"a.{extension}")
    refuse(Reason.TRUNCATED, content[:-2], f"a.{extension}")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_with_a_tail_comes_in(look: Look, extension: str) -> None:
    content = make.MAKERS[extension]()
    assert look(content + b"<script>alert(1)</script>", f"a.{extension}").kind == "image"
    assert look(content + content, f"a.{extension}").kind == "image"


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_damaged_image_is_refused(look: Look, refuse: Refuse, extension: str) -> None:
    content = bytearray(make.MAKERS[extension]())
    look(content, f"a.{extension}")
    content[12:40] = bytes(28)
    with pytest.raises(Refused) as refused:
        look(content, f"a.{extension}")
    assert refused.value.reason in {Reason.DAMAGED, Reason.TRUNCATED}


def test_the_check_sums_of_a_png_are_checked(look: Look, refuse: Refuse) -> None:
    content = bytearray(make.png())
    look(content, "a.png")
    content[content.find(b"IDAT") + 20] ^= 1
    refuse(Reason.DAMAGED, content, "a.png")


def test_a_jpeg_with_a_thumbnail_is_judged_by_its_own_end(look: Look, refuse: Refuse) -> None:
    thumbnail, whole = make.jpg(), make.jpg()
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    content = whole[:2] + segment + whole[2:]
    look(content, "a.jpg")
    refuse(Reason.TRUNCATED, content[:-2], "a.jpg")


def test_the_segments_of_a_jpeg_follow_each_other(look: Look, refuse: Refuse) -> None:
    content = make.jpg()
    at = content.find(b"\xff\xda")
    look(content[:at] + b"\xff\xff\xff" + content[at:], "a.jpg")  # fill bytes
    refuse(Reason.DAMAGED, content[:-2] + b"\xff\xc4\x00\x02junk" + content[-2:], "a.jpg")


def test_a_progressive_jpeg_comes_in(look: Look, refuse: Refuse) -> None:
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(out, "JPEG", progressive=True, restart_marker_rows=1)
    look(out.getvalue(), "a.jpg")
    refuse(Reason.TRUNCATED, out.getvalue()[:-2], "a.jpg")
    refuse(Reason.TRUNCATED, out.getvalue()[: out.getvalue().rfind(b"\xff\xc4") + 3], "a.jpg")  # between two scans


def test_a_jpeg_without_a_picture_is_refused(look: Look, refuse: Refuse) -> None:
    content = make.jpg()
    look(content, "a.jpg")
    refuse(Reason.DAMAGED, content[: content.find(b"\xff\xda")] + b"\xff\xd9", "a.jpg")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_an_image_of_too_many_pixels_is_refused(look: Look, refuse: Refuse, extension: str) -> None:
    content = make.MAKERS[extension]()  # 64 x 48
    look(content, f"a.{extension}", Limits(1 << 20, 1, 1, pixels=3072))
    assert "64×48" in refuse(Reason.PIXELS, content, f"a.{extension}", Limits(1 << 20, 1, 1, pixels=3071))


@pytest.mark.parametrize("side", [7072, 9500, 14_000, 30_000])
def test_an_image_above_fifty_megapixels_is_never_decoded(look: Look, refuse: Refuse, side: int) -> None:
    look(make.png_claiming(7071, 7071), "a.png")
    assert "5000 万像素" in refuse(Reason.PIXELS, make.png_claiming(side, side), "a.png")


# Films


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_truncated_film_is_refused(look: Look, refuse: Refuse, extension: str) -> None:
    content = make.MAKERS[extension]()
    look(content, f"a.{extension}")
    refuse(Reason.TRUNCATED, content[:-1], f"a.{extension}")
    refuse(Reason.TRUNCATED, content.replace(b"moov", b"free"), f"a.{extension}")


def test_boxes_of_every_length_are_walked(look: Look, refuse: Refuse) -> None:
    head = make.film(b"isom")
    large = struct.pack(">L4sQ", 1, b"mdat", 116) + bytes(100)
    look(head + large + make.box(b"free"), "a.mp4")
    refuse(Reason.TRUNCATED, head + large[:-1], "a.mp4")
    look(head + struct.pack(">L4s", 0, b"mdat") + bytes(100), "a.mp4")  # to the end of the file
    look(head + bytes(5), "a.mp4")
    refuse(Reason.DAMAGED, head + struct.pack(">L4s", 7, b"mdat"), "a.mp4")


def test_a_film_of_countless_boxes_is_refused(look: Look, refuse: Refuse) -> None:
    look(make.mp4() + make.box(b"free") * 1000, "a.mp4")
    assert "反常" in refuse(Reason.DAMAGED, make.mp4() + make.box(b"free") * 100_001, "a.mp4")


def test_the_brand_agrees_with_the_extension(look: Look, refuse: Refuse) -> None:
    look(make.film(b"qt  ", b"mp42", b"qt  "), "a.mp4")  # some cameras write both
    look(make.film(b"mp42", b"mp42", b"qt  "), "a.mov")
    look(make.mov()[20:], "a.mov")  # QuickTime of old has no brand
    refuse(Reason.MISMATCH, make.mov()[20:], "a.mp4")
    assert "MOV" in refuse(Reason.MISMATCH, make.mov(), "a.mp4")
    assert "MP4" in refuse(Reason.MISMATCH, make.mp4(), "a.mov")
    assert "HEIC" in refuse(Reason.MISMATCH, make.film(b"heic", b"mif1"), "a.mp4")
    assert "声音" in refuse(Reason.MISMATCH, make.film(b"M4A "), "a.mp4")


# All of them


def test_a_film_of_two_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "film"
    with path.open("wb") as file:
        file.write(make.box(b"ftyp", b"isom\0\0\2\0isom") + struct.pack(">L4sQ", 1, b"mdat", 2 * 10**9))
        file.seek(2 * 10**9 - 16, os.SEEK_CUR)
        file.write(make.box(b"moov", bytes(100)))
    assert peak(path, "a.mp4") < 1 << 20


def test_a_large_document_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(make.docx({"word/media/a.bmp": os.urandom(1 << 20) * 60}))
    assert peak(path, "a.docx") < 8 << 20


def peak(path: Path, name: str) -> int:
    tracemalloc.start()
    try:
        filetypes.inspect(path, name, LIMITS)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_that_kills_its_reader_is_refused(
    look: Look, refuse: Refuse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    look(make.pdf(), "a.pdf")
    (tmp_path / "probe.py").write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(filetypes.outside, "PROBE", tmp_path / "probe.py")
    refuse(Reason.DAMAGED, make.pdf(), "a.pdf")


def test_a_file_that_keeps_its_reader_busy_is_refused(
    look: Look, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(make.pdf(), "a.pdf")
    monkeypatch.setattr(filetypes.outside, "PATIENCE", 0.001)
    refuse(Reason.DAMAGED, make.pdf(), "a.pdf")


def test_the_reader_may_not_take_all_memory() -> None:
    program = "import runpy, sys; runpy.run_path(sys.argv[1])['limit_myself'](); bytearray(int(sys.argv[2]) << 20)"
    command = [sys.executable, "-c", program, str(filetypes.outside.PROBE)]
    assert subprocess.run([*command, "100"], check=False).returncode == 0
    assert b"MemoryError" in subprocess.run([*command, "2000"], check=False, capture_output=True).stderr


def test_a_fault_of_ours_is_not_blamed_on_the_file(look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    look(make.pdf(), "a.pdf")
    (tmp_path / "probe.py").write_text("raise ImportError('olefile')")
    monkeypatch.setattr(filetypes.outside, "PROBE", tmp_path / "probe.py")
    with pytest.raises(RuntimeError, match="olefile"):
        look(make.pdf(), "a.pdf")


KINDS = ["ofd", "docx", "xlsx", "jpg", "png", "webp", "mp4", "mov"]
SLOW_KINDS = ["pdf", "doc", "xls", "ppt"]  # each look starts a process


def harmed(content: bytes, at: int, junk: bytes, cut: int) -> bytes:
    at %= len(content)
    return (content[:at] + junk + content[at + len(junk) :])[: len(content) - cut % 50]


@pytest.mark.parametrize("extension", [*KINDS, *SLOW_KINDS])
def test_whatever_is_broken_the_answer_is_a_type_or_a_sentence(extension: str, tmp_path: Path) -> None:
    content, path = make.MAKERS[extension](), tmp_path / "incoming"

    @settings(max_examples=10 if extension in SLOW_KINDS else 150, deadline=None, derandomize=True)
    @given(st.integers(0, 1 << 20), st.binary(max_size=12), st.integers(0, 49))
    def break_it(at: int, junk: bytes, cut: int) -> None:
        path.write_bytes(harmed(content, at, junk, cut))
        with contextlib.suppress(Refused):
            filetypes.inspect(path, f"a.{extension}", LIMITS)

    break_it()
