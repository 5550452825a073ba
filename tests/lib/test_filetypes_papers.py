"""PDF and old Office files: complete, not encrypted, without active content."""

import struct

import pytest

from creation.lib.filetypes import FileRefused, Reason
from tests.support import evidence_files as make
from tests.support.file_inspection import InspectFile, RefuseFile

# PDF


def test_a_pdf_with_a_password_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.pdf(), "a.pdf")
    inspect_file(make.pdf(owner_password="x"), "a.pdf")  # opens without a password, and may not be changed
    refuse_file(Reason.ENCRYPTED, make.pdf(user_password="x"), "a.pdf")


def test_a_pdf_without_its_end_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.pdf(pages=200)
    inspect_file(content, "a.pdf")
    inspect_file(content + b"\r\n" * 20, "a.pdf")
    refuse_file(Reason.TRUNCATED, content[: len(content) // 2], "a.pdf")
    refuse_file(Reason.TRUNCATED, content.replace(b"%%EOF", b""), "a.pdf")
    refuse_file(Reason.TRUNCATED, content.replace(b"startxref", b""), "a.pdf")


ACTS = [
    ("<</S/JavaScript/JS(app.alert\\(1\\))>>", Reason.ACTIVE, "脚本"),
    ("<</S/J#61vaScript/JS 5 0 R>>", Reason.ACTIVE, "脚本"),
    ("<</S/Launch/F(cmd.exe)>>", Reason.ACTIVE, "启动"),
    ("<</Type/Annot/Subtype/RichMedia>>", Reason.ACTIVE, "多媒体"),
    ("<</Type/EmbeddedFile/Length 0>>", Reason.EMBEDDED, "附件"),
]


@pytest.mark.parametrize(("act", "reason", "said"), ACTS)
def test_a_pdf_with_actions_or_embedded_files_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, act: str, reason: Reason, said: str
) -> None:
    inspect_file(make.pdf(catalog="/OpenAction 4 0 R", more=["<</S/GoTo/D[3 0 R/Fit]>>"]), "a.pdf")
    inspect_file(make.pdf(more=[make.packed_objects("<</S/GoTo/D[3 0 R/Fit]>>")]), "a.pdf")
    assert said in refuse_file(reason, make.pdf(catalog="/OpenAction 4 0 R", more=[act]), "a.pdf")
    assert said in refuse_file(reason, make.pdf(catalog="/OpenAction 9 0 R", more=[make.packed_objects(act)]), "a.pdf")


def test_names_of_embedded_files_and_objects_packed_strangely_are_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile
) -> None:
    inspect_file(make.pdf(catalog="/Names<</Dests 2 0 R>>"), "a.pdf")
    refuse_file(Reason.EMBEDDED, make.pdf(catalog="/Names<</EmbeddedFiles 2 0 R>>"), "a.pdf")
    strange = make.packed_objects("<<>>", "[/ASCIIHexDecode/FlateDecode]").replace("stream\nx", "stream\ny")
    refuse_file(Reason.DAMAGED, make.pdf(more=[strange]), "a.pdf")


def test_a_pdf_that_cannot_be_opened_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.pdf().replace(b"startxref\n", b"startxref\n9"), "a.pdf")  # readers repair this one
    refuse_file(Reason.DAMAGED, make.pdf().replace(b"obj", b"xxx"), "a.pdf")
    refuse_file(Reason.DAMAGED, make.pdf(pages=0), "a.pdf")
    refuse_file(
        Reason.DAMAGED, make.pdf().replace(b"/MediaBox", b"/Type/Font").replace(b"3 0 obj", b"9 0 obj"), "a.pdf"
    )


# OLE: doc, xls, ppt and WPS formats


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx", "ofd"])
def test_a_new_office_file_with_a_password_is_reported_as_encrypted(
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str
) -> None:
    inspect_file(make.MAKERS[extension](), f"a.{extension}")
    locked = make.compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"\0" * 5000})
    refuse_file(Reason.ENCRYPTED, locked, f"a.{extension}")
    refuse_file(Reason.ENCRYPTED, locked, "a.doc")
    refuse_file(Reason.MISMATCH, make.doc(), f"a.{extension}", exact=True)
    refuse_file(Reason.MISMATCH, locked, "a.pdf", exact=True)  # not encrypted in the way of a PDF


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
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str, open_one: bytes, locked: bytes
) -> None:
    inspect_file(open_one, f"a.{extension}")
    refuse_file(Reason.ENCRYPTED, locked, f"a.{extension}")


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
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str, plain: bytes, with_macros: bytes
) -> None:
    inspect_file(plain, f"a.{extension}")
    refuse_file(Reason.MACRO, with_macros, f"a.{extension}")


DDE = struct.pack("<2H", 0x01AE, 16) + struct.pack("<2HB", 1, 11, 0) + b"cmd\x03/c calc"[:11]


@pytest.mark.parametrize(
    ("extension", "plain", "harmful", "reason"),
    [
        ("doc", make.doc({"ObjectPool": {"_1": {"\x01CompObj": b"x"}}}), {"\x01Ole10Native": b"x"}, Reason.EMBEDDED),
        ("ppt", make.ppt({"a": {"\x01CompObj": b"x"}}), {"\x01OLE10NATIVE": b"x"}, Reason.EMBEDDED),
    ],
)
def test_an_old_file_that_wraps_another_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str, plain: bytes, harmful: make.Tree, reason: Reason
) -> None:
    inspect_file(plain, f"a.{extension}")
    content = make.doc({"ObjectPool": {"_1": harmful}}) if extension == "doc" else make.ppt({"a": harmful})
    refuse_file(reason, content, f"a.{extension}")


def test_an_old_sheet_with_a_dde_link_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.xls(records=DDE.replace(b"\x03", b"\x01")), "a.xls")
    assert "DDE" in refuse_file(Reason.REMOTE, make.xls(records=DDE), "a.xls")


def test_a_truncated_old_file_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.doc({"Data": bytes(50_000)})
    inspect_file(content, "a.doc")
    for length in (600, 5000, len(content) - 20_000, len(content) - 513):
        with pytest.raises(FileRefused) as refused:
            inspect_file(content[:length], "a.doc")
        assert refused.value.reason in {Reason.TRUNCATED, Reason.DAMAGED}


def test_a_stream_that_ends_before_its_size_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.doc({"Data": bytes(6000)})
    inspect_file(content, "a.doc")
    for size in (20_000, 60_000_000):
        refuse_file(Reason.TRUNCATED, content.replace(struct.pack("<Q", 6000), struct.pack("<Q", size)), "a.doc")


def test_another_compound_file_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.doc(), "a.doc")
    assert "其他" in refuse_file(Reason.MISMATCH, make.compound({"__properties_version1.0": b"x"}), "a.doc")
    assert "表格" in refuse_file(Reason.MISMATCH, make.xls(), "a.wps", exact=True)
