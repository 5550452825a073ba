"""Checks OOXML and OFD packages: their kind of document, and forbidden parts."""

import zipfile
from pathlib import Path

from . import packages, parts, xmlparts
from .allowed import OOXML, Limits
from .refusals import InvalidFile, Reason

MAX_NESTING = 3  # a sheet in a slide in a text document is realistic; deeper nesting is an attack
CONTENT_TYPES = "[Content_Types].xml"
MAIN_PARTS = {
    f"{OOXML}.wordprocessingml.document.main+xml": "docx",
    f"{OOXML}.spreadsheetml.sheet.main+xml": "xlsx",
    f"{OOXML}.presentationml.presentation.main+xml": "pptx",
}
MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet")
OFD_NAMESPACES = {"http://www.ofdspec.org/2016", "http://www.ofdspec.org"}


def check_package(path: Path, content: str, limits: Limits) -> None:
    """Raise InvalidFile unless the package is a document of this content: docx, xlsx, pptx or ofd."""
    found = _content_type(path, limits, depth=1)
    if found != content:
        raise InvalidFile(Reason.MISMATCH, f" {found} 文档" if found else "普通压缩包或其他格式的文档")


def _content_type(path: Path, limits: Limits, depth: int) -> str | None:
    """Return the kind of document after checking every part, recursively in embedded documents."""
    if depth > MAX_NESTING:
        raise InvalidFile(Reason.BOMB, f"文档里套文档超过 {MAX_NESTING} 层")
    with packages.open_checked(path, limits) as archive:
        found = _content(archive)
        for embedded in parts.check_parts(archive):
            if not _content_type(embedded, limits, depth + 1):
                raise InvalidFile(Reason.EMBEDDED, "压缩包")
    return found


def _content(archive: zipfile.ZipFile) -> str | None:
    names = archive.namelist()
    if "OFD.xml" in names or "Encryptions.xml" in names:
        return _ofd(archive, names)
    if CONTENT_TYPES in names:
        return _ooxml(archive, names)
    return None


def _ooxml(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """Return the kind of the main part. Raises InvalidFile for macros or a missing main part."""
    attributes = [attributes for _, attributes, _ in xmlparts.elements(archive, CONTENT_TYPES)]
    overrides = {found.get("PartName", "").lstrip("/"): found.get("ContentType", "") for found in attributes}
    defaults = {found.get("Extension", "").lower(): found.get("ContentType", "") for found in attributes}
    types = {name: overrides.get(name) or defaults.get(name.rpartition(".")[2].lower(), "") for name in names}
    if any(_is_macro(name, type_) for name, type_ in {**overrides, **types}.items()):
        raise InvalidFile(Reason.MACRO)
    main = {name: kind for name, type_ in {**overrides, **types}.items() if (kind := MAIN_PARTS.get(type_))}
    if main and not main.keys() & set(names):
        raise InvalidFile(Reason.DAMAGED, "缺少正文部分")
    return next(iter(main.values()), None)


def _is_macro(name: str, content_type: str) -> bool:
    return name.lower().endswith("vbaproject.bin") or any(mark in content_type.lower() for mark in MACRO_TYPES)


def _ofd(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """Check OFD.xml (GB/T 33190-2016, clause 7), which names a document root. An Encryptions.xml (GM/T 0099) means that it is encrypted."""
    if "Encryptions.xml" in names:
        raise InvalidFile(Reason.ENCRYPTED)
    elements = xmlparts.elements(archive, "OFD.xml")
    if elements[0][0] not in {f"{{{space}}}OFD" for space in OFD_NAMESPACES}:
        return None
    roots = [text.strip().lstrip("/") for tag, _, text in elements if tag.endswith("}DocRoot")]
    if not roots or not set(roots) <= set(names):
        raise InvalidFile(Reason.DAMAGED, "缺少正文部分")
    return "ofd"
