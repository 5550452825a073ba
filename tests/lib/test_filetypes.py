"""Every kind of refused file, beside an accepted file that differs from it only in that respect."""

import contextlib
import os
import struct
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creation.lib import filetypes
from creation.lib.filetypes import FileRefused, FileType, Limits, Reason
from tests.support import evidence_files as make
from tests.support.file_inspection import LIMITS, InspectFile, RefuseFile

# Accepted files


@pytest.mark.parametrize("extension", make.MAKERS)
def test_every_allowed_kind_is_accepted(inspect_file: InspectFile, extension: str) -> None:
    found = inspect_file(make.MAKERS[extension](), f"资料.{extension.upper()}")
    assert found.extension == extension
    assert found.inline == (extension in {"jpg", "jpeg", "png", "webp", "pdf", "mp4"})


def test_the_media_type_is_ours_and_never_one_that_a_browser_runs(inspect_file: InspectFile) -> None:
    assert inspect_file(make.pdf(), "a.pdf") == FileType("pdf", "application/pdf", "document", inline=True)
    assert inspect_file(make.jpg(), "a.jpeg") == FileType("jpeg", "image/jpeg", "image", inline=True)
    assert inspect_file(make.mov(), "a.mov") == FileType("mov", "video/quicktime", "video", inline=False)
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
def test_files_written_by_an_office_program_are_accepted(inspect_file: InspectFile, tmp_path: Path) -> None:
    sources = {"a.txt": "创建工作推进情况\n", "b.csv": "指标,数值\n覆盖率,95\n", "c.fodp": SLIDES}
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for source, extension in WRITTEN_BY_OFFICE:
        command = ["soffice", profile, "--headless", "--convert-to", extension, "--outdir", str(tmp_path), source]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
        content = (tmp_path / source).with_suffix(f".{extension}").read_bytes()
        assert inspect_file(content, f"a.{extension}").extension == extension


# Names and sizes, before an upload and after it


def test_what_is_not_on_the_list_is_refused_with_advice(refuse_file: RefuseFile) -> None:
    assert "解开" in refuse_file(Reason.EXTENSION, b"x", "材料.zip")
    assert "jpg" in refuse_file(Reason.EXTENSION, b"x", "照片.heic")
    assert "mp4" in refuse_file(Reason.EXTENSION, b"x", "录像.avi")
    assert "没有扩展名" in refuse_file(Reason.EXTENSION, make.pdf(), "通知")
    for extension in make.MAKERS:
        assert extension in refuse_file(Reason.EXTENSION, b"x", "a.dat")


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
def test_the_last_extension_decides(
    inspect_file: InspectFile, refuse_file: RefuseFile, reason: Reason, name: str
) -> None:
    inspect_file(make.pdf(), "exe.html.docm.pdf")
    refuse_file(reason, make.pdf(), name)


def test_an_extension_hidden_by_invisible_characters_is_seen(inspect_file: InspectFile) -> None:
    inspect_file(make.pdf(), "abc\u202eexe.pdf")
    for name in ("abc\u202efdp.exe", "a.pdf.ex\u200be", "a.pdf.exe. .", "a.pdf:b.exe"):
        with pytest.raises(FileRefused) as refused:
            inspect_file(make.pdf(), name)
        assert refused.value.reason == Reason.EXECUTABLE
        assert "\u202e" not in refused.value.sentence


def test_a_name_with_nul_is_refused(inspect_file: InspectFile) -> None:
    inspect_file(make.pdf(), "a.exe.pdf")
    with pytest.raises(FileRefused, match="NUL") as refused:
        inspect_file(make.pdf(), "a.exe\x00.pdf")
    assert refused.value.reason == Reason.NAME


def test_a_member_whose_own_header_contradicts_the_directory_is_damaged(refuse_file: RefuseFile) -> None:
    content = make.docx()
    at = content.index(b"_rels/.rels")
    refuse_file(Reason.DAMAGED, content[:at] + b"X" + content[at + 1 :], "a.docx")


def test_an_empty_file_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.pdf(), "a.pdf")
    assert "空文件" in refuse_file(Reason.EMPTY, b"", "a.pdf")


@pytest.mark.parametrize(
    ("name", "limit", "said"),
    [("a.jpg", 20 << 20, "20 MB"), ("a.pdf", 200 << 20, "200 MB"), ("a.mp4", 2 << 30, "2 GB")],
)
def test_the_size_is_checked_before_the_upload(name: str, limit: int, said: str) -> None:
    filetypes.quick_check(name, limit, LIMITS)
    with pytest.raises(FileRefused, match=f"不能超过 {said}") as refused:
        filetypes.quick_check(name, limit + 1, LIMITS)
    assert refused.value.reason == Reason.TOO_LARGE
    assert refused.value.sentence.count(said) == 1  # a file one byte over the limit is not shown as the limit itself


def test_the_name_is_checked_before_the_upload() -> None:
    filetypes.quick_check("a.pdf", 1, LIMITS)
    for name, size, reason in (("a.pdf", 0, "empty"), ("a.exe", 1, "executable"), ("a\x00.pdf", 1, "name")):
        with pytest.raises(FileRefused) as refused:
            filetypes.quick_check(name, size, LIMITS)
        assert refused.value.reason == reason


def test_the_size_is_checked_again_on_the_bytes(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.jpg()
    inspect_file(content, "a.jpg", Limits(image=len(content), document=1, video=1))
    assert "图片不能超过" in refuse_file(Reason.TOO_LARGE, content, "a.jpg", Limits(len(content) - 1, 1, 1))


# The beginning of the file


@pytest.mark.parametrize("extension", make.MAKERS)
@pytest.mark.parametrize("real", ["pdf", "docx", "doc", "jpg", "png", "webp", "mp4"])
def test_content_of_another_kind_is_refused_where_the_kind_must_be_exact(
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str, real: str
) -> None:
    content = make.MAKERS[real]()
    groups = ({"doc", "wps"}, {"xls", "et"}, {"ppt", "dps"}, {"jpg", "jpeg"})
    if extension == real or any({extension, real} <= group for group in groups):
        assert inspect_file(content, f"a.{extension}", exact=True).extension == extension
    else:
        assert "里面却是" in refuse_file(Reason.MISMATCH, content, f"a.{extension}", exact=True)


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
def test_the_sentence_names_the_content(refuse_file: RefuseFile, content: bytes, said: str) -> None:
    assert said in refuse_file(Reason.MISMATCH, content, "a.doc")


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
def test_a_program_is_refused_under_any_name(refuse_file: RefuseFile, magic: bytes) -> None:
    for name in ("a.pdf", "a.exe.pdf", "a.jpg", "a.docx", "a.doc", "a.mp4"):
        refuse_file(Reason.EXECUTABLE, magic + bytes(100), name)


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
def test_markup_and_scripts_are_refused_under_any_name(refuse_file: RefuseFile, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        for name in ("a.jpg", "a.pdf", "a.doc", "a.xlsx", "a.webp"):
            refuse_file(Reason.SCRIPT, text.encode(encoding), name)


@pytest.mark.parametrize("extension", ["pdf", "docx", "doc", "jpg", "png"])
def test_something_before_the_magic_bytes_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str
) -> None:
    content = make.MAKERS[extension]()
    inspect_file(content, f"a.{extension}")
    refuse_file(Reason.PREFIXED, b"\x01junk\x02" + content, f"a.{extension}")


# All kinds


def test_a_video_of_two_gigabytes_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "film"
    with path.open("wb") as file:
        file.write(make.box(b"ftyp", b"isom\0\0\2\0isom") + struct.pack(">L4sQ", 1, b"mdat", 2 * 10**9))
        file.seek(2 * 10**9 - 16, os.SEEK_CUR)
        file.write(make.box(b"moov", bytes(100)))
    assert peak(path, "a.mp4") < 1 << 20


def test_a_large_document_needs_little_memory(tmp_path: Path) -> None:
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


def test_a_file_that_crashes_its_reader_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inspect_file(make.pdf(), "a.pdf")
    (tmp_path / "probe.py").write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(filetypes.probe_runner, "PROBES", tmp_path / "probe.py")
    refuse_file(Reason.DAMAGED, make.pdf(), "a.pdf")


def test_a_file_that_exceeds_the_time_limit_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspect_file(make.pdf(), "a.pdf")
    monkeypatch.setattr(filetypes.probe_runner, "TIMEOUT_SECONDS", 0.001)
    refuse_file(Reason.DAMAGED, make.pdf(), "a.pdf")


def test_the_memory_of_the_reader_is_limited(
    inspect_file: InspectFile, refuse_file: RefuseFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = "import sys\ntry:\n bytearray({} << 20)\nexcept MemoryError:\n import os; os.kill(os.getpid(), 9)\n"
    answer = 'print(\'{"fault": "", "detail": ""}\')'
    monkeypatch.setattr(filetypes.probe_runner, "PROBES", tmp_path / "probe.py")
    (tmp_path / "probe.py").write_text(program.format(100) + answer)
    inspect_file(make.pdf(), "a.pdf")
    (tmp_path / "probe.py").write_text(program.format(2000) + answer)
    refuse_file(Reason.DAMAGED, make.pdf(), "a.pdf")


def test_an_internal_error_is_not_blamed_on_the_file(
    inspect_file: InspectFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inspect_file(make.pdf(), "a.pdf")
    (tmp_path / "probe.py").write_text("raise ImportError('olefile')")
    monkeypatch.setattr(filetypes.probe_runner, "PROBES", tmp_path / "probe.py")
    with pytest.raises(RuntimeError, match="olefile"):
        inspect_file(make.pdf(), "a.pdf")


KINDS = ["ofd", "docx", "xlsx", "jpg", "png", "webp", "mp4", "mov"]
SLOW_KINDS = ["pdf", "doc", "xls", "ppt"]  # each check starts a process


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
        with contextlib.suppress(FileRefused):
            filetypes.inspect(path, f"a.{extension}", LIMITS)

    break_it()
