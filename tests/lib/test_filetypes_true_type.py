"""A right file under another extension is kept as what it is. Each refusal names what to do, and what comes of it is accepted."""

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from creation.lib import filetypes
from creation.lib.filetypes import FileRefused, Reason
from tests.support import evidence_files as make
from tests.support import hostile_files
from tests.support.file_inspection import LIMITS, InspectFile, RefuseFile

RENAMED = [
    ("照片.jpg", "png", "png"),
    ("照片.png", "jpg", "jpg"),
    ("照片.jpeg", "webp", "webp"),
    ("报告.docx", "doc", "doc"),
    ("报告.doc", "docx", "docx"),
    ("报告.wps", "docx", "docx"),
    ("台账.xls", "xlsx", "xlsx"),
    ("台账.xlsx", "xls", "xls"),
    ("台账.et", "xlsx", "xlsx"),
    ("课件.dps", "pptx", "pptx"),
    ("报告.pdf", "docx", "docx"),
    ("公文.pdf", "ofd", "ofd"),
    ("公文.ofd", "pdf", "pdf"),
    ("扫描.pdf", "jpg", "jpg"),
    ("录像.mov", "mp4", "mp4"),
    ("录像.mp4", "mov", "mov"),
    ("照片.jfif", "jpg", "jpg"),
    ("照片.jpe", "png", "png"),
    ("报告.doc", "xls", "xls"),
    ("台账.xlsx", "docx", "docx"),
]


@pytest.mark.parametrize(("name", "kind", "found"), RENAMED)
def test_a_right_file_under_another_extension_is_kept_as_what_it_is(
    inspect_file: InspectFile, name: str, kind: str, found: str
) -> None:
    filetypes.quick_check(name, 99, LIMITS)
    assert inspect_file(make.MAKERS[kind](), name).extension == found


def test_an_extension_that_means_the_same_stays(inspect_file: InspectFile) -> None:
    for kind in ("wps", "et", "dps", "jpeg"):
        assert inspect_file(make.MAKERS[kind](), f"a.{kind}").extension == kind


def test_what_is_wrong_is_refused_under_every_extension(refuse_file: RefuseFile) -> None:
    for name in ("a.doc", "a.pdf", "a.jpg", "a.xlsx"):
        refuse_file(Reason.MACRO, make.docx({"word/vbaProject.bin": b"x"}), name)
        refuse_file(Reason.MACRO, make.xls(records=make.bound_sheet(1)), name)
        refuse_file(Reason.ENCRYPTED, make.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), name)
        refuse_file(Reason.ACTIVE, hostile_files.opening("<</S/JavaScript>>"), name)
        refuse_file(Reason.MISMATCH, make.package({"a.txt": "x"}), name)


def test_the_limit_of_what_it_is_counts(refuse_file: RefuseFile) -> None:
    limits = filetypes.Limits(image=len(make.png()) - 1, document=1 << 20, video=1 << 20)
    refuse_file(Reason.TOO_LARGE, make.png(), "a.pdf", limits)


def test_tables_that_are_read_must_be_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(make.xlsx())
    filetypes.inspect(path, "a.xlsx", LIMITS, exact=True)
    with pytest.raises(FileRefused) as refused:
        filetypes.inspect(path, "a.xls", LIMITS, exact=True)
    assert refused.value.reason == Reason.MISMATCH


# What to do

HEIC = make.box(b"ftyp", b"heic\0\0\0\0mif1heic") + make.box(b"meta", bytes(200))
RTF = b"{\\rtf1\\ansi text}"
PAGE = b"<html><body><table><tr><td>1</td></tr></table></body></html>"
ADVICE = [
    ("照片.jpg", HEIC, Reason.MISMATCH, ("HEIC", "兼容性最佳")),
    ("报告.doc", RTF, Reason.MISMATCH, ("RTF", "另存为", "docx")),
    ("报告.docx", b"plain text", Reason.MISMATCH, ("纯文本", "另存为", "docx")),
    ("台账.xls", PAGE, Reason.SCRIPT, ("网页", "另存为", "xlsx")),
    ("台账.et", b"\xef\xbb\xbf" + PAGE, Reason.SCRIPT, ("网页", "另存为", "xlsx")),
    ("台账.xls", b'<?xml version="1.0"?><Workbook/>', Reason.SCRIPT, ("另存为", "xlsx")),
    ("报告.doc", PAGE, Reason.SCRIPT, ("网页", "另存为", "docx")),
    ("照片.jpg", b"GIF89a" + bytes(50), Reason.MISMATCH, ("GIF", "png")),
    ("照片.png", b"BM" + bytes(50), Reason.MISMATCH, ("BMP", "png")),
    ("材料.docx", make.package({"a.txt": "x"}), Reason.MISMATCH, ("压缩包", "解开")),
    ("材料.pdf", b"Rar!" + bytes(50), Reason.MISMATCH, ("RAR", "解开")),
    ("录像.mp4", b"\x1aE\xdf\xa3" + bytes(50), Reason.MISMATCH, ("MKV", "mp4")),
    ("材料.doc", make.compound({"__properties": b"x"}), Reason.MISMATCH, ("其他", "打印")),
    ("报告.pdf", hostile_files.clicking("<</S/URI/URI(file://10.1.2.3/a)>>"), Reason.REMOTE, ("链接", "打印")),
    ("台账.xls", make.xls(records=hostile_files.record(0x01AD, bytes(9))), Reason.REMOTE, ("网页查询", "打印")),
    ("报告.pdf", make.pdf(user_password="x"), Reason.ENCRYPTED, ("密码", "打印")),
]


@pytest.mark.parametrize(
    ("name", "content", "reason", "said"), ADVICE, ids=[f"{each[0]} {number}" for number, each in enumerate(ADVICE)]
)
def test_a_refusal_says_what_to_do(
    refuse_file: RefuseFile, name: str, content: bytes, reason: Reason, said: tuple[str, ...]
) -> None:
    sentence = refuse_file(reason, content, name)
    assert all(word in sentence for word in said), sentence
    assert "改用与内容相符的扩展名" not in sentence


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize(
    ("name", "content", "saved_as"),
    [
        ("a.rtf", RTF, "docx"),
        ("a.txt", b"plain text", "docx"),
        ("a.html", PAGE, "xlsx"),
        ("a.docx", make.docx(), "pdf"),
    ],
)
def test_what_comes_of_the_advice_is_accepted(
    inspect_file: InspectFile, tmp_path: Path, name: str, content: bytes, saved_as: str
) -> None:
    (tmp_path / name).write_bytes(content)
    load = ["--infilter=HTML (StarCalc)"] if saved_as == "xlsx" else []
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", *load, "--convert-to", saved_as, "--outdir", str(tmp_path), name]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    saved = (tmp_path / name).with_suffix(f".{saved_as}").read_bytes()
    assert inspect_file(saved, f"a.{saved_as}").extension == saved_as


def test_a_picture_that_was_saved_as_advised_is_accepted(inspect_file: InspectFile) -> None:
    for form in ("GIF", "BMP", "TIFF"):
        given, saved = io.BytesIO(), io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(given, form)
        Image.open(given).save(saved, "PNG")
        assert inspect_file(saved.getvalue(), "a.png").extension == "png"
