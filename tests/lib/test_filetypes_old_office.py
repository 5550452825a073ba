"""Old Office files: links, objects and projects of macros that are harmless get in; what embedded documents do is judged too."""

import struct

import pytest

from creation.lib.filetypes import FileRefused, Reason
from tests.support import evidence_files as make
from tests.support import hostile_files
from tests.support.file_inspection import InspectFile, RefuseFile

# Links to other workbooks


def link(path: str, *, wide: bool = False) -> bytes:
    """Return the record of a link to another workbook, or to a source of DDE."""
    text = b"\1" + path.encode("utf-16-le") if wide else b"\0" + path.encode("latin-1")
    return hostile_files.record(0x01AE, struct.pack("<2H", 1, len(path)) + text)


@pytest.mark.parametrize("wide", [False, True])
def test_a_link_to_another_workbook_is_no_dde(inspect_file: InspectFile, refuse_file: RefuseFile, wide: bool) -> None:
    for path in (
        "\x01a.xls",
        "\x01\x01D2025\x03a.xls",
        "\x01\x02\x03a.xls",
        "\x01sub\x03a.xls",
        "\x01\x01@FZB\x03s\x03a.xls",
    ):
        inspect_file(make.xls(records=link(path, wide=wide)), "a.xls")
    assert "DDE" in refuse_file(Reason.REMOTE, make.xls(records=link("cmd\x03/c calc", wide=wide)), "a.xls")
    refuse_file(Reason.REMOTE, make.xls(records=link("\x01\x01@10.1.2.3\x03s\x03a.xls", wide=wide)), "a.xls")
    refuse_file(Reason.REMOTE, make.xls(records=link("\x01\x05http://x/a.xls", wide=wide)), "a.xls")


def test_a_zero_record_does_not_hide_what_follows(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    dde = link("cmd\x03/c calc")
    inspect_file(make.xls(records=bytes(40)), "a.xls")
    refuse_file(Reason.REMOTE, make.xls(records=bytes(4) + dde), "a.xls")
    refuse_file(Reason.REMOTE, make.xls(records=bytes(1000) + dde), "a.xls")


def test_a_sheet_is_judged_from_where_it_is_said_to_begin(refuse_file: RefuseFile) -> None:
    """Between the workbook's records and its sheet lie bytes that lead a reader of the records in order astray."""
    bound = hostile_files.record(0x0085, struct.pack("<LBBBB6s", 20 + 18 + 4 + 7, 0, 0, 6, 0, b"Sheet1"))
    records = bound + hostile_files.record(0x000A, b"") + b"\x01\x02\xff\x7fabc" + link("cmd\x03/c calc")
    refuse_file(Reason.REMOTE, make.xls(records=records), "a.xls")


# Documents inside


@pytest.mark.parametrize(
    ("streams", "reason"),
    [
        ({"Workbook": link("cmd\x03/c calc")}, Reason.REMOTE),
        ({"Workbook": make.bound_sheet(1)}, Reason.MACRO),
        (hostile_files.word_text("\x13 DDEAUTO c:\\\\cmd.exe x \x14y\x15"), Reason.REMOTE),
        (hostile_files.word_text("x", template="http://10.1.2.3/t.dot"), Reason.REMOTE),
        ({"PowerPoint Document": bytes(900) + hostile_files.ppt_action(2)}, Reason.ACTIVE),
    ],
)
def test_a_document_in_a_storage_is_judged(
    inspect_file: InspectFile, refuse_file: RefuseFile, streams: make.Tree, reason: Reason
) -> None:
    inspect_file(make.doc({"ObjectPool": {"_1": {"Workbook": make.bound_sheet(0), "\x01CompObj": b"x"}}}), "a.doc")
    refuse_file(reason, make.doc({"ObjectPool": {"_1": streams}}), "a.doc")
    refuse_file(reason, make.xls({"MBD1": streams}), "a.xls")


# Objects of a class


FORMULA, PACKAGE = "0002CE02-0000-0000-C000-000000000046", "0003000C-0000-0000-C000-000000000046"
NATIVE = struct.pack("<L", 40) + b"\x1c\0\0\0\2\0" + bytes(30)
WRAPPED = struct.pack("<L", 40) + b"\2\0a.exe\0C:\\a.exe\0" + bytes(30)


def with_object(class_id: str, native: bytes) -> bytes:
    """Return a document with an object of this class; its data in the stream that the packager uses too."""
    return hostile_files.with_class(make.doc({"ObjectPool": {"_1": {"\x01Ole10Native": native}}}), "_1", class_id)


def test_only_the_objects_of_the_packager_are_packages(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(with_object(FORMULA, NATIVE), "a.doc")
    inspect_file(with_object("D3E34B21-9D75-101A-8C3D-00AA001A1652", struct.pack("<L", 9) + b"BM" + bytes(60)), "a.doc")
    for class_id, native in ((PACKAGE, NATIVE), (FORMULA, WRAPPED), (FORMULA, b"\0\0\0\0MZ\x90\0")):
        assert "对象包" in refuse_file(Reason.EMBEDDED, with_object(class_id, native), "a.doc")


# Projects of macros


def packed(content: bytes) -> bytes:
    """Return a compressed container in which nothing is repeated ([MS-OVBA] 2.4.1)."""
    pieces = [content[at : at + 8] for at in range(0, len(content), 8)]
    body = b"".join(b"\0" + piece for piece in pieces)
    return b"\1" + struct.pack("<H", 0xB000 | len(body) - 1) + body


def entry(kind: int, body: bytes) -> bytes:
    return struct.pack("<HL", kind, len(body)) + body


ATTRIBUTES = b'Attribute VB_Name = "ThisWorkbook"\r\nAttribute VB_Base = "0{00020819}"\r\nOption Explicit\r\n'


def project(source: bytes = ATTRIBUTES, compiled: bytes = b"", **more: bytes) -> make.Tree:
    """Return the storage of a project with one module."""
    directory = entry(0x0001, bytes(4)) + struct.pack("<HLLH", 0x0009, 4, 1, 1)
    directory += entry(0x001A, b"ThisWorkbook") + entry(0x0032, "ThisWorkbook".encode("utf-16-le"))
    directory += entry(0x0031, struct.pack("<L", len(compiled)))
    module = compiled + packed(source)
    return {"VBA": {"dir": packed(directory), "ThisWorkbook": module, "_VBA_PROJECT": b"x", **more}, "PROJECT": b"x"}


COMPILED = b"\1\x16\1" + bytes(40) + b"\xfe\xca\1\0"


@pytest.mark.parametrize("compiled", [b"", COMPILED + b"\0\0" + bytes(50)])
def test_a_project_without_macros_is_let_in(
    inspect_file: InspectFile, refuse_file: RefuseFile, compiled: bytes
) -> None:
    for storage, maker in (("_VBA_PROJECT_CUR", make.xls), ("Macros", make.doc)):
        name = "a.xls" if storage[0] == "_" else "a.doc"
        inspect_file(maker({storage: project(compiled=compiled)}), name)
        macro = ATTRIBUTES + b"Sub Auto_Open()\r\nEnd Sub\r\n"
        refuse_file(Reason.MACRO, maker({storage: project(macro, compiled)}), name)
        refuse_file(Reason.MACRO, maker({storage: project(compiled=COMPILED + b"\3\0" + bytes(50))}), name)
        refuse_file(Reason.MACRO, maker({storage: project(compiled=b"\1\x16" + bytes(50))}), name)
        refuse_file(Reason.MACRO, maker({storage: project(compiled=compiled, Module2=b"x")}), name)
        refuse_file(Reason.MACRO, maker({storage: project(compiled=compiled), "VBA": {"a": b"x"}}), name)


# Ends


def test_a_last_sector_that_is_not_full_is_let_in(inspect_file: InspectFile) -> None:
    content = make.tail_last(make.xls(records=hostile_files.record(0x00FF, bytes(4972))))
    inspect_file(content, "a.xls")
    inspect_file(content[:-60], "a.xls")
    for cut in (200, 513):
        with pytest.raises(FileRefused) as refused:
            inspect_file(content[:-cut], "a.xls")
        assert refused.value.reason in {Reason.TRUNCATED, Reason.DAMAGED}
