"""All objects of a PDF: those written in the file, and those in its object streams, decrypted if it is encrypted without a password."""

import contextlib
import io
import logging
import re
from collections.abc import Iterator
from typing import Any

from pypdf._encryption import Encryption, PasswordType
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    read_object,
)

from creation.lib.fileprobes.pdf_lexing import BLANKS, Place

UNREADABLE = (
    *(PyPdfError, NotImplementedError, ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError),
    RecursionError,
)
PADDING = b" " * 20  # pypdf looks back and ahead
NUMBERS = re.compile(rb"\d+")
UNPACKED = 256 << 20  # bytes of all object streams together
ACTING = frozenset({"/S", "/OpenAction", "/AA", "/A", "/PA", "/Next", "/URI", "/Subtype"})


class Found(Exception):
    """A fault: the reason and its detail, as printed."""


class RefuseRepairs(logging.Handler):
    """Raises an exception where pypdf repairs what other readers may read otherwise.

    Found: two values for a key that acts, of which pypdf takes the first. ValueError: a dictionary read in part.
    """

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "%(exception)s":
            raise ValueError(record.getMessage())
        if isinstance(record.args, dict) and "Multiple definitions" in record.msg and record.args.get("key") in ACTING:
            raise Found("damaged:同一个动作写了两次")


logging.getLogger("pypdf").addHandler(RefuseRepairs())
logging.getLogger("pypdf").propagate = False


class Objects:
    """The objects by number, parsed when asked for. Stands in for pypdf's reader."""

    strict = False

    def __init__(self) -> None:
        self.places: dict[int, list[Place]] = {}
        self.seen: set[tuple[int, bool]] = set()
        self.files: dict[int, io.BytesIO] = {}
        self.encryption: Encryption | None = None

    def add(self, place: Place) -> None:
        self.places.setdefault(place.number, []).append(place)

    def parsed(self, place: Place) -> PdfObject | None:
        """Return an object, without the data of a stream; None if it cannot be read."""
        with contextlib.suppress(*UNREADABLE):
            file = self._file(place)
            _skip_space(file)
            found = read_object(file, self)  # type: ignore[arg-type]
            if self.encryption and place.number and not isinstance(place.data, bytes):
                return self.encryption.decrypt_object(found, place.number, place.generation)
            return found
        return None

    def _file(self, place: Place) -> io.BytesIO:
        """Return a file at this position. The file itself is cut before the data of a stream, which pypdf would read."""
        if isinstance(place.data, bytes):
            file = self.files.setdefault(id(place.data), io.BytesIO(place.data))
            file.seek(place.at)
            return file
        file = io.BytesIO(PADDING + place.data[place.at : place.end] + b"\nendobj\n" + PADDING)
        file.seek(len(PADDING))
        return file

    def all(self, value: Any) -> Iterator[Any]:
        """Yield the value, or every object that a reference to it may mean."""
        if not isinstance(value, IndirectObject):
            yield value
            return
        for place in self.places.get(value.idnum, ()):
            found = self.parsed(place)
            if not isinstance(found, IndirectObject):
                yield found

    def readable(self, value: Any, fault: str) -> Iterator[Any]:
        """Yield as `all` does. Raise Found if there is nothing, or one cannot be read: another reader may find what we do not."""
        found = list(self.all(value))
        if not found or any(each is None for each in found):
            raise Found(fault)
        yield from found

    def get_object(self, reference: Any) -> Any:
        """Return the last object of this number, as pypdf asks for it."""
        return next(reversed([*self.all(reference)]), None)


def _skip_space(file: io.BytesIO) -> None:
    while (char := file.read(1)) and char in BLANKS + b"%":
        if char == b"%":
            while file.read(1) not in (b"\r", b"\n", b""):
                pass
    if char:
        file.seek(-1, io.SEEK_CUR)


# Object streams


def holds_objects(dictionary: DictionaryObject) -> bool:
    """Return whether a stream holds objects. A reader needs /N and /First to find them; some do not ask for the type."""
    return dictionary.get("/Type") == "/ObjStm" or ("/N" in dictionary and "/First" in dictionary)


def unpacked(dictionary: DictionaryObject, place: Place, objects: Objects) -> bytes:
    """Return the content of a stream. Raises Found for one that cannot be unpacked: its content cannot be judged."""
    data, start = place.data, place.stream
    length = number(dictionary, "/Length")
    stop = start + length
    if length <= 0 or not data[stop : stop + 12].lstrip().startswith(b"endstream"):
        stop = data.find(b"endstream", start)
    packed = data[start : stop if stop >= 0 else len(data)]
    try:
        stream = StreamObject.initialize_from_dictionary(dict(dictionary) | {"__streamdata__": packed})
        if objects.encryption:
            data_only = StreamObject.initialize_from_dictionary({"__streamdata__": packed})
            objects.encryption.decrypt_object(data_only, place.number, place.generation)
            stream._data = data_only._data
        return bytes(stream.get_data())
    except UNREADABLE:
        raise Found("damaged:里面有用不常见的方式压缩的对象，无法检查") from None


def number(dictionary: DictionaryObject, key: str) -> int:
    value = dictionary.get(key)
    return int(value) if isinstance(value, int) else 0


def places_in(content: bytes, first: int) -> Iterator[Place]:
    """Yield the objects by the stream's table of pairs: number, offset."""
    numbers = [int(each[0]) for each in NUMBERS.finditer(content, 0, first or len(content)) if len(each[0]) <= 10]
    offsets = sorted({first + offset for offset in numbers[1::2]})
    following = dict(zip(offsets, [*offsets[1:], len(content)], strict=False))
    for key, offset in zip(numbers[::2], numbers[1::2], strict=False):
        yield Place(key, 0, content, first + offset, following[first + offset], 0)


# Encryption


def opened_without_password(entry: DictionaryObject, file_id: bytes) -> Encryption:
    """Return what decrypts the file. Raises Found if it needs a password, or is encrypted in another way."""
    try:
        encryption = Encryption.read(entry, file_id)
        opens = encryption.verify("") != PasswordType.NOT_DECRYPTED
    except (*UNREADABLE, ImportError):
        raise Found("encrypted") from None
    if not opens:
        raise Found("encrypted")
    return encryption


def first_id(trailer: DictionaryObject, objects: Objects) -> bytes:
    """Return the first half of the file's identifier, of which the key is made."""
    found = next(objects.all(trailer.raw_get("/ID")), None) if "/ID" in trailer else None
    value = next(objects.all(found[0]), None) if isinstance(found, ArrayObject) and found else b""
    return value.original_bytes if isinstance(value, TextStringObject | ByteStringObject) else b""
