"""What a PDF hides from a search: in comments, strings and streams. Words in links and texts hide nothing."""

import hashlib
import struct

import pytest

from creation.lib.filetypes import FileRefused, Reason
from tests.support import evidence_files as make
from tests.support import hostile_files
from tests.support.file_inspection import InspectFile, RefuseFile

SCRIPT = "<</S/J#61vaScript/JS(x)>>"


def packed(text: str = SCRIPT, *, before: str = "", keyword: str = "stream\n") -> str:
    """Return an object stream with one object, number 9, in hexadecimal, whose dictionary and keyword are written in another way."""
    content = f"9 0 {text}".encode().hex() + ">"
    return (
        f"<<{before}/Type/ObjStm/N 1/First 4/Filter/ASCIIHexDecode/Length {len(content)}>>{keyword}{content}\nendstream"
    )


@pytest.mark.parametrize("keyword", ["stream\t\n", "stream \t \r\n", "stream%x\n", "stream\0\n"])
def test_a_stream_is_found_whatever_follows_its_keyword(refuse_file: RefuseFile, keyword: str) -> None:
    refuse_file(Reason.ACTIVE, make.pdf(catalog="/OpenAction 9 0 R", more=[packed(keyword=keyword)]), "a.pdf")


@pytest.mark.parametrize(
    "before",
    ["/X(endobj)", "%endobj\n", "/X(a\\)(endobj)b)", "/X(stream\n)", "/X(%)", "%(\n", "/X<<%stream\n>>", "/X(\\\\)"],
)
def test_words_in_strings_and_comments_end_no_object(refuse_file: RefuseFile, before: str) -> None:
    refuse_file(Reason.ACTIVE, make.pdf(catalog="/OpenAction 9 0 R", more=[packed(before=before)]), "a.pdf")
    direct = f"<<{before}/S/J#61vaScript/JS(x)>>"
    refuse_file(Reason.ACTIVE, make.pdf(catalog="/OpenAction 4 0 R", more=[direct]), "a.pdf")


@pytest.mark.parametrize("between", ["%" + "x" * 900 + "\n", "\n%a\n%" + "b" * 300 + "\r", " " * 500])
def test_an_object_behind_a_long_comment_is_found(
    inspect_file: InspectFile, refuse_file: RefuseFile, between: str
) -> None:
    for content, is_refused in ((SCRIPT, True), ("<</S/GoTo/D[3 0 R/Fit]>>", False)):
        whole = make.pdf(catalog="/OpenAction 9 0 R")
        whole = whole.replace(b"xref\n0 ", f"9 0{between}obj\n{content}\nendobj\nxref\n0 ".encode(), 1)
        if is_refused:
            refuse_file(Reason.ACTIVE, whole, "a.pdf")
        else:
            inspect_file(whole, "a.pdf")


def test_an_action_at_the_start_that_is_nowhere_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.pdf(catalog="/OpenAction[3 0 R/Fit]"), "a.pdf")
    inspect_file(make.pdf(catalog="/OpenAction 4 0 R", more=["[3 0 R/Fit]"]), "a.pdf")
    refuse_file(Reason.DAMAGED, make.pdf(catalog="/OpenAction 44 0 R"), "a.pdf")
    refuse_file(Reason.DAMAGED, make.pdf(catalog="/OpenAction 4 0 R", more=["nonsense"]), "a.pdf")
    refuse_file(Reason.DAMAGED, make.pdf(catalog="/AA 44 0 R"), "a.pdf")
    refuse_file(Reason.DAMAGED, hostile_files.page_with("/AA<</O 44 0 R>>"), "a.pdf")


def test_an_object_stream_without_objects_does_no_harm(inspect_file: InspectFile) -> None:
    for content in (b"", b"1", b"x y"):
        inspect_file(make.pdf(more=[hostile_files.stream("/Type/ObjStm/N 0/First 0", content)]), "a.pdf")


# One rule for addresses


def link(address: str) -> bytes:
    return hostile_files.clicking(f"<</S/URI/URI({address})>>")


@pytest.mark.parametrize(
    "address",
    [
        "https://developer.mozilla.org/docs/Web/JavaScript",
        "https://a.cn/Launch/EmbeddedFile?x=/GoToR",
        "www.baidu.com",
        "file:///home/wang/a.docx",
        "file:///Users/wang/a.docx",
        "file:///D:/a.docx",
        "zhang@163.com",
    ],
)
def test_a_link_to_a_page_or_a_document_is_let_in(inspect_file: InspectFile, address: str) -> None:
    inspect_file(link(address), "a.pdf")
    content = hostile_files.stream("", f"BT ({address}) Tj ET".encode())
    inspect_file(make.pdf(more=[content]), "a.pdf")


@pytest.mark.parametrize(
    "address",
    ["file:///%5C%5C10.1.2.3/a", "file:////10.1.2.3/a", "%255C%255C10.1.2.3\\\\a", "tools/a.exe", "c:\\\\a.com"],
)
def test_a_link_to_a_share_or_a_program_is_refused_as_in_other_files(refuse_file: RefuseFile, address: str) -> None:
    refuse_file(Reason.REMOTE, link(address), "a.pdf")


def test_a_name_outside_of_strings_is_found_in_what_cannot_be_parsed(inspect_file: InspectFile) -> None:
    for broken in ("<</A<</JavaScript(", "<</X(/JavaScript)/Y/JavaScript", "]/EmbeddedFile"):
        with pytest.raises(FileRefused):
            inspect_file(make.pdf(more=[broken]), "a.pdf")


def encrypted_objects(text: str) -> bytes:
    """Return a PDF with permissions whose object 4 is an encrypted object stream (ISO 32000-1, 7.6.2, algorithm 1)."""
    owner = make._rc4(hashlib.md5((b"x" + make.PADDING)[:32]).digest()[:5], make.PADDING)
    key = hashlib.md5(make.PADDING + owner + struct.pack("<i", -4) + make.FILE_ID).digest()[:5]
    content = make._rc4(hashlib.md5(key + b"\4\0\0\0\0").digest()[:10], f"9 0 {text}".encode())
    stream = hostile_files.stream("/Type/ObjStm/N 1/First 4", content)
    return make.pdf(owner_password="x", catalog="/OpenAction 9 0 R", more=[stream])


def test_what_is_encrypted_without_a_password_is_decrypted_and_judged(
    inspect_file: InspectFile, refuse_file: RefuseFile
) -> None:
    inspect_file(encrypted_objects("<</S/GoTo/D[3 0 R/Fit]>>"), "a.pdf")
    assert "脚本" in refuse_file(Reason.ACTIVE, encrypted_objects(SCRIPT), "a.pdf")
    inspect_file(hostile_files.protected(link("https://www.gov.cn/"), ""), "a.pdf")
    refuse_file(Reason.REMOTE, hostile_files.protected(link("file://10.1.2.3/a"), ""), "a.pdf")
    refuse_file(Reason.ENCRYPTED, hostile_files.protected(make.pdf(), "x"), "a.pdf")


def test_the_last_of_two_values_and_what_follows_an_error_count(refuse_file: RefuseFile) -> None:
    refuse_file(Reason.DAMAGED, hostile_files.opening("<</S/GoTo/S/URI/URI(http://x/)>>"), "a.pdf")
    refuse_file(Reason.DAMAGED, make.pdf(catalog="/X)/OpenAction<</S/URI/URI(http://x/)>>"), "a.pdf")


def test_an_empty_tree_of_attachments_is_let_in(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.pdf(catalog="/Names<</EmbeddedFiles<</Names[]>>>>"), "a.pdf")
    inspect_file(make.pdf(catalog="/Names<</EmbeddedFiles 4 0 R>>", more=["<</Names[]>>"]), "a.pdf")
    refuse_file(Reason.EMBEDDED, make.pdf(catalog="/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>"), "a.pdf")
    refuse_file(Reason.EMBEDDED, make.pdf(catalog="/Names<</EmbeddedFiles<</Kids[4 0 R]>>>>"), "a.pdf")
    refuse_file(Reason.EMBEDDED, make.pdf(catalog="/Names<</EmbeddedFiles 44 0 R>>"), "a.pdf")


@pytest.mark.parametrize(
    "before",
    ["\ufeff", "\r\n\r\n", "\x1b%-12345X@PJL JOB\r\n@PJL SET RET=ON\r\n@PJL ENTER LANGUAGE=PDF\r\n", "\0" * 100],
)
def test_a_mark_or_a_printers_header_before_a_pdf_is_let_in(
    inspect_file: InspectFile, refuse_file: RefuseFile, before: str
) -> None:
    inspect_file(before.encode() + make.pdf(), "a.pdf")
    refuse_file(Reason.PREFIXED, b"GIF89a" + before.encode() + make.pdf(), "a.pdf")
    refuse_file(Reason.ACTIVE, before.encode() + hostile_files.opening("<</S/JavaScript>>"), "a.pdf")
