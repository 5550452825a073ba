"""Where the objects of a PDF begin and end, and what of it is a string, a comment or the data of a stream (ISO 32000-2, 7.2 and 7.3)."""

import mmap
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Data = bytes | mmap.mmap
Region = Literal["plain", "string", "comment", "stream"]

BLANKS = b"\0\t\n\f\r "
OBJECT = re.compile(rb"(?<!end)obj")
# The rest of a stream's first line is skipped by some readers, whatever it is.
STREAM = rb"stream(?=[\0\t\n\f\r ()<>\[\]{}/%])"
END = re.compile(rb"endobj|(?<!end)" + STREAM)
TOKEN = re.compile(rb"<<|>>|[(%]|endobj|(?<=[\0\t\n\f\r >])" + STREAM)
STRING = re.compile(rb"\\.|[()]", re.DOTALL)
LINE_END = re.compile(rb"[\r\n]")
FIRST_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
BRACKET = re.compile(rb"<<|>>|[\[\](%<]")
DIGITS = re.compile(rb"\d+\Z")
LONGEST_NUMBER = 255
DICTIONARY = 64 << 20


class Place(NamedTuple):
    """An object: its number and generation, where it begins and ends, and where the data of its stream begin (0: no stream)."""

    number: int
    generation: int
    data: Data
    at: int
    end: int
    stream: int


def objects(data: Data) -> Iterator[Place]:
    """Yield every object that is written in the file. One whose end two readers may see at different places is yielded twice."""
    for word in OBJECT.finditer(data):
        header = _header(data, word.start())
        if header:
            for end, stream in ends(data, word.end()):
                yield Place(*header, data, word.end(), end, stream)


def _header(data: Data, at: int) -> tuple[int, int] | None:
    """Return number and generation before the word, between which there may be comments of any length."""
    found: list[int] = []
    for _ in range(2):
        before = _before_blanks(data, at)
        digits = DIGITS.search(data[max(0, before - LONGEST_NUMBER) : before])
        if before == at or not digits:
            return None
        found.append(int(digits[0]))
        at = before - len(digits[0])
    return found[1], found[0]


def _before_blanks(data: Data, at: int) -> int:
    """Return where the blanks and comments before this position begin."""
    while at:
        if data[at - 1] in BLANKS:
            at -= 1
            continue
        if data[at] not in b"\r\n":
            return at
        line = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
        comment = data.find(b"%", line, at)
        if comment < 0:
            return at
        at = comment
    return at


def ends(data: Data, start: int) -> set[tuple[int, int]]:
    """Return the end of an object and the beginning of its stream's data, as seen by readers that heed strings and by those that do not."""
    limit = min(len(data), start + DICTIONARY)
    first = END.search(data, start, limit)
    plain = _ending(data, first, limit)
    whole = data[start : plain[0]]
    if b"(" not in whole and b"%" not in whole and whole.count(b"<<") == whole.count(b">>"):
        return {plain}
    return {plain, _ending(data, _lexed_end(data, start, limit), limit)}


def _ending(data: Data, found: re.Match[bytes] | None, limit: int) -> tuple[int, int]:
    if not found:
        return limit, 0
    return found.start(), _first_data(data, found) if found[0] != b"endobj" else 0


def _first_data(data: Data, word: re.Match[bytes]) -> int:
    line = FIRST_LINE.match(data, word.end())
    return line.end() if line else word.end()


def _lexed_end(data: Data, start: int, limit: int) -> re.Match[bytes] | None:
    """Return the word that ends an object, outside of its strings, comments and dictionaries."""
    depth, at = 0, start
    while found := TOKEN.search(data, at, limit):
        depth += {b"<<": 1, b">>": -1}.get(found[0], 0)
        if found[0] in (b"endobj", b"stream") and depth <= 0:
            return found
        at = _after(data, found, limit)
    return None


def _after(data: Data, found: re.Match[bytes], limit: int) -> int:
    """Return where what this token begins ends."""
    if found[0] == b"(":
        return _after_string(data, found.end(), limit)
    if found[0] == b"%":
        line = LINE_END.search(data, found.end(), limit)
        return line.end() if line else limit
    return found.end()


def _after_string(data: Data, at: int, limit: int) -> int:
    depth = 1
    for found in STRING.finditer(data, at, limit):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return limit


def is_closed(data: bytes, start: int, end: int) -> bool:
    """Return whether a text ends outside of its strings, comments, arrays and dictionaries: nothing of it can be behind the end."""
    depth, at = 0, start
    while found := BRACKET.search(data, at, end):
        depth += {b"<<": 1, b"[": 1, b">>": -1, b"]": -1}.get(found[0], 0)
        at = _after_hex(data, found.end()) if found[0] == b"<" else _after(data, found, len(data))
        if at > end:
            return False
    return depth <= 0


def _after_hex(data: bytes, at: int) -> int:
    end = data.find(b">", at)
    return len(data) if end < 0 else end + 1


def region(data: Data, start: int, position: int) -> Region:
    """Return what a position is part of, of the object that begins at ``start``."""
    depth, at = 0, start
    while at <= position and (found := TOKEN.search(data, at, position)):
        depth += {b"<<": 1, b">>": -1}.get(found[0], 0)
        if found[0] == b"stream" and depth <= 0:
            end = data.find(b"endstream", found.end())
            return "stream" if end < 0 or end > position else "plain"
        at = _after(data, found, len(data))
        if at > position:
            return "comment" if found[0] == b"%" else "string"
    return "plain"
