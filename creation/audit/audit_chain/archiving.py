"""Moves old entries to a signed file, the only recorded way around the triggers. The chain continues from the end of the file."""

import fcntl
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils.dateparse import parse_datetime

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.audit.audit_chain import head_file
from creation.audit.audit_chain.links import archive_mac, current_head
from creation.audit.audit_log import SIGNED_FIELDS
from creation.lib import audit_triggers, disks
from creation.lib.refusals import Refusal
from creation.models import AuditArchive, AuditEntry, AuditSeal

ENTRIES_PER_ARCHIVE = 100_000  # entries per file, and per transaction
CHUNK = 2000

ArchivedLink = tuple[int, int, datetime, str]


class ArchiveDamaged(Exception):
    """The archive's file is missing or was changed."""


def archive_entries(before: datetime, actor: Actor) -> AuditArchive | None:
    """Move the oldest part of the chain into one file, and return the archive; None if no entry is old enough.

    The part ends before the first entry that is not older than ``before``, and has ENTRIES_PER_ARCHIVE entries at most. The
    rows are deleted after the file was written and read back. Raises Refusal.
    """
    with _exclusive_lock():
        if not (sequence_range := _next_range(before)):
            return None
        path = _write_archive(*sequence_range)
        last = AuditSeal.objects.get(seq=sequence_range[1])
        archive = AuditArchive(
            first_seq=sequence_range[0],
            last_seq=last.seq,
            head=last.mac,
            name=path.name,
            sha256=_digest(path),
            at=actor.at,
        )
        archive.mac = archive_mac(archive)
        _delete_archived(archive, actor)
        return archive


@contextmanager
def _exclusive_lock() -> Iterator[None]:
    with (head_file.folder() / "archive.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("另一个归档正在进行：请等它结束后再试。") from None
        yield


def _next_range(before: datetime) -> tuple[int, int] | None:
    first = AuditSeal.objects.aggregate(first=Min("seq"))["first"]
    young = AuditSeal.objects.filter(entry__at__gte=before).aggregate(first=Min("seq"))["first"]
    if first is None:
        return None
    last = min(young - 1 if young else current_head().seq, first + ENTRIES_PER_ARCHIVE - 1)
    return (first, last) if last >= first else None


# The file: one line of JSON per link, compressed


def _write_archive(first: int, last: int) -> Path:
    """Write to a temporary file, sync it, read it back and rename it. Raises Refusal if the content read differs."""
    path = head_file.folder() / f"audit-{first:09}-{last:09}.jsonl.gz"
    aside, written = path.with_suffix(".part"), hashlib.sha256()
    with aside.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
            for line in _archive_lines(first, last):
                written.update(line)
                packed.write(line)
        file.flush()
        os.fsync(file.fileno())
    if _unpacked_digest(aside) != written.hexdigest():
        aside.unlink()
        raise Refusal(f"归档文件 {path.name} 写入后读回不一致，库中记录没有删除：请检查磁盘后再试。")
    aside.chmod(0o600)
    aside.rename(path)
    disks.fsync_path(path.parent)
    return path


def _unpacked_digest(path: Path) -> str:
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (EOFError, OSError, zlib.error):
        return ""


def _archive_lines(first: int, last: int) -> Iterator[bytes]:
    seals = AuditSeal.objects.filter(seq__range=(first, last)).order_by("seq").select_related("entry")
    for seal in seals.iterator(chunk_size=CHUNK):
        entry = {name: getattr(seal.entry, name) for name in ("pk", *SIGNED_FIELDS, "mac")}
        line = {"seq": seal.seq, "at": seal.at, "mac": seal.mac, "entry": entry}
        yield json.dumps(line, ensure_ascii=False, default=audit_log.to_utc_text).encode() + b"\n"


def read_archive(archive: AuditArchive) -> Iterator[tuple[ArchivedLink, AuditEntry]]:
    """Yield the links of the file with their entries. Raises ArchiveDamaged if the file is missing or its digest differs."""
    path = head_file.folder() / archive.name
    if not path.is_file() or _digest(path) != archive.sha256:
        raise ArchiveDamaged
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            entry = AuditEntry(**row["entry"] | {"at": _parse_time(row["entry"]["at"])})
            yield (row["seq"], entry.pk, _parse_time(row["at"]), row["mac"]), entry


def _parse_time(text: Any) -> datetime:
    moment = parse_datetime(text)
    assert moment is not None  # noqa: S101 - written by _lines, under the digest
    return moment


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@transaction.atomic
def _delete_archived(archive: AuditArchive, actor: Actor) -> None:
    with audit_triggers.disabled(connection), connection.cursor() as cursor:
        sealed = "SELECT entry_id FROM creation_auditseal WHERE seq <= %s"
        cursor.execute(f"DELETE FROM creation_auditentry WHERE id IN ({sealed})", [archive.last_seq])  # noqa: S608
        cursor.execute("DELETE FROM creation_auditseal WHERE seq <= %s", [archive.last_seq])
        archive.save(force_insert=True)
    count = archive.last_seq - archive.first_seq + 1
    audit_log.record(
        actor,
        "audit.archive",
        archive,
        detail=f"{count} 条，封印 {archive.first_seq}–{archive.last_seq}，{archive.sha256}",
    )
