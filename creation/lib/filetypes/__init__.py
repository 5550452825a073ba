"""Decides which files are accepted: extension, magic bytes and structure must agree. Pure: limits are arguments.

`quick_check` runs before an upload, on name and size; `inspect` checks the bytes after it.
"""

from pathlib import Path

from creation.lib import filenames

from . import documents, images, packages, probe_runner, videos
from .allowed import ACCEPT, ALLOWED, Family, FileFormat, FileType, Limits, check_size, format_of
from .refusals import OFFICE_TYPES, REMEDIES, REMEDIES_OF_DETAIL, SENTENCES, FileRefused, InvalidFile, Reason
from .signatures import HEAD, known_family, mismatch

__all__ = ["ACCEPT", "FileRefused", "FileType", "Limits", "Reason", "inspect", "quick_check"]


def quick_check(name: str, size: int, limits: Limits) -> None:
    """Raise FileRefused if a file of this name and size cannot be accepted, whatever its content."""
    try:
        _checked_format(name, size, limits)
    except InvalidFile as invalid:
        raise _refused(name, invalid) from None


def inspect(path: Path, name: str, limits: Limits, *, exact: bool = False) -> FileType:
    """Return the type of the file at `path`, which its sender calls `name`. Raises FileRefused with a sentence for the sender.

    A right file under another accepted extension has the type of its content, unless it must be `exact`. Memory use is constant;
    PDF and OLE files are opened by a child process.
    """
    try:
        claimed = _checked_format(name, path.stat().st_size, limits)
        found = _actual_format(path, claimed, limits, exact=exact)
    except InvalidFile as invalid:
        raise _refused(name, invalid) from invalid
    return found.type


def _checked_format(name: str, size: int, limits: Limits) -> FileFormat:
    if "\x00" in name:
        raise InvalidFile(Reason.NAME)
    file_format = format_of(filenames.extension(filenames.clean(name)))
    check_size(file_format, size, limits)
    return file_format


def _actual_format(path: Path, claimed: FileFormat, limits: Limits, *, exact: bool) -> FileFormat:
    """Return the format of a file that is complete and harmless."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    family = known_family(head, claimed)
    if exact and family != claimed.family:
        is_locked = claimed.family == "zip" and family == "ole" and documents.is_encrypted_ole(path)
        raise InvalidFile(Reason.ENCRYPTED) if is_locked else mismatch(family)
    content = _content(path, family, claimed, limits)
    if content == claimed.content:
        return claimed
    if exact or content is None:
        raise documents.other_document(family, content)
    found = ALLOWED[content]
    check_size(found, path.stat().st_size, limits)
    return found


def _content(path: Path, family: Family, claimed: FileFormat, limits: Limits) -> str | None:
    """Return what the file is, the key of an accepted type; None for a package or compound file of another program."""
    if family not in ("zip", "ole"):
        packages.check_no_archive_behind(path)
    match family:
        case "pdf":
            probe_runner.check_pdf(path)
            return "pdf"
        case "ole":
            return documents.check_ole(path, limits)
        case "zip":
            return documents.check_package(path, limits)
        case "jpeg":
            images.check_jpeg(path, limits)
            return "jpg"
        case "png":
            images.check_png(path, limits)
            return "png"
        case "webp":
            images.check_webp(path, limits)
            return "webp"
        case "iso":
            return videos.check_video(path, claimed.content)


def _refused(name: str, invalid: InvalidFile) -> FileRefused:
    shown = filenames.clean(name)
    extension = f".{filenames.extension(shown)}"
    allowed = "、".join(ALLOWED)
    words = {"name": shown, "detail": invalid.detail, "extension": extension, "allowed": allowed}
    office = OFFICE_TYPES.get(extension, "docx 或 xlsx")
    remedy = invalid.remedy or REMEDIES_OF_DETAIL.get(invalid.detail) or REMEDIES.get(invalid.reason, "")
    sentence = SENTENCES[invalid.reason].format(remedy=remedy, office=office, **words)
    return FileRefused(invalid.reason, sentence)
