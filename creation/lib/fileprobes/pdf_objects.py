"""All objects of a PDF: those written in the file, and those in its object streams, decrypted if it is encrypted without a password."""

import contextlib
import io
import logging
import re
from collections.abc import Iterator
from typing import Any

from pypdf._encryption import Encryption, PasswordType  # noqa: PLC2701 - pypdf offers no other way
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    read_object,
)

from creation.lib.fileprobes import pdf_lexing
from creation.lib.fileprobes.pdf_lexing import BLANKS, Place

UNREADABLE = (
    *(PyPdfError, NotImplementedError, ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError),
    RecursionError,
)
PADDING = b" " * 20  # pypdf looks back and ahead
NUMBERS = re.compile(rb"\d+")
END_OF_STREAM = re.compile(rb"[\0\t\n\f\r ]*+(?:%[^\r\n]*+[\0\t\n\f\r ]*+)*+endstream")  # where the length says
TABLE = re.compile(
    rb"[\0\t\n\f\r ]*(?:\d{1,10}[\0\t\n\f\r ]+)*(?:\d{1,10})?\Z"
)  # pairs of number and offset, nothing else
# Filters of bytes. Those of pictures, which pypdf leaves alone, would hide objects from us.
FILTERS = frozenset({"/FlateDecode", "/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"})
OTHER_NAMES = frozenset({"/DP", "/FFilter", "/FDecodeParms"})  # of the same entries, which some readers heed
UNPACKED = 256 << 20  # bytes of all object streams together
DICTIONARY = re.compile(rb"<<")
ACTING = frozenset({"/S", "/OpenAction", "/AA", "/A", "/PA", "/Next", "/URI", "/Subtype"})


ODD_OBJECTS = "damaged:里面有用不常见的方式压缩的对象，无法检查"


class Found(Exception):
    """A fault: the reason and its detail, as printed."""


class RefuseRepairs(logging.Handler):
    """Raises an exception where pypdf repairs what other readers may read otherwise.

    Found: two values for a key that acts, of which pypdf takes the first. ValueError: a dictionary read in part. Two values for
    another key are only noted: what the second contains must be judged too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_doubled = False

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "%(exception)s":
            raise ValueError(record.getMessage())
        if isinstance(record.args, dict) and "Multiple definitions" in record.msg:
            if record.args.get("key") in ACTING:
                raise Found("damaged:同一个动作写了两次")
            self.is_doubled = True


repairs = RefuseRepairs()
logging.getLogger("pypdf").addHandler(repairs)
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

    def parsed_with_parts(self, place: Place) -> list[PdfObject | None]:
        """Return an object; if a key in it has two values, also every dictionary in it, as pypdf drops the second value."""
        repairs.is_doubled = False
        found = [self.parsed(place)]
        if repairs.is_doubled:
            begins = DICTIONARY.finditer(place.data, place.at, place.end)
            found += [self.parsed(place._replace(at=each.start())) for each in begins]
        return found

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
    _check_filters(dictionary, objects)
    data, start = place.data, place.stream
    length = _sole(dictionary.raw_get("/Length"), objects) if "/Length" in dictionary else 0
    stop = start + int(length) if isinstance(length, int) else 0
    if stop <= start or not END_OF_STREAM.match(data, stop):
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
        raise Found(ODD_OBJECTS) from None


def _check_filters(dictionary: DictionaryObject, objects: Objects) -> None:
    """Raise Found unless every reader unpacks an object stream in the same way, and pypdf in full."""
    filters, settings = (_listed(dictionary, key, objects) for key in ("/Filter", "/DecodeParms"))
    if filters == [NullObject()]:
        filters = []
    if (
        not all(isinstance(each, NameObject) and each in FILTERS for each in filters)
        or (filters and settings and len(settings) != len(filters))
        or OTHER_NAMES & dictionary.keys()
    ):
        raise Found(ODD_OBJECTS)


def _listed(dictionary: DictionaryObject, key: str, objects: Objects) -> list[Any]:
    """Return the entries of a list that may also be one value. Raises Found for a reference with several meanings."""
    value = _sole(dictionary.raw_get(key), objects) if key in dictionary else ArrayObject()
    return [_sole(one, objects) for one in (value if isinstance(value, ArrayObject) else [value])]


def _sole(value: Any, objects: Objects) -> Any:
    found = list(objects.all(value))
    if len(found) != 1:
        raise Found(ODD_OBJECTS)
    return found[0]


def places_in(content: bytes, dictionary: DictionaryObject) -> Iterator[Place]:
    """Yield the objects by the stream's table of pairs: number, offset. Raises Found for a table that can be read in two ways."""
    first = dictionary.get("/First")
    if not isinstance(first, int) or first < 0 or not TABLE.match(content[: int(first)]):
        raise Found(ODD_OBJECTS)
    numbers = [int(each[0]) for each in NUMBERS.finditer(content, 0, first)]
    offsets = sorted({first + offset for offset in numbers[1::2]})
    following = dict(zip(offsets, [*offsets[1:], len(content)], strict=False))
    for key, offset in zip(numbers[::2], numbers[1::2], strict=False):
        at, end = first + offset, following[first + offset]
        yield Place(key, 0, content, at, end if pdf_lexing.is_closed(content, at, end) else len(content), 0)


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
