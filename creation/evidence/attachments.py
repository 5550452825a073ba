"""Files attached to an action by the office.

They are checked like evidence, stored before the action refers to them, and deleted if the action is refused.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from creation.evidence import quarantine
from creation.evidence.library import extract_text, text_extraction
from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.models import ActionFile
from creation.rules import secrecy

MAX_FILES = 10  # files per action
MARKED = (
    "“{name}”带有密级标志（{marks}），没有保存：涉密文件不能进入本系统。"
    "确不涉密的，请删去文件名、正文、页眉或文件属性里的标志后再上传。"
)


@contextmanager
def stored_attachments(files: "Sequence[UploadedFile[Any]]") -> Iterator[list[ActionFile]]:
    """Store the files and yield unsaved rows for them. If the block fails, the files are deleted again. Raises Refusal."""
    if len(files) > MAX_FILES:
        raise Refusal(f"附件最多 {MAX_FILES} 个，现有 {len(files)} 个，请减少后再提交。")
    stored: list[ActionFile] = []
    try:
        for file in files:
            stored.append(_store(file))  # noqa: PERF401 - what is stored before a failure is deleted below
        yield stored
    except BaseException:
        for row in stored:
            with suppress(storage.StoreUnavailable):  # the sweeper deletes it
                storage.delete_blob(row.blob)
        raise


def _store(file: "UploadedFile[Any]") -> ActionFile:
    name = filenames.clean(file.name or "")
    limits = filetypes.Limits(image=settings.LIMIT_IMAGE, document=settings.LIMIT_DOCUMENT, video=settings.LIMIT_VIDEO)
    handle, path = tempfile.mkstemp(dir=settings.INCOMING_ROOT)
    try:
        filetypes.quick_check(name, file.size or 0, limits)
        with open(handle, "wb") as target:
            digest = _copy_and_hash(file, target)
        kind = filetypes.inspect(Path(path), name, limits)
        quarantine.require_clean(Path(path), name, kind)
        _require_no_marks(Path(path), name, kind)
        size = Path(path).stat().st_size
        return ActionFile(
            name=name, blob=storage.save_blob(Path(path)), sha256=digest, size=size, media_type=kind.media_type
        )
    finally:
        Path(path).unlink(missing_ok=True)


def _require_no_marks(path: Path, name: str, kind: filetypes.FileType) -> None:
    """Raise Refusal for a mark of secrecy: a piece of evidence waits for somebody to clear it, an attachment goes out at once."""
    read = text_extraction.run_program(kind.extension, path) if kind.extension in extract_text.READERS else {}
    texts = [value for value in read.values() if isinstance(value, str)]
    marks = secrecy.find_marks(name.rpartition(".")[0]) + [
        word for text in texts for word in secrecy.find_stamped_marks(text)
    ]
    if secret := [word for word in dict.fromkeys(marks) if word != secrecy.INTERNAL]:
        raise Refusal(MARKED.format(name=name, marks="、".join(secret)))


def _copy_and_hash(file: "UploadedFile[Any]", target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with storage.translate_disk_full():
        for chunk in file.chunks():
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()
