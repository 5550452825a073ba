"""Judges every object of a PDF: python -I run.py pdf FILE [encrypted]

A reader finds objects by the file's table, and by searching for them if the table is damaged; two readers may find different
ones. Therefore every object in the file is judged: reachable or not, replaced by a later revision or not, plain or in an object
stream, whatever its filters.
"""

import contextlib
import mmap
import os
import re
import sys
from bisect import bisect_right
from pathlib import Path
from typing import Any

from pypdf.generic import DictionaryObject

from creation.lib.fileprobes import pdf_actions, pdf_lexing, pdf_objects
from creation.lib.fileprobes.pdf_lexing import Data, Place
from creation.lib.fileprobes.pdf_objects import Found, Objects

TRAILER = re.compile(rb"trailer")
PROTECTED = "encrypted"


def judge(path: str, mode: str = "") -> dict[str, Any]:
    """Return the fault of the file. A protected one is judged by a process of its own, which has the libraries to decrypt it."""
    fault = ""
    try:
        is_protected = open_pdf(path)
        if is_protected and mode != PROTECTED:
            run = str(Path(__file__).with_name("run.py"))
            os.execv(sys.executable, [sys.executable, "-I", run, "pdf", path, PROTECTED])
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            judge_data(data, is_protected=is_protected)
    except Found as found:
        fault = str(found)
    except (MemoryError, RecursionError):
        fault = "damaged"
    reason, _, detail = fault.partition(":")
    return {"content": "pdf", "fault": reason, "detail": detail}


def open_pdf(path: str) -> bool:
    """Return whether the file is protected. Raise Found for one that does not open, has a password, or has no page."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Found("encrypted" if locked else "damaged") from None
    with contextlib.closing(document):
        if not len(document):
            raise Found("damaged")
        try:
            document[0].close()
        except pypdfium2.PdfiumError:
            raise Found("damaged") from None
        return int(pdfium.FPDF_GetSecurityHandlerRevision(document.raw)) >= 0


def judge_data(data: Data, *, is_protected: bool) -> None:
    """Raise Found for the first thing in the file that acts, fetches or hides."""
    objects = Objects()
    written = list(pdf_lexing.objects(data))
    for place in written:
        objects.add(place)
    _search_names(data, sorted({place.at for place in written}))
    if is_protected:
        _decrypt(data, written, objects)
    _unpack_streams(written, objects)
    for places in list(objects.places.values()):
        for place in places:
            _judge_place(place, objects)
    for trailer in _trailers(data, objects):
        pdf_actions.judge_value(trailer, objects)


def _search_names(data: Data, starts: list[int]) -> None:
    """Raise Found for a name that acts, unless it is part of a text or of a stream's data."""
    for found in pdf_actions.ANY_NAME.finditer(data):
        index = bisect_right(starts, found.start())
        if pdf_lexing.region(data, starts[index - 1] if index else 0, found.start()) == "plain":
            raise Found(pdf_actions.name_fault(found))


def _judge_place(place: Place, objects: Objects) -> None:
    if not pdf_actions.INTERESTING.search(place.data, place.at, place.end + pdf_actions.OVERLAP):
        return
    values = objects.parsed_with_parts(place)
    if (
        values[0] is None
        and pdf_actions.SUSPECT.search(place.data, place.at, place.end)
        and not _is_read_otherwise(place, objects)
    ):
        raise Found("damaged:里面有读不出来的对象，无法检查")
    for value in values:
        pdf_actions.judge_value(value, objects)


def _is_read_otherwise(place: Place, objects: Objects) -> bool:
    """Return whether the object at this position can be read with another end."""
    others = [each for each in objects.places[place.number] if each.at == place.at and each.data is place.data]
    return any(objects.parsed(each) is not None for each in others)


def _trailers(data: Data, objects: Objects) -> list[Any]:
    ends = ((found.end(), pdf_lexing.ends(data, found.end())) for found in TRAILER.finditer(data))
    places = [Place(0, 0, data, at, end, 0) for at, some in ends for end, _ in some]
    return [value for place in places for value in objects.parsed_with_parts(place)]


def _unpack_streams(written: list[Place], objects: Objects) -> None:
    """Judge the dictionaries of streams, and register the objects in object streams."""
    size = 0
    for place in written:
        dictionary = objects.parsed(place) if place.stream else None
        if not isinstance(dictionary, DictionaryObject):
            continue
        pdf_actions.judge_stream(dictionary)
        if pdf_objects.holds_objects(dictionary):
            content = pdf_objects.unpacked(dictionary, place, objects)
            size += len(content)
            if size > pdf_objects.UNPACKED:
                raise Found("damaged:里面的对象解压后太大")
            found = list(pdf_objects.places_in(content, dictionary))
            _search_names(content, sorted({each.at for each in found}))
            for each in found:
                objects.add(each)


def _decrypt(data: Data, written: list[Place], objects: Objects) -> None:
    """Prepare to decrypt by the file's own entry. Raises Found if there is none, or several that differ."""
    streams = (objects.parsed(place) for place in written if place.stream and b"/Encrypt" in data[place.at : place.end])
    found = [each for each in [*_trailers(data, objects), *streams] if isinstance(each, DictionaryObject)]
    protected = [each for each in found if "/Encrypt" in each]
    keys = {
        repr(entry): entry
        for trailer in protected
        for entry in objects.all(trailer.raw_get("/Encrypt"))
        if isinstance(entry, DictionaryObject)
    }
    # Of the two trailers of a file that is made for the web, one may have no identifier.
    file_ids = {pdf_objects.first_id(trailer, objects) for trailer in protected} - {b""}
    if len(keys) != 1 or len(file_ids) > 1:
        raise Found("encrypted")
    (entry,) = keys.values()
    objects.encryption = pdf_objects.opened_without_password(entry, next(iter(file_ids), b""))
