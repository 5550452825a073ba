"""OOXML and OFD: the kind of document in a package, and what it must not carry."""

import zipfile
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import ParseError, XMLParser

from . import packages
from .allowed import OOXML, Limits
from .refusals import Flaw, Reason

PART_SIZE = 4 << 20
CONTENT_TYPES = "[Content_Types].xml"
MAIN_PARTS = {
    f"{OOXML}.wordprocessingml.document.main+xml": "docx",
    f"{OOXML}.spreadsheetml.sheet.main+xml": "xlsx",
    f"{OOXML}.presentationml.presentation.main+xml": "pptx",
}
MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet")
OFD_NAMESPACES = {"http://www.ofdspec.org/2016", "http://www.ofdspec.org"}

Element = tuple[str, dict[str, str], str]  # tag, attributes, text


def check_package(path: Path, content: str, limits: Limits) -> None:
    """Raise a Flaw unless the package is a document of this content: docx, xlsx, pptx or ofd."""
    with packages.opened(path, limits) as archive:
        found = _content(archive)
    if found != content:
        raise Flaw(Reason.MISMATCH, f" {found} 文档" if found else "普通压缩包或其他格式的文档")


def _content(archive: zipfile.ZipFile) -> str | None:
    names = archive.namelist()
    if "OFD.xml" in names or "Encryptions.xml" in names:
        return _ofd(archive, names)
    if CONTENT_TYPES in names:
        return _ooxml(archive, names)
    return None


def _ooxml(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """The kind of the main part; a Flaw for macros and for a main part that is not there."""
    attributes = [attributes for _, attributes, _ in _elements(archive, CONTENT_TYPES)]
    overrides = {found.get("PartName", "").lstrip("/"): found.get("ContentType", "") for found in attributes}
    defaults = {found.get("Extension", "").lower(): found.get("ContentType", "") for found in attributes}
    types = {name: overrides.get(name) or defaults.get(name.rpartition(".")[2].lower(), "") for name in names}
    if any(_is_macro(name, type_) for name, type_ in {**overrides, **types}.items()):
        raise Flaw(Reason.MACRO)
    main = {name: kind for name, type_ in {**overrides, **types}.items() if (kind := MAIN_PARTS.get(type_))}
    if main and not main.keys() & set(names):
        raise Flaw(Reason.DAMAGED, "缺少正文部分")
    return next(iter(main.values()), None)


def _is_macro(name: str, content_type: str) -> bool:
    return name.lower().endswith("vbaproject.bin") or any(mark in content_type.lower() for mark in MACRO_TYPES)


def _ofd(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """GB/T 33190-2016 clause 7: OFD.xml names a document root; GM/T 0099 adds Encryptions.xml."""
    if "Encryptions.xml" in names:
        raise Flaw(Reason.ENCRYPTED)
    elements = _elements(archive, "OFD.xml")
    if elements[0][0] not in {f"{{{space}}}OFD" for space in OFD_NAMESPACES}:
        return None
    roots = [text.strip().lstrip("/") for tag, _, text in elements if tag.endswith("}DocRoot")]
    if not roots or not set(roots) <= set(names):
        raise Flaw(Reason.DAMAGED, "缺少正文部分")
    return "ofd"


class _Reader:
    """Collects tag, attributes and text of each element, in document order, and stands no DOCTYPE."""

    def __init__(self) -> None:
        self.found: list[tuple[str, dict[str, str], list[str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.found.append((tag, attributes, []))

    def data(self, text: str) -> None:
        if self.found:
            self.found[-1][2].append(text)

    def doctype(self, name: str, public: str | None, system: str | None) -> NoReturn:
        raise Flaw(Reason.DAMAGED, "内部结构里有不允许的声明（DOCTYPE）")

    def close(self) -> None:
        """Asked for by XMLParser."""


def _elements(archive: zipfile.ZipFile, name: str) -> list[Element]:
    if archive.getinfo(name).file_size > PART_SIZE:
        raise Flaw(Reason.BOMB, "内部目录过大")
    reader = _Reader()
    parser = XMLParser(target=reader)  # noqa: S314  without a DOCTYPE there is nothing to expand
    try:
        parser.feed(archive.read(name))
        parser.close()
    except (ParseError, zipfile.BadZipFile, ValueError, LookupError):
        raise Flaw(Reason.DAMAGED, "内部结构有误") from None
    return [(tag, attributes, "".join(texts)) for tag, attributes, texts in reader.found]
