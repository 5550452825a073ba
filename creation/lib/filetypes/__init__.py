"""Which files come in: extension, magic bytes and structure must agree. Pure: limits are handed in.

`quick_check` asks before an upload, by name and size; `inspect` judges the bytes after it.
"""

from pathlib import Path

from creation.lib import filenames

from . import documents, images, outside, videos
from .allowed import ACCEPT, ALLOWED, FileType, Form, Limits, check_size, form_of
from .refusals import SENTENCES, Flaw, Reason, Refused
from .signatures import HEAD, check_signature, family_of

__all__ = ["ACCEPT", "FileType", "Limits", "Reason", "Refused", "inspect", "quick_check"]


def quick_check(name: str, size: int, limits: Limits) -> None:
    """Raise Refused if a file of this name and size cannot be taken in, whatever is in it."""
    try:
        _checked_form(name, size, limits)
    except Flaw as flaw:
        raise _refused(name, flaw) from None


def inspect(path: Path, name: str, limits: Limits) -> FileType:
    """The type of the file at `path`, which its sender calls `name`; raise Refused with a sentence for the sender.

    Reads in constant memory; PDF and OLE are opened by a child process.
    """
    try:
        form = _checked_form(name, path.stat().st_size, limits)
        _check_beginning(path, form)
        _check_structure(path, form, limits)
    except Flaw as flaw:
        raise _refused(name, flaw) from flaw
    return form.type


def _checked_form(name: str, size: int, limits: Limits) -> Form:
    if "\x00" in name:
        raise Flaw(Reason.NAME)
    form = form_of(filenames.extension(filenames.clean(name)))
    check_size(form, size, limits)
    return form


def _check_beginning(path: Path, form: Form) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD)
    if form.family == "zip" and family_of(head) == "ole" and outside.is_encrypted_ole(path):
        raise Flaw(Reason.ENCRYPTED)
    check_signature(head, form)


def _check_structure(path: Path, form: Form, limits: Limits) -> None:
    match form.family:
        case "pdf":
            outside.check_pdf(path)
        case "ole":
            outside.check_ole(path, form.content)
        case "zip":
            documents.check_package(path, form.content, limits)
        case "jpeg":
            images.check_jpeg(path, limits)
        case "png":
            images.check_png(path, limits)
        case "webp":
            images.check_webp(path, limits)
        case "iso":
            videos.check_video(path, form.content)


def _refused(name: str, flaw: Flaw) -> Refused:
    shown = filenames.clean(name)
    extension = f".{filenames.extension(shown)}"
    allowed = "、".join(ALLOWED)
    sentence = SENTENCES[flaw.reason].format(name=shown, detail=flaw.detail, extension=extension, allowed=allowed)
    return Refused(flaw.reason, sentence)
