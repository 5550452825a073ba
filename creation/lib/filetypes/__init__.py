"""Decides which files are accepted: extension, magic bytes and structure must agree. Pure: limits are arguments.

`quick_check` runs before an upload, on name and size; `inspect` checks the bytes after it.
"""

from pathlib import Path

from creation.lib import filenames

from . import documents, images, probe_runner, videos
from .allowed import ACCEPT, ALLOWED, FileFormat, FileType, Limits, check_size, format_of
from .refusals import SENTENCES, FileRefused, InvalidFile, Reason
from .signatures import HEAD, check_signature, family_of

__all__ = ["ACCEPT", "FileRefused", "FileType", "Limits", "Reason", "inspect", "quick_check"]


def quick_check(name: str, size: int, limits: Limits) -> None:
    """Raise FileRefused if a file of this name and size cannot be accepted, whatever its content."""
    try:
        _checked_format(name, size, limits)
    except InvalidFile as invalid:
        raise _refused(name, invalid) from None


def inspect(path: Path, name: str, limits: Limits) -> FileType:
    """Return the type of the file at `path`, which its sender calls `name`. Raises FileRefused with a sentence for the sender.

    Memory use is constant; PDF and OLE files are opened by a child process.
    """
    try:
        file_format = _checked_format(name, path.stat().st_size, limits)
        _check_signature(path, file_format)
        _check_structure(path, file_format, limits)
    except InvalidFile as invalid:
        raise _refused(name, invalid) from invalid
    return file_format.type


def _checked_format(name: str, size: int, limits: Limits) -> FileFormat:
    if "\x00" in name:
        raise InvalidFile(Reason.NAME)
    file_format = format_of(filenames.extension(filenames.clean(name)))
    check_size(file_format, size, limits)
    return file_format


def _check_signature(path: Path, file_format: FileFormat) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if file_format.family == "zip" and family_of(head) == "ole" and documents.is_encrypted_ole(path):
        raise InvalidFile(Reason.ENCRYPTED)
    check_signature(head, file_format)


def _check_structure(path: Path, file_format: FileFormat, limits: Limits) -> None:
    match file_format.family:
        case "pdf":
            probe_runner.check_pdf(path)
        case "ole":
            documents.check_ole(path, file_format.content, limits)
        case "zip":
            documents.check_package(path, file_format.content, limits)
        case "jpeg":
            images.check_jpeg(path, limits)
        case "png":
            images.check_png(path, limits)
        case "webp":
            images.check_webp(path, limits)
        case "iso":
            videos.check_video(path, file_format.content)


def _refused(name: str, invalid: InvalidFile) -> FileRefused:
    shown = filenames.clean(name)
    extension = f".{filenames.extension(shown)}"
    allowed = "、".join(ALLOWED)
    sentence = SENTENCES[invalid.reason].format(name=shown, detail=invalid.detail, extension=extension, allowed=allowed)
    return FileRefused(invalid.reason, sentence)
