"""Checks documents of Office, WPS and OFD, and those embedded in them: the kind of document, and whether all of it may be."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from . import field_codes, packages, parts, probe_runner, relations, xmlparts
from .allowed import OOXML, Family, Limits
from .refusals import InvalidFile, Reason
from .signatures import FAMILY_NAMES, family_of

MAX_NESTING = 3  # a sheet in a slide in a text document is realistic; deeper nesting is an attack
CONTENT_TYPES = "[Content_Types].xml"
# The package in which WPS keeps the pictures in the cells of an old workbook.
CELL_PICTURES = "xl/cellImages.xml"
OF_CELL_PICTURES = re.compile(
    r"\[Content_Types\]\.xml|_rels/(?:\.rels)?|xl/(?:cellImages\.xml|_rels/(?:cellImages\.xml\.rels)?)?"
    r"|xl/media/(?:[^/]+\.(?:jpe?g|png|gif|bmp|tiff?|emf|wmf|webp))?",
    re.IGNORECASE,
)
MAIN_PARTS = {
    f"{OOXML}.wordprocessingml.document.main+xml": "docx",
    f"{OOXML}.spreadsheetml.sheet.main+xml": "xlsx",
    f"{OOXML}.presentationml.presentation.main+xml": "pptx",
    f"{OOXML}.presentationml.slideshow.main+xml": "pptx",
}
OFD_NAMESPACES = {"http://www.ofdspec.org/2016", "http://www.ofdspec.org"}
TO_FILES_OR_DOCUMENT = (
    "压缩包请解开后逐个上传；文档请用 WPS 或 Office 打开，点“文件→另存为”，类型选 docx、xlsx 或 pptx 后再上传"
)
CONTENT_NAMES = {
    "doc": "文字文档（doc、wps）",
    "xls": "表格（xls、et）",
    "ppt": "演示文稿（ppt、dps）",
    None: "其他文件",
}
OBJECT_FAULTS = {Reason.EMBEDDED, Reason.MACRO, Reason.ENCRYPTED, Reason.REMOTE, Reason.ACTIVE, Reason.BOMB}


def check_package(path: Path, limits: Limits) -> str | None:
    """Return the kind of document in a package, docx, xlsx, pptx or ofd, after checking all of it; None for another package."""
    return _check_package(path, limits, depth=1)


def check_ole(path: Path, limits: Limits) -> str | None:
    """Return the kind of document in a compound file, doc, xls or ppt, if it is complete and harmless; None for another program's."""
    with probe_runner.opened_ole(path) as report:
        if report.fault:
            raise report.fault
        _check_inside(report, limits, depth=1)
        return report.content


def other_document(family: Family, content: str | None) -> InvalidFile:
    """Return the fault of a document that is not of the kind it should be."""
    if family == "zip":
        detail = f" {content} 文档" if content else "普通压缩包或其他格式的文档"
        return InvalidFile(Reason.MISMATCH, detail, "" if content else TO_FILES_OR_DOCUMENT)
    return InvalidFile(Reason.MISMATCH, CONTENT_NAMES[content] if family == "ole" else FAMILY_NAMES[family])


def is_encrypted_ole(path: Path) -> bool:
    """Return whether the file is encrypted. A docx with a password is a compound file, and the message should name the password."""
    with probe_runner.opened_ole(path) as report:
        return report.fault is not None and report.fault.reason == Reason.ENCRYPTED


def _check_inside(report: probe_runner.OleReport, limits: Limits, depth: int) -> None:
    for codes in report.codes:
        field_codes.check_text(codes)
    for package in report.packages:
        _require_document(_check_package(package, limits, depth + 1))


def _check_package(path: Path, limits: Limits, depth: int) -> str | None:
    """Return the kind of document after checking every part, recursively in embedded documents."""
    if depth > MAX_NESTING:
        raise InvalidFile(Reason.BOMB, f"文档里套文档超过 {MAX_NESTING} 层")
    with packages.open_checked(path, limits) as archive:
        types = _content_types(archive)
        found = _content(archive, types, depth)
        for name in parts.check_parts(archive, types):
            with parts.unpacked(archive, name) as embedded:
                _check_embedded(embedded, limits, depth)
    return found


def _check_embedded(path: Path, limits: Limits, depth: int) -> None:
    with path.open("rb") as file:
        family = family_of(file.read(16))
    if family == "zip":
        _require_document(_check_package(path, limits, depth + 1))
        return
    with probe_runner.opened_ole(path) as report:
        if report.fault and report.fault.reason in OBJECT_FAULTS:
            raise report.fault
        _check_inside(report, limits, depth)


def _require_document(content: str | None) -> None:
    if not content:
        raise InvalidFile(Reason.EMBEDDED, "压缩包")


def _content(archive: zipfile.ZipFile, types: Mapping[str, str], depth: int) -> str | None:
    names = archive.namelist()
    if depth > 1 and CELL_PICTURES in names and all(map(OF_CELL_PICTURES.fullmatch, names)):
        return "cell pictures"
    if "OFD.xml" in names or _is_encrypted_ofd(names):
        return _ofd(archive, names)
    return _main_content(types, names)


def _content_types(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the content type of each part, and of parts that are named but missing (ECMA-376 part 2, 10.1.2).

    Names are compared without case. Two types for one name are refused, as programs would choose differently.
    """
    if CONTENT_TYPES not in archive.namelist():
        return {}
    overrides: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for tag, attributes, _ in xmlparts.elements(archive, CONTENT_TYPES):
        kind, type_ = tag.rpartition("}")[2], attributes.get("ContentType", "").strip()
        if kind == "Override":
            _set_once(overrides, packages.plain_name(attributes.get("PartName", "")), type_)
        elif kind == "Default":
            _set_once(defaults, attributes.get("Extension", "").strip().lstrip(".").lower(), type_)
    found = {
        name: overrides.pop(packages.plain_name(name), "") or defaults.get(name.rpartition(".")[2].lower(), "")
        for name in archive.namelist()
    }
    return {**overrides, **found}


def _set_once(types: dict[str, str], key: str, type_: str) -> None:
    if types.setdefault(key, type_) != type_:
        raise InvalidFile(Reason.DAMAGED, "同一部件标了两种类型")


def _main_content(types: Mapping[str, str], names: list[str]) -> str | None:
    """Return the kind of the main part. Raises InvalidFile for macros, a missing main part, or several kinds."""
    for name, type_ in types.items():
        if name.lower().endswith("vbaproject.bin") or relations.is_macro(type_):
            raise InvalidFile(Reason.MACRO)
    main = {name: kind for name, type_ in types.items() if (kind := MAIN_PARTS.get(type_.lower()))}
    if main and not main.keys() & set(names):
        raise InvalidFile(Reason.DAMAGED, "缺少正文部分")
    if len(set(main.values())) > 1:
        raise InvalidFile(Reason.DAMAGED, "有几种正文")
    return next(iter(main.values()), None)


def _is_encrypted_ofd(names: list[str]) -> bool:
    return any(name.lower() == "encryptions.xml" for name in names)


def _ofd(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    """Check OFD.xml (GB/T 33190-2016, clause 7), which names a document root. An Encryptions.xml (GM/T 0099) means that it is encrypted."""
    if _is_encrypted_ofd(names):
        raise InvalidFile(Reason.ENCRYPTED)
    elements = xmlparts.elements(archive, "OFD.xml")
    if elements[0][0] not in {f"{{{space}}}OFD" for space in OFD_NAMESPACES}:
        return None
    roots = [text.strip().lstrip("/") for tag, _, text in elements if tag.endswith("}DocRoot")]
    if not roots or not set(roots) <= set(names):
        raise InvalidFile(Reason.DAMAGED, "缺少正文部分")
    return "ofd"
