"""The text of a PDF, and what is written in it beside its pages: metadata, bookmarks, comments, stamps, forms."""

import contextlib
import ctypes
import mmap
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium

from creation.evidence.library.extract_text import MAX_PLACE, MAX_READ, Extracted, readable, unescape

MAX_PAGES = 300
MAX_NOTES, MAX_BOOKMARKS, MAX_DESCRIPTIONS = 200, 5_000, 50  # of comments: those of a page
MAX_NAMES, MAX_ELEMENTS = 2_000, 5_000  # of elements: those of a page
STANDARD = {"/Producer", "/Creator", "/CreationDate", "/ModDate", "/Trapped"}
DESCRIPTION = re.compile(rb"<(rdf:RDF|x:xmpmeta)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def read(path: str) -> Extracted:
    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        notes: list[str] = []
        hidden: list[str] = []
        document.init_forms()
        texts = [page_text(document, number, notes, hidden) for number in range(min(len(document), MAX_PAGES))]
        is_incomplete = len(document) > MAX_PAGES or any(len(text) >= MAX_READ for text in texts)
        metadata = document.get_metadata_dict()
        names = [metadata.get(key) or "" for key in ("Title", "Subject", "Keywords", "Author")]
        names += [readable(title) for title in bookmarks(document)]
        facts = {"title": metadata.get("Title"), "author": metadata.get("Author"), "pages": len(document)}
        day = re.match(r"D:(\d{4})(\d\d)(\d\d)", metadata.get("CreationDate") or "")
        facts["created"] = "-".join(day.groups()) if day else None
        first, whole = texts[0] if texts else "", "\n".join(texts)
    properties = "\n".join([*map(readable, names), *described(path), *written_names(path)])
    places = {"notes": "\n".join(notes), "properties": properties, "hidden": "\n".join(hidden)}
    found = {"first": first, "text": whole, **places}
    return {**found, "facts": facts, "is_incomplete": is_incomplete}


def bookmarks(document: Any) -> Iterator[str]:
    for each in islice(document.get_toc(max_depth=8), MAX_BOOKMARKS):
        yield str(each.get_title() or "")


def described(path: str) -> Iterator[str]:
    """Yield the texts of descriptions in XMP, which are written without compression (ISO 16684-1)."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in islice(DESCRIPTION.finditer(data), MAX_DESCRIPTIONS):
            yield unescape(TAG.sub("\n", found[0][:MAX_PLACE].decode("utf-8", "ignore")))


def written_names(path: str) -> Iterator[str]:
    """Yield what PDFium does not tell: names of layers (ISO 32000-1, 8.11.2), names and values of properties that programs added."""
    with contextlib.suppress(Exception):  # what this parser cannot read, PDFium has read
        reader = pypdf.PdfReader(path)
        layers = reader.root_object.get("/OCProperties", {}).get("/OCGs", [])
        for layer in islice(layers, MAX_NAMES):
            yield str(layer.get_object().get("/Name", ""))
        for key, value in islice((reader.metadata or {}).items(), MAX_NAMES):
            if key not in STANDARD:
                yield f"{key[1:]}\n{value}"


def descriptions(page: Any) -> Iterator[str]:
    """Yield what a tagged PDF has instead of pictures and letters: alternative texts (ISO 32000-1, 14.9.3 and 14.9.4)."""
    tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return
    count = pdfium.FPDF_StructTree_CountChildren(tree)
    waiting = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, index) for index in range(min(count, MAX_ELEMENTS))]
    for _ in range(MAX_ELEMENTS):
        if not waiting:
            break
        element = waiting.pop()
        if not element:
            continue
        for told in (pdfium.FPDF_StructElement_GetAltText, pdfium.FPDF_StructElement_GetActualText):
            yield wide_text(told, element)
        count = pdfium.FPDF_StructElement_CountChildren(element)
        waiting += [pdfium.FPDF_StructElement_GetChildAtIndex(element, index) for index in range(min(count, MAX_NAMES))]
    pdfium.FPDF_StructTree_Close(tree)


def page_text(document: Any, number: int, notes: list[str], hidden: list[str]) -> str:
    """Return the text drawn on a page.

    Append that of its label, comments, stamps and form fields to ``notes``, that of its descriptions to ``hidden``.
    """
    with contextlib.suppress(pypdfium2.PdfiumError):
        page = document[number]
        notes.append(document.get_page_label(number))
        with contextlib.closing(page):
            text = drawn_text(page)
            count = pdfium.FPDFPage_GetAnnotCount(page.raw)
            notes.extend(annotation_texts(document, page, count))
            hidden.extend(descriptions(page))
            if count and pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
                with contextlib.closing(document[number]) as flat:
                    notes.append(drawn_text(flat).removeprefix(text))
            return text
    return ""


def drawn_text(page: Any) -> str:
    with contextlib.closing(page.get_textpage()) as text:
        return str(text.get_text_bounded(errors="ignore"))[:MAX_READ]


def annotation_texts(document: Any, page: Any, count: int) -> Iterator[str]:
    for index in range(min(count, MAX_NOTES)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        for key in (b"Contents", b"V", b"Subj", b"T", b"TU"):
            yield wide_text(pdfium.FPDFAnnot_GetStringValue, annotation, key)
        yield TAG.sub("\n", wide_text(pdfium.FPDFAnnot_GetStringValue, annotation, b"RC"))
        if document.formenv:
            yield wide_text(pdfium.FPDFAnnot_GetFormFieldValue, document.formenv.raw, annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)


def wide_text(function: Callable[..., int], *arguments: Any) -> str:
    """Return a text that a function of PDFium writes into a buffer."""
    length = min(int(function(*arguments, None, 0)), 20_000)
    if length <= 2:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    function(*arguments, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "ignore")
