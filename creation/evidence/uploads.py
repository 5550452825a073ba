"""A file comes in: piece by piece into a part, judged, kept, and only then named in one transaction.

What is acknowledged is on the disk: every piece is fsynced before its offset is told.
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

from creation.audit import trail
from creation.audit.trail import Actor
from creation.evidence import citing, pieces, quarantine, resuming
from creation.evidence.resuming import Described
from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.lib.storage import receiving
from creation.models import Citation, Evidence, EvidenceKind, EvidenceVersion, Task, Upload

NOT_DECLARED = "请先勾选声明：上传的材料不含国家秘密和工作秘密。"
NO_ROOM = "53100"  # PostgreSQL: disk_full


class OutOfStep(Refusal):
    """The piece does not begin where the part ends; ``offset`` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__("上传位置不一致，将从服务器已收到的位置继续。", 409)
        self.offset = offset


class _Overtaken(Exception):
    """Another window finished the same upload first."""


@dataclass(frozen=True)
class Received:
    """How far the upload is; ``citation`` once the last byte has been kept."""

    offset: int
    citation: Citation | None = None


_digests = receiving.Digests()


def limits() -> filetypes.Limits:
    return filetypes.Limits(image=settings.LIMIT_IMAGE, document=settings.LIMIT_DOCUMENT, video=settings.LIMIT_VIDEO)


def begin(
    task: Task,
    file: Described,
    modified_on: date | None,
    actor: Actor,
    replaces: Evidence | None = None,
    *,
    declared: bool,
) -> Upload:
    """Announce a file; the same one again goes on where it was. ``declared``: that it carries no secret was expressly said.

    Raises Refusal (also filetypes.Refused, storage.DiskFull) before a byte is sent.
    """
    if not declared:
        raise Refusal(NOT_DECLARED)
    filetypes.quick_check(file.name, file.size, limits())
    mark = file.mark(task, replaces.pk if replaces else None)
    if found := resuming.begun(actor.human, mark, actor.at):
        return found
    storage.require_room(file.size)
    try:
        with _saying_full():
            return _announce(task, file, mark, modified_on, actor, replaces)
    except IntegrityError:  # a double click: the other request was quicker
        if found := resuming.begun(actor.human, mark, actor.at):
            return found
        raise


def _announce(
    task: Task, file: Described, mark: str, modified_on: date | None, actor: Actor, replaces: Evidence | None
) -> Upload:
    with transaction.atomic():
        citing.lock_open(task)
        return Upload.objects.create(
            token=uuid4(),
            person=actor.human,
            task=task,
            name=filenames.clean(file.name),
            folder=file.folder,
            size=file.size,
            changed=file.changed,
            mark=mark,
            modified_on=modified_on if modified_on and modified_on <= actor.today else None,
            started_at=actor.at,
            evidence=replaces,
            stamped=file.stamped,
        )


def state_of(upload: Upload) -> Received:
    """How far the upload is, for a client that lost the answer."""
    if upload.finished_at:
        return Received(upload.size, _citation(upload))
    return Received(storage.part_size(upload.token))


def has_room(upload: Upload) -> bool:
    """For what is still to come; the web server itself fails without a word where there is none."""
    try:
        storage.require_room(0 if upload.finished_at else upload.size - storage.part_size(upload.token))
    except storage.DiskFull:
        return False
    return True


def receive(upload: Upload, offset: int, length: int, read: Callable[[int], bytes], actor: Actor) -> Received:
    """Append ``length`` bytes at ``offset``; with the last byte the file is judged, kept and cited.

    A client that breaks off leaves what came; it goes on from there. Raises OutOfStep, storage.Busy, storage.OutOfReach,
    storage.DiskFull: what was acknowledged stays. Raises any other Refusal: nothing stays.
    """
    with storage.hold_part(upload.token) as part:
        upload.refresh_from_db()
        if upload.finished_at:
            storage.drop_part(upload.token)
            return state_of(upload)
        try:
            with _saying_full():
                return _append(upload, offset, length, read, part, actor)
        except (OutOfStep, OSError, storage.OutOfReach):
            raise
        except _Overtaken:
            upload.refresh_from_db()
            return state_of(upload)
        except storage.DiskFull:
            _step_back(upload, offset, part)
            raise
        except Refusal:
            discard(upload)
            raise
        except Exception:
            _step_back(upload, offset, part)
            raise


@contextmanager
def _saying_full() -> Iterator[None]:
    """A database without room says so in words of its own."""
    try:
        yield
    except OperationalError as error:
        if "is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == NO_ROOM:
            raise storage.DiskFull from error
        raise


def _append(
    upload: Upload, offset: int, length: int, read: Callable[[int], bytes], part: BinaryIO, actor: Actor
) -> Received:
    there = part.tell()
    if offset != there:
        raise OutOfStep(there)
    if offset + length > upload.size:
        raise Refusal(f"“{upload.name}”在上传中变大了，与选择时的大小不符。请保存并关闭文件后重新上传。")
    storage.require_room(length)
    digest = _digests.take(upload.token, offset, part)
    with storage.saying_full():
        now = offset + receiving.append(part, digest, read, length)
    if now < upload.size:
        _digests.put(upload.token, now, digest)
        return Received(now)
    citation = _finish(upload, digest.hexdigest(), actor)
    storage.drop_part(upload.token)
    return Received(now, citation)


def _step_back(upload: Upload, offset: int, part: BinaryIO) -> None:
    """Back to what was acknowledged before this piece; an upload of which nothing was is given up.

    Bytes that a blob still shares are not cut: nobody knows yet whether it has its name.
    """
    if not offset:
        try:
            discard(upload)
        except DatabaseError:  # no room even to forget: the sweeper does
            storage.drop_part(upload.token)
    elif os.fstat(part.fileno()).st_nlink == 1:
        with suppress(OSError):
            part.truncate(offset)


def discard(upload: Upload) -> None:
    """Forget an upload that is not finished, and its bytes."""
    Upload.objects.filter(pk=upload.pk, finished_at=None).delete()
    storage.drop_part(upload.token)


# Keeping


def _finish(upload: Upload, sha256: str, actor: Actor) -> Citation:
    """Judge and keep outside the transaction, name inside it; a blob that got no name is taken away again.

    The part stays until the blob has its name: who dies in between has lost nothing.
    """
    found, waits = _judge(upload, actor)
    key = storage.keep(storage.part_path(upload.token))
    payload = {
        "blob": key,
        "given_name": upload.name,
        "extension": found.extension,
        "media_type": found.media_type,
        "size": upload.size,
        "sha256": sha256,
    }
    try:
        return _name(upload, found.kind, payload, waits, actor)
    except BaseException:
        _take_back(key)
        raise


def _take_back(key: str) -> None:
    """Unless the row is there after all: a line can break after the commit. What cannot be told now is the sweeper's."""
    with suppress(storage.OutOfReach, DatabaseError):
        if not EvidenceVersion.objects.filter(blob=key).exists():
            storage.delete_blob(key)


def _judge(upload: Upload, actor: Actor) -> tuple[filetypes.FileType, bool]:
    """The type, and whether it must wait for the virus scanner. A refusal leaves one audit row, in a transaction of its own."""
    path = storage.part_path(upload.token)
    try:
        found = filetypes.inspect(path, upload.name, limits())
        return found, quarantine.must_wait(path, upload.name, found, upload.task.unit, actor)
    except filetypes.Refused as refused:
        trail.audit(actor, "evidence.upload", upload.task, "refused", f"{refused.reason}：{upload.name}")
        raise


def _name(upload: Upload, kind: str, payload: dict[str, Any], waits: bool, actor: Actor) -> Citation:
    """Everything the database says of a new file, or nothing.

    The part's lock keeps a second window out, but not where two machines share the folder over a network that knows no locks:
    the row of the upload decides which of the two is named.
    """
    task = upload.task
    with transaction.atomic():
        citing.lock_open(task)
        if Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk).finished_at:
            raise _Overtaken
        if upload.evidence:
            evidence, citation = _new_version(upload, upload.evidence, kind, payload, actor)
        else:
            evidence, citation = _new_piece(upload, kind, payload, actor)
        if waits:
            quarantine.hold(evidence, actor)
        Upload.objects.filter(pk=upload.pk).update(evidence=evidence, finished_at=actor.at)
        said = f"{citation}；{upload.name}，{upload.size} 字节，sha256 {payload['sha256']}；{pieces.DECLARED}"
        trail.audit(actor, "evidence.upload", task, detail=said)
    return citation


def _new_piece(upload: Upload, kind: str, payload: dict[str, Any], actor: Actor) -> tuple[Evidence, Citation]:
    task = upload.task
    citing.lock_unit(task.unit_id)
    if there := pieces.twin(task, sha256=payload["sha256"]):
        whose = "本单位" if there.unit_id == task.unit_id else str(there.unit)
        sentence = f"“{upload.name}”与{whose}已有的“{there}”内容完全相同，没有重复保存，可以直接引用。"
        raise pieces.Duplicate(there, sentence)
    kind = EvidenceKind.STATEMENT if upload.stamped else EvidenceKind(kind)
    evidence = pieces.create(task, kind, offered(upload, kind), actor)
    EvidenceVersion.objects.create(evidence=evidence, by=actor.human, at=actor.at, **payload)
    return evidence, citing.put(task, evidence, actor)


def _new_version(
    upload: Upload, evidence: Evidence, kind: str, payload: dict[str, Any], actor: Actor
) -> tuple[Evidence, Citation]:
    citation = Citation.objects.live().filter(task=upload.task, evidence=evidence).first()
    if citation is None:
        raise Refusal("本任务已不再引用这份资料，新版本没有保存。")
    pieces.replace(upload.task, evidence, payload, actor)
    if evidence.kind != EvidenceKind.STATEMENT:  # the scan of a stamped copy stays one
        Evidence.objects.filter(pk=evidence.pk).update(kind=kind)
    return evidence, citation


def offered(upload: Upload, kind: str) -> dict[str, Any]:
    """Title, date and document number as the file's name suggests; a camera's name suggests none."""
    found = filenames.offered(upload.name)
    title = found.title or EvidenceKind(kind).label + (f" {found.dated_on}" if found.dated_on else "")
    doc_number = found.doc_number if found.doc_number and len(found.doc_number) <= 60 else ""
    return {"title": title[:200], "dated_on": found.dated_on, "doc_number": doc_number}


def _citation(upload: Upload) -> Citation | None:
    return Citation.objects.filter(task=upload.task_id, evidence=upload.evidence_id).first()
