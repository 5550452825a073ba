"""Judges the fields of text documents by a list of those that may be. A code may be split over many runs, and contain other fields."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from creation.lib import link_targets

from .refusals import InvalidFile, Reason

BEGIN, SEPARATE, END = "\x13", "\x14", "\x15"
NESTED = "\x00"  # stands for a field inside a code
MARKS = re.compile(f"([{BEGIN}{SEPARATE}{END}])")
NAME = re.compile(r'[\s"“”]*([^\s"“”\\]*)')
# What follows the name: a text in quotes, a path of a share, a switch, a word.
ARGUMENT = re.compile(
    r'"(?P<text>[^"]*)"?|“(?P<curly>[^”]*)”?|(?P<share>\\\\(?=[\\\w])[^\s"]*)|\\(?P<switch>[^\s"\\])|(?P<word>[^\s"“\\]+)'
)
# Switches with a text of their own: place, tip, window; converter.
VALUED = {
    "HYPERLINK": "lots",
    "INCLUDEPICTURE": "c",
}
GENERAL = "*@#"  # switches of every field, for formats
PLAIN_SHARE = re.compile(r"\\\\(?!\\)")  # otherwise a backslash is written twice
ADDRESS = re.compile(r"\s*(?:\\|//|[a-z][a-z0-9+.-]*:\S)", re.IGNORECASE)
# Names that no field has behind its own: the own name may be one that a revision of an old document deletes.
OUTSIDE = re.compile(r"(?<![\w/\\.:-])(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE)(?=\s+\S)", re.IGNORECASE)
IN_QUOTES = re.compile(r'"[^"]*"')
LONGEST = 100_000  # characters of a code
DEEPEST = 100

# ECMA-376 part 1, 17.16.5, [MS-DOC] 2.9.90 and WPS, without those that read something outside the document or start a program.
ALLOWED = frozenset(
    """
    ADDIN ADDRESSBLOCK ADVANCE ASK AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT AUTOTEXT AUTOTEXTLIST BARCODE BIBLIOGRAPHY
    BIDIOUTLINE CITATION COMMENTS COMPARE CREATEDATE DATE DISPLAYBARCODE DOCPROPERTY DOCVARIABLE EDITTIME EMBED EQ FILENAME
    FILESIZE FILLIN FORMCHECKBOX FORMDROPDOWN FORMTEXT GLOSSARY GOTOBUTTON GREETINGLINE HYPERLINK IF INDEX INFO KEYWORDS
    LASTSAVEDBY LISTNUM MACROBUTTON MERGEBARCODE MERGEFIELD MERGEREC MERGESEQ NEXT NEXTIF NOTEREF NUMCHARS NUMPAGES NUMWORDS
    PAGE PAGEREF PRINTDATE PRIVATE QUOTE REF REVNUM SAVEDATE SECTION SECTIONPAGES SEQ SET SHAPE SKIPIF STYLEREF SUBJECT
    SYMBOL TA TC TEMPLATE TIME TITLE TOA TOC USERADDRESS USERINITIALS USERNAME XE INCLUDEPICTURE
    """.split()  # noqa: SIM905
)

REFUSED = frozenset(
    "DDE DDEAUTO LINK IMPORT INCLUDE INCLUDETEXT DATABASE RD CONTROL HTMLCONTROL PRINT DATA".split()  # noqa: SIM905
)
# A name that is no field's is a bookmark's, whose text is shown, if nothing after it can be an address.
BOOKMARK = re.compile(r"[A-Z]\w{0,39}", re.ASCII)
HARMLESS_REST = re.compile(r'(?:\s|"[\w \-,;]*"|\\[*@#]\s*\w+|\\\w|[\w\-])*\Z')


Source = Literal[
    "code", "deleted", "shown"
]  # texts of a code, those that a revision deletes, and those of the ordinary kind
# Programs differ in which of them belong to a code: each of these must be allowed.
READINGS: tuple[frozenset[Source], ...] = (
    frozenset({"code", "deleted", "shown"}),
    frozenset({"code", "deleted"}),
    frozenset({"code", "shown"}),
    frozenset({"code"}),
)


@dataclass
class _Field:
    branch: object
    pieces: list[tuple[Source, str]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    in_code: bool = True
    length: int = 0

    def readings(self) -> set[str]:
        return {"".join(text for source, text in self.pieces if source in read) for read in READINGS}


class FieldChecker:
    """Receives the marks and texts of a document in order. Raises InvalidFile for a field that may not be.

    ``branch`` names the alternative (mc:Choice, mc:Fallback) in which the document is at the moment, of which a program reads one.
    """

    def __init__(self) -> None:
        self.open: list[_Field] = []
        self.branch: object = None

    def begin(self) -> None:
        if self.open and self.open[-1].in_code:
            self._add("code", NESTED)
        if len(self.open) >= DEEPEST:
            raise InvalidFile(Reason.DAMAGED, "域嵌套太深")
        self.open.append(_Field(self.branch))

    def separate(self) -> None:
        if self.open and self.open[-1].in_code:
            self._require_branch()
            self.open[-1].in_code = False
            for code in self.open[-1].readings():
                check_code(code)

    def end(self) -> None:
        self.separate()
        if self.open:
            self._require_branch()
            check_code("".join(self.open.pop().late))

    def text(self, text: str, source: Source = "code") -> None:
        """Add to the code of the innermost field, with what stands as a code behind its separator."""
        if self.open and (self.open[-1].in_code or source != "shown"):
            if source != "shown":
                self._require_branch()
            self._add(source, text)

    def _add(self, source: Source, text: str) -> None:
        found = self.open[-1]
        if found.length > LONGEST:
            return
        found.length += len(text)
        if found.in_code:
            found.pieces.append((source, text))
        else:
            found.late.append(text)

    def _require_branch(self) -> None:
        if self.open[-1].branch is not self.branch:
            raise InvalidFile(Reason.ACTIVE, "域代码有几种写法")

    def finish(self) -> None:
        """Check the fields that were never closed."""
        while self.open:
            self.branch = self.open[-1].branch
            self.end()


def check_text(text: str) -> None:
    """Check the fields of a text in which they are between U+0013, U+0014 and U+0015."""
    checker = FieldChecker()
    for piece in MARKS.split(text):
        if piece == BEGIN:
            checker.begin()
        elif piece == SEPARATE:
            checker.separate()
        elif piece == END:
            checker.end()
        elif checker.open and checker.open[-1].in_code:
            checker.text(piece)
    checker.finish()


def check_code(code: str) -> None:
    """Raise InvalidFile unless the field may be. A name made by another field is refused, as it cannot be known."""
    found = NAME.match(code)
    name = _plain(found[1]) if found else ""
    if OUTSIDE.search(IN_QUOTES.sub("", code[found.end() :] if found else code)):
        raise InvalidFile(Reason.REMOTE, "藏在别的域里的域")
    if name.startswith("="):
        return
    if NESTED in name:
        raise InvalidFile(Reason.ACTIVE, "域代码由别的域拼成")
    if name and name not in ALLOWED and not _is_bookmark(name, code[found.end() :] if found else ""):
        raise InvalidFile(Reason.REMOTE, f"{name[:20]} 域")
    if name in ("INCLUDEPICTURE", "HYPERLINK") and found:
        _check_address(name, code[found.end() :])


def _plain(name: str) -> str:
    """Return the name in capitals, as letters of half the width, without invisible characters."""
    return "".join(char for char in unicodedata.normalize("NFKC", name) if char == NESTED or char.isprintable()).upper()


def _is_bookmark(name: str, rest: str) -> bool:
    """Return whether the name means a place in the document: what Word itself writes, a name in Chinese, or one that is no field's."""
    if name.startswith("_") or not name.isascii():
        return True
    return name not in REFUSED and bool(BOOKMARK.fullmatch(name) and HARMLESS_REST.match(rest))


def _check_address(name: str, rest: str) -> None:
    """Check every text after the name: which of them is the address depends on switches, and programs read them differently."""
    may_be = link_targets.is_local if name == "INCLUDEPICTURE" else link_targets.may_be_clicked
    for text, is_of_switch in _arguments(name, rest):
        address = text if PLAIN_SHARE.match(text) else text.replace("\\\\", "\\")
        if is_of_switch and NESTED not in text and not ADDRESS.match(address):
            continue
        if NESTED in text or not may_be(address):
            raise InvalidFile(Reason.REMOTE, f"{name} 域 {address[:60]}".replace(NESTED, "…"))


def _arguments(name: str, rest: str) -> Iterator[tuple[str, bool]]:
    """Yield each text, and whether it belongs to the switch before it, as a tip or the name of a place does."""
    switch = ""
    for found in ARGUMENT.finditer(rest):
        if found["switch"]:
            switch = found["switch"].lower()
            continue
        text = next(each for each in found.groups() if each is not None)
        yield text, bool(switch) and switch in VALUED[name] + GENERAL
        switch = ""
