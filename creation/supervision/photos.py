"""Photos of a visit, sent in pieces: after a lost connection the browser continues from what is here. Checked like evidence."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import quarantine, uploads
from creation.evidence.uploads import OffsetMismatch
from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.lib.storage import part_writer
from creation.models import User, VisitCheck, VisitPhoto
from creation.supervision.rounds import require_open

MAX_PHOTOS = 20  # of one line
TOO_MANY = f"一项最多 {MAX_PHOTOS} 张照片。"
NO_PHOTO = "只能上传照片。其他文件请由单位上传为印证资料。"


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """The photo as the browser announces it with every piece."""

    key: UUID
    name: str
    size: int


def progress_of(check: VisitCheck, key: UUID, person: User) -> tuple[int, VisitPhoto | None]:
    """Return how many bytes are here, and the photo if all of them are."""
    if photo := VisitPhoto.objects.filter(line=check, key=key).first():
        return photo.size, photo
    return storage.part_size(_token(check, key, person)), None


def receive(
    check: VisitCheck, file: PhotoFile, offset: int, length: int, read: Callable[[int], bytes], actor: Actor
) -> tuple[int, VisitPhoto | None]:
    """Append ``length`` bytes at ``offset``; with the last byte check and keep the photo. Return as ``progress_of``.

    Raises Refusal; after OffsetMismatch and storage errors the bytes that are here are kept, after any other refusal none.
    """
    offset_here, photo = progress_of(check, file.key, actor.human)
    if photo:
        return offset_here, photo
    filetypes.quick_check(file.name, file.size, uploads.limits())
    if check.photos.count() >= MAX_PHOTOS:
        raise Refusal(TOO_MANY)
    token = _token(check, file.key, actor.human)
    with storage.open_part_locked(token) as part:
        if offset != part.tell():
            raise OffsetMismatch(part.tell())
        if offset + length > file.size:
            storage.delete_part(token)
            raise Refusal("照片与选择时的大小不符，请重新选择。")
        storage.require_free_space(length)
        with storage.translate_disk_full():
            now = offset + part_writer.append_to_part(part, hashlib.sha256(), read, length)
        if now < file.size:
            return now, None
        try:
            photo = _keep(check, file, storage.part_path(token), actor)
        except storage.StoreUnavailable:
            raise
        except Refusal:
            storage.delete_part(token)
            raise
    storage.delete_part(token)
    return now, photo


def _token(check: VisitCheck, key: UUID, person: User) -> UUID:
    """Return the name of the part: of this photo of this person, whatever key another browser makes."""
    return uuid5(key, f"{check.pk}/{person.pk}")


def _keep(check: VisitCheck, file: PhotoFile, path: Path, actor: Actor) -> VisitPhoto:
    found = filetypes.inspect(path, file.name, uploads.limits())
    if found.kind != "image":
        raise Refusal(NO_PHOTO)
    quarantine.require_clean(path, file.name, found)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    blob = storage.save_blob(path)
    try:
        with transaction.atomic():
            require_open(check.visit.round.campaign)
            photo = VisitPhoto.objects.create(
                line=check,
                key=file.key,
                name=filenames.with_extension(filenames.clean(file.name), found.extension),
                blob=blob,
                sha256=digest,
                size=file.size,
                media_type=found.media_type,
                created_by=actor.human,
                created_at=actor.at,
            )
            audit_log.record(actor, "visit.photo", check.visit, detail=f"{check}；{photo.name}，sha256 {digest}")
    except IntegrityError:  # another request was faster with the same photo
        storage.delete_blob(blob)
        return VisitPhoto.objects.get(line=check, key=file.key)
    except BaseException:
        storage.delete_blob(blob)
        raise
    return photo


def largest() -> int:
    return int(settings.LIMIT_IMAGE)
