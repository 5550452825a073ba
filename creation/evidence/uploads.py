"""Receives a file in pieces, checks it, stores it, and then creates its rows in one transaction.

Acknowledged bytes are on the disk: every piece is synced before its offset is returned.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import citing, items, pending_uploads, quarantine
from creation.evidence.library import metadata_suggestions
from creation.evidence.pending_uploads import FileDescription
from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.lib.storage import part_writer
from creation.models import Citation, Evidence, EvidenceKind, EvidenceVersion, Task, Upload

NOT_DECLARED = "没有声明上传的材料不含国家秘密和工作秘密，没有开始上传。请刷新页面后重新选择文件。"
PG_DISK_FULL = "53100"  # PostgreSQL: disk_full


class OffsetMismatch(Refusal):
    """The piece does not begin at the end of the part, which is ``offset``."""

    def __init__(self, offset: int) -> None:
        super().__init__("上传位置不一致，将从服务器已收到的位置继续。", 409)
        self.offset = offset


class _FinishedElsewhere(Exception):
    """Another request finished the same upload first."""


@dataclass(frozen=True)
class UploadProgress:
    """The progress of an upload. ``citation`` is set after the file was stored."""

    offset: int
    citation: Citation | None = None


_running_digests = part_writer.HasherCache()


def limits() -> filetypes.Limits:
    return filetypes.Limits(image=settings.LIMIT_IMAGE, document=settings.LIMIT_DOCUMENT, video=settings.LIMIT_VIDEO)


def begin(
    task: Task,
    file: FileDescription,
    modified_on: date | None,
    actor: Actor,
    replaces: Evidence | None = None,
    *,
    declared: bool,
) -> Upload:
    """Start an upload, or continue one of the same file. ``declared`` is the declaration that it contains no secret.

    Raises Refusal (also filetypes.FileRefused, storage.DiskFull) before any byte is sent.
    """
    if not declared:
        raise Refusal(NOT_DECLARED)
    filetypes.quick_check(file.name, file.size, limits())
    fingerprint = file.fingerprint(task, replaces.pk if replaces else None)
    if found := pending_uploads.find_started(actor.human, fingerprint, actor.at):
        return found
    storage.require_free_space(file.size)
    try:
        with _translate_database_full():
            return _create_upload(task, file, fingerprint, modified_on, actor, replaces)
    except IntegrityError:  # a double click: the other request was faster
        if found := pending_uploads.find_started(actor.human, fingerprint, actor.at):
            return found
        raise


def _create_upload(
    task: Task,
    file: FileDescription,
    fingerprint: str,
    modified_on: date | None,
    actor: Actor,
    replaces: Evidence | None,
) -> Upload:
    with transaction.atomic():
        citing.lock_open_task(task)
        return Upload.objects.create(
            token=uuid4(),
            person=actor.human,
            task=task,
            name=filenames.clean(file.name),
            folder=file.folder,
            size=file.size,
            changed=file.changed,
            mark=fingerprint,
            modified_on=modified_on if modified_on and modified_on <= actor.today else None,
            started_at=actor.at,
            evidence=replaces,
            stamped=file.is_stamped_scan,
        )


def progress_of(upload: Upload) -> UploadProgress:
    """Return the progress, for a client that did not get the last response."""
    if upload.finished_at:
        return UploadProgress(upload.size, _citation_of(upload))
    return UploadProgress(storage.part_size(upload.token))


def has_room(upload: Upload) -> bool:
    """Return whether there is space for the rest. Otherwise the web server would fail without a message."""
    try:
        storage.require_free_space(0 if upload.finished_at else upload.size - storage.part_size(upload.token))
    except storage.DiskFull:
        return False
    return True


def receive(upload: Upload, offset: int, length: int, read: Callable[[int], bytes], actor: Actor) -> UploadProgress:
    """Append ``length`` bytes at ``offset``. After the last byte, check, store and cite the file.

    If the client breaks off, it can continue after the bytes that arrived. After OffsetMismatch, storage.PartLocked,
    storage.StoreUnavailable and storage.DiskFull, acknowledged bytes are kept. After any other Refusal nothing is kept.
    """
    with storage.open_part_locked(upload.token) as part:
        upload.refresh_from_db(fields=["finished_at", "evidence"])  # nothing else changes, and its task is known
        if upload.finished_at:
            storage.delete_part(upload.token)
            return progress_of(upload)
        try:
            with _translate_database_full():
                return _append(upload, offset, length, read, part, actor)
        except (OffsetMismatch, OSError, storage.StoreUnavailable):
            raise
        except _FinishedElsewhere:
            upload.refresh_from_db()
            return progress_of(upload)
        except storage.DiskFull:
            _roll_back(upload, offset, part)
            raise
        except Refusal:
            discard(upload)
            raise
        except Exception:  # whatever it is, it is raised again when the part is as it was
            _roll_back(upload, offset, part)
            raise


@contextmanager
def _translate_database_full() -> Iterator[None]:
    """Turn the database's error for a full disk into DiskFull."""
    try:
        yield
    except OperationalError as error:
        if "is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == PG_DISK_FULL:
            raise storage.DiskFull from error
        raise


def _append(
    upload: Upload, offset: int, length: int, read: Callable[[int], bytes], part: BinaryIO, actor: Actor
) -> UploadProgress:
    existing = part.tell()
    if offset != existing:
        raise OffsetMismatch(existing)
    if offset + length > upload.size:
        raise Refusal(f"“{upload.name}”在上传中变大了，与选择时的大小不符。请保存并关闭文件后重新上传。")
    storage.require_free_space(length)
    digest = _running_digests.take(upload.token, offset, part)
    with storage.translate_disk_full():
        now = offset + part_writer.append_to_part(part, digest, read, length)
    if now < upload.size:
        _running_digests.put(upload.token, now, digest)
        return UploadProgress(now)
    citation = _finish(upload, digest.hexdigest(), actor)
    storage.delete_part(upload.token)
    return UploadProgress(now, citation)


def _roll_back(upload: Upload, offset: int, part: BinaryIO) -> None:
    """Undo this piece; give up the upload if nothing was acknowledged.

    Bytes shared with a blob are not cut off, as a row may already refer to the blob.
    """
    if not offset:
        try:
            discard(upload)
        except DatabaseError:  # no space even to delete the row: the sweeper will
            storage.delete_part(upload.token)
    elif os.fstat(part.fileno()).st_nlink == 1:
        with suppress(OSError):
            part.truncate(offset)


def discard(upload: Upload) -> None:
    """Delete an unfinished upload and its bytes."""
    Upload.objects.filter(pk=upload.pk, finished_at=None).delete()
    storage.delete_part(upload.token)


# Storing


def _finish(upload: Upload, sha256: str, actor: Actor) -> Citation:
    """Check and store the file outside the transaction, and create its rows inside it. If that fails, delete the blob.

    The part is kept until then, so that nothing is lost in a crash.
    """
    found, needs_scan = _inspect(upload, actor)
    key = storage.save_blob(storage.part_path(upload.token))
    payload = {
        "blob": key,
        "given_name": filenames.with_extension(upload.name, found.extension),
        "extension": found.extension,
        "media_type": found.media_type,
        "size": upload.size,
        "sha256": sha256,
    }
    try:
        return _create_rows(upload, found.kind, payload, needs_scan, actor)
    except BaseException:
        _delete_unreferenced(key)
        raise


def _delete_unreferenced(key: str) -> None:
    """Delete the blob unless a row refers to it after all, as the connection can break after the commit.

    If that is unknown, the sweeper decides.
    """
    with suppress(storage.StoreUnavailable, DatabaseError):
        if not EvidenceVersion.objects.filter(blob=key).exists():
            storage.delete_blob(key)


def _inspect(upload: Upload, actor: Actor) -> tuple[filetypes.FileType, bool]:
    """Return the type, and whether the file must be quarantined. A refusal is recorded in the audit trail in its own transaction."""
    path = storage.part_path(upload.token)
    try:
        found = filetypes.inspect(path, upload.name, limits())
        return found, quarantine.needs_quarantine(path, upload.name, found, upload.task.unit, actor)
    except filetypes.FileRefused as refused:
        audit_log.record(actor, "evidence.upload", upload.task, "refused", f"{refused.reason}：{upload.name}")
        raise


def _create_rows(upload: Upload, kind: str, payload: dict[str, Any], needs_scan: bool, actor: Actor) -> Citation:
    """Create all rows of a new file, or none.

    The lock on the part excludes a second request, but not on a shared folder without locks. The row of the upload then
    decides.
    """
    task = upload.task
    with transaction.atomic():
        citing.lock_open_task(task)
        if Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk).finished_at:
            raise _FinishedElsewhere
        if upload.evidence:
            evidence, citation = _new_version(upload, upload.evidence, kind, payload, actor)
        else:
            evidence, citation = _new_evidence(upload, kind, payload, actor)
        if needs_scan:
            quarantine.quarantine_newest(evidence, actor)
        Upload.objects.filter(pk=upload.pk).update(evidence=evidence, finished_at=actor.at)
        detail = f"{citation}；{upload.name}，{upload.size} 字节，sha256 {payload['sha256']}；{items.DECLARATION}"
        audit_log.record(actor, "evidence.upload", task, detail=detail)
    return citation


def _new_evidence(upload: Upload, kind: str, payload: dict[str, Any], actor: Actor) -> tuple[Evidence, Citation]:
    task = upload.task
    citing.lock_unit(task.unit_id)
    if existing := items.find_duplicate(task, sha256=payload["sha256"]):
        whose = "本单位" if existing.unit_id == task.unit_id else str(existing.unit)
        sentence = f"“{upload.name}”与{whose}已有的“{existing}”内容完全相同，没有重复保存，可以直接引用。"
        raise items.Duplicate(existing, sentence)
    kind = EvidenceKind.STATEMENT if upload.stamped else EvidenceKind(kind)
    evidence = items.create(task, kind, metadata_suggestions.from_name(upload.name, kind), actor)
    version = EvidenceVersion.objects.create(evidence=evidence, created_by=actor.human, created_at=actor.at, **payload)
    return evidence, citing.create_citation(task, evidence, actor, first=version)


def _new_version(
    upload: Upload, evidence: Evidence, kind: str, payload: dict[str, Any], actor: Actor
) -> tuple[Evidence, Citation]:
    citation = Citation.objects.counting().filter(task=upload.task, evidence=evidence).first()
    if citation is None:
        raise Refusal("本任务已不再引用这份资料，新版本没有保存。")
    items.replace(upload.task, evidence, payload, actor)
    if evidence.kind != EvidenceKind.STATEMENT:  # scans of stamped statements keep their kind
        Evidence.objects.filter(pk=evidence.pk).update(kind=kind)
    return evidence, citation


def _citation_of(upload: Upload) -> Citation | None:
    return Citation.objects.filter(task=upload.task_id, evidence=upload.evidence_id).first()
