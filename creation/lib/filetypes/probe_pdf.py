"""A separate program that opens one PDF and judges every object in it, so that a malicious file can crash or exhaust only this process.

    python -I probe_pdf.py FILE

Prints one line of JSON as probe_ole.py does. Imports nothing of the project, so that it starts quickly.

A reader finds objects by the file's table, and by searching for them if the table is damaged; two readers may find different
ones. Therefore every object in the file is judged: reachable or not, replaced by a later revision or not, plain or in an object
stream, whatever its filters.
"""

import contextlib
import io
import json
import logging
import mmap
import re
import sys
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote

if __name__ == "__main__":
    for optional in ("PIL", "fontTools", "cryptography", "Crypto"):
        sys.modules[optional] = cast(Any, None)  # pypdf can do without, and starts in half the time

from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    read_object,
)

Data = bytes | mmap.mmap

# What readers do by themselves, and what a click may do (ISO 32000-2, 12.6.4). Every other action is refused.
BY_ITSELF = frozenset({"/GoTo", "/Named"})
BY_CLICK = BY_ITSELF | {"/URI"}
NAVIGATION = frozenset(
    {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage", "/GoBack", "/GoForward", "/GoToPage", "/Find", "/FullScreen"}
)
CLICKED_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp"})
LOCAL = re.compile(r"(?:file:/{0,3})?[a-z]:[/\\](?![/\\])", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)

SCRIPT, ATTACHMENT, MEDIA = "active:JavaScript 脚本", "embedded:PDF 附件", "active:多媒体插件"
ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": "active:启动其他程序",
    "/SubmitForm": "remote:向外提交表单",
    "/ImportData": "remote:导入外部数据",
    "/GoToR": "remote:打开另一个文件",
    "/GoToE": "embedded:打开夹带的文件",
    "/GoToDp": "active:动作 GoToDp",
    "/Rendition": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/GoTo3DView": MEDIA,
    "/SetOCGState": "active:自动显示或隐藏内容",
    "/Hide": "active:自动显示或隐藏内容",
    "/ResetForm": "active:清空表单",
    "/Thread": "active:动作 Thread",
    "/Trans": "active:动作 Trans",
}
SUBTYPES = {
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
    "/FileAttachment": ATTACHMENT,
}
KEYS = {
    "/JavaScript": SCRIPT,
    "/XFA": "active:XFA 动态表单",
    "/EF": ATTACHMENT,
    "/EmbeddedFiles": ATTACHMENT,
    "/Collection": ATTACHMENT,
    "/RichMediaContent": MEDIA,
}
STREAM_KEYS = {"/F": "remote:外部文件的数据", "/Ref": "remote:另一个文件的页面"}


def _name(text: str) -> str:
    """Return a pattern for a PDF name, whose characters may be written as #xx (7.3.5)."""
    spelled = "".join(f"(?:{char}|#{ord(char):x})" for char in text)
    return f"{spelled}(?![A-Za-z0-9])"


# Names too long to occur by chance in compressed data. They are searched for in all bytes, whatever the parser makes of them.
NAMES = {name: fault for name, fault in {**ACTIONS, **SUBTYPES, **KEYS}.items() if len(name) > 6} | {
    "/GoToR": ACTIONS["/GoToR"],
    "/GoToE": ACTIONS["/GoToE"],
    "/EmbeddedFile": ATTACHMENT,
}
for usual in (
    "/Screen",
    "/Thread",
    "/Collection",
    "/ResetForm",
    "/SetOCGState",
):  # words of other meaning, judged in their place only
    NAMES.pop(usual, None)
ANY_NAME = re.compile(
    ("/(?:" + "|".join(f"(?P<n{number}>{_name(name[1:])})" for number, name in enumerate(NAMES)) + ")").encode(),
    re.IGNORECASE,
)
SPACE = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*[\r\n])+"
OBJECT = re.compile(rb"(?<!end)obj")
HEADER = re.compile(rb"(\d{1,10})" + SPACE + rb"(\d{1,10})" + SPACE + rb"\Z")
HEADER_BYTES = 200
END = re.compile(rb"endobj|(?<!end)stream[ ]*(?:\r\n|\n|\r)")
TRAILER = re.compile(rb"trailer")
NUMBERS = re.compile(rb"\d+")
UNPACKED = 256 << 20  # bytes of all object streams together
DICTIONARY = 64 << 20
DEPTH = 200
PADDING = b" " * 20  # pypdf looks back and ahead
OVERLAP = 64  # longer than any name that is looked for
Place = tuple[Data, int, int]  # where an object begins, and where the next one does


def _any_of(names: Any) -> str:
    return "|".join(name[1:] for name in names)


# What an object must contain to be parsed: most have nothing of it. Names and values may also be written with # or behind a comment.
INTERESTING = re.compile(
    (
        rf"[#%]|/S\s*(?:/(?:{_any_of(ACTIONS)})|\d)|/Subtype\s*(?:/(?:{_any_of(SUBTYPES)})|\d)|/(?:{_any_of(KEYS)})"
        r"|/OpenAction|/AA|/PA|/URI|/Encrypt|/Type\s*\d|/A(?![A-Za-z])(?!\s*<<\s*/O\b)"
    ).encode()
)


class Found(Exception):
    """A fault: the reason and its detail, as printed."""


class Objects:
    """All objects of a file by number, parsed when asked for. Stands in for pypdf's reader."""

    strict = False

    def __init__(self) -> None:
        self.places: dict[int, list[Place]] = {}
        self.seen: set[tuple[int, bool]] = set()
        self.files: dict[int, io.BytesIO] = {}

    def add(self, number: int, data: Data, at: int, end: int) -> None:
        self.places.setdefault(number, []).append((data, at, end))

    def parsed(self, data: Data, at: int) -> PdfObject | None:
        """Return the object at a position, without the data of a stream; None if it cannot be read."""
        with contextlib.suppress(
            PyPdfError, ValueError, TypeError, AssertionError, RecursionError, AttributeError, KeyError
        ):
            file = self._file(data, at)
            _skip_space(file)
            return read_object(file, self)  # type: ignore[arg-type]
        return None

    def _file(self, data: Data, at: int) -> io.BytesIO:
        """Return a file at this position. The file itself is cut before the data of a stream, which pypdf would read."""
        if isinstance(data, bytes):
            file = self.files.setdefault(id(data), io.BytesIO(data))
            file.seek(at)
            return file
        end = END.search(data, at, at + DICTIONARY)
        file = io.BytesIO(PADDING + data[at : end.start() if end else at + DICTIONARY] + b"\nendobj\n" + PADDING)
        file.seek(len(PADDING))
        return file

    def all(self, value: Any) -> Iterator[Any]:
        """Yield the value, or every object that a reference to it may mean."""
        if not isinstance(value, IndirectObject):
            yield value
            return
        for data, at, _ in self.places.get(value.idnum, ()):
            found = self.parsed(data, at)
            if not isinstance(found, IndirectObject):
                yield found

    def get_object(self, reference: Any) -> Any:
        """Return the last object of this number, as pypdf asks for it."""
        return next(reversed([*self.all(reference)]), None)


def _skip_space(file: io.BytesIO) -> None:
    while (char := file.read(1)) in (b"\0", b"\t", b"\n", b"\f", b"\r", b" ", b"%") and char:
        if char == b"%":
            while file.read(1) not in (b"\r", b"\n", b""):
                pass
    if char:
        file.seek(-1, io.SEEK_CUR)


def judge(data: Data) -> None:
    """Raise Found for the first thing in the file that acts, fetches or hides."""
    _search_names(data)
    objects = Objects()
    streams = list(_plain_objects(data, objects))
    for unpacked in _unpack_streams(data, objects, streams):
        _search_names(unpacked)
    for places in list(objects.places.values()):
        for content, at, end in places:
            if INTERESTING.search(content, at, end + OVERLAP):
                judge_value(objects.parsed(content, at), objects)
    for trailer in TRAILER.finditer(data):
        found = objects.parsed(data, trailer.end())
        judge_value(found, objects)


def _search_names(data: Data) -> None:
    if found := ANY_NAME.search(data):
        raise Found(list(NAMES.values())[int(str(found.lastgroup)[1:])])


def _plain_objects(data: Data, objects: Objects) -> Iterator[int]:
    """Register every object written in the file itself. Yield the positions of those that are streams."""
    for word in OBJECT.finditer(data):
        header = HEADER.search(data[max(0, word.start() - HEADER_BYTES) : word.start()])
        if header:
            end = END.search(data, word.end(), word.end() + DICTIONARY)
            objects.add(
                int(header[1]), data, word.end(), end.start() if end else min(len(data), word.end() + DICTIONARY)
            )
            if end and end[0] != b"endobj":
                yield word.end()


def _unpack_streams(data: Data, objects: Objects, streams: list[int]) -> list[bytes]:
    """Judge the dictionaries of streams, and register the objects in object streams.

    Raises Found for one that cannot be unpacked: its content cannot be judged.
    """
    found: list[bytes] = []
    for at in streams:
        dictionary = objects.parsed(data, at)
        if not isinstance(dictionary, DictionaryObject):
            continue
        judge_stream(dictionary)
        if _holds_objects(dictionary):
            content = _unpacked(dictionary, data, at)
            found.append(content)
            if sum(map(len, found)) > UNPACKED:
                raise Found("damaged:里面的对象解压后太大")
            _register(content, _number(dictionary, "/First"), objects)
    return found


def _holds_objects(dictionary: DictionaryObject) -> bool:
    """Return whether a stream holds objects. A reader needs /N and /First to find them; some do not ask for the type."""
    return dictionary.get("/Type") == "/ObjStm" or ("/N" in dictionary and "/First" in dictionary)


def _unpacked(dictionary: DictionaryObject, data: Data, at: int) -> bytes:
    end = END.search(data, at, at + DICTIONARY)
    start = end.end() if end else at
    length = _number(dictionary, "/Length")
    stop = start + length
    if length <= 0 or not data[stop : stop + 12].lstrip().startswith(b"endstream"):
        stop = data.find(b"endstream", start)
    packed = data[start : stop if stop >= 0 else len(data)]
    try:
        return bytes(StreamObject.initialize_from_dictionary(dict(dictionary) | {"__streamdata__": packed}).get_data())
    except (
        PyPdfError,
        NotImplementedError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        AssertionError,
    ):
        raise Found("damaged:里面有用不常见的方式压缩的对象，无法检查") from None


def _number(dictionary: DictionaryObject, key: str) -> int:
    value = dictionary.get(key)
    return int(value) if isinstance(value, int) else 0


def _register(content: bytes, first: int, objects: Objects) -> None:
    """Register the objects by the stream's table of pairs: number, offset."""
    numbers = [int(each[0]) for each in NUMBERS.finditer(content, 0, first or len(content)) if len(each[0]) <= 10]
    offsets = sorted(first + offset for offset in numbers[1::2])
    following = dict(zip(offsets, [*offsets[1:], len(content)], strict=True))
    for number, offset in zip(numbers[::2], numbers[1::2], strict=False):
        objects.add(number, content, first + offset, following[first + offset])


# Judging


def judge_value(value: Any, objects: Objects) -> None:
    """Raise Found if a dictionary in this object acts, fetches or hides. References are judged where their objects are."""
    waiting = [(value, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > DEPTH:
            raise Found("damaged:嵌套太深")
        if isinstance(here, DictionaryObject):
            judge_dictionary(here, objects)
            waiting.extend((each, depth + 1) for each in here.values())
        elif isinstance(here, ArrayObject):
            waiting.extend((each, depth + 1) for each in here)


def judge_dictionary(found: DictionaryObject, objects: Objects) -> None:
    for key in found:
        if key in KEYS:
            raise Found(KEYS[key])
    for key, faults in (("/S", ACTIONS), ("/Subtype", SUBTYPES)):
        for name in objects.all(found.raw_get(key)) if key in found else ():
            if isinstance(name, NameObject) and name in faults:
                raise Found(faults[name])
    if "/Encrypt" in found and "/Root" in found:
        raise Found("encrypted")
    _judge_actions_of(found, objects)


def _judge_actions_of(found: DictionaryObject, objects: Objects) -> None:
    for key in ("/A", "/PA"):
        if key in found:
            judge_action(found.raw_get(key), objects, by_click=True)
    if "/OpenAction" in found:
        judge_action(found.raw_get("/OpenAction"), objects, by_click=False)
    if "/AA" in found:
        for actions in objects.all(found.raw_get("/AA")):
            if isinstance(actions, DictionaryObject):
                for trigger in actions:
                    judge_action(actions.raw_get(trigger), objects, by_click=False)
    if isinstance(base := found.get("/URI"), DictionaryObject) and "/Base" in base:
        _judge_target(str(base["/Base"]))


def judge_action(value: Any, objects: Objects, *, by_click: bool) -> None:
    """Raise Found unless the action and those that follow it may be. An array at this place is a page to open."""
    if isinstance(value, IndirectObject):
        if (value.idnum, by_click) in objects.seen:
            return
        objects.seen.add((value.idnum, by_click))
    for action in objects.all(value):
        if not isinstance(action, DictionaryObject) or "/S" not in action:
            continue
        for kind in objects.all(action.raw_get("/S")):
            _judge_kind(kind, action, by_click)
        if "/Next" in action:
            for following in objects.all(action.raw_get("/Next")):
                for each in following if isinstance(following, ArrayObject) else [action.raw_get("/Next")]:
                    judge_action(each, objects, by_click=by_click)


def _judge_kind(kind: Any, action: DictionaryObject, by_click: bool) -> None:
    if kind in ACTIONS:
        raise Found(ACTIONS[kind])
    if "/O" in action and kind not in BY_CLICK:
        return  # attributes of a structure element
    if kind not in (BY_CLICK if by_click else BY_ITSELF):
        raise Found("remote:打开时访问网址" if kind == "/URI" else f"active:动作 {str(kind)[1:30]}")
    if kind == "/Named" and action.get("/N") not in NAVIGATION:
        raise Found(f"active:动作 {str(action.get('/N'))[1:30]}")
    if kind == "/URI":
        _judge_target(str(action.get("/URI", "")))


def _judge_target(address: str) -> None:
    """Raise Found unless a click on the address opens a page, a letter or a file beside this one."""
    target = unquote(re.sub(r"[\x00-\x20]", "", address))
    if LOCAL.match(target) and not target.lower().endswith(PROGRAMS):
        return
    scheme = SCHEME.match(target)
    if (
        target.startswith(("\\", "//"))
        or (scheme and scheme[1].lower() not in CLICKED_SCHEMES)
        or target.lower().startswith("file:")
    ):
        raise Found(f"remote:链接 {target[:60]}")


PROGRAMS = (".exe", ".bat", ".cmd", ".com", ".scr", ".lnk", ".vbs", ".js", ".hta", ".msi", ".ps1")


def judge_stream(found: DictionaryObject) -> None:
    for key, fault in STREAM_KEYS.items():
        if key in found:
            raise Found(fault)


# Opening


def open_pdf(path: str) -> None:
    """Raise Found for a PDF that does not open, has a password or restrictions, or has no page."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        locked = pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD
        raise Found("encrypted" if locked else "damaged") from None
    with contextlib.closing(document):
        if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0:
            raise Found("encrypted")
        if not len(document):
            raise Found("damaged")
        try:
            document[0].close()
        except pypdfium2.PdfiumError:
            raise Found("damaged") from None


def main(path: str) -> None:
    logging.disable(logging.CRITICAL)
    fault = ""
    try:
        open_pdf(path)
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            judge(data)
    except Found as found:
        fault = str(found)
    except (MemoryError, RecursionError):
        fault = "damaged"
    reason, _, detail = fault.partition(":")
    print(json.dumps({"content": "pdf", "fault": reason, "detail": detail}))


if __name__ == "__main__":
    main(*sys.argv[1:])
