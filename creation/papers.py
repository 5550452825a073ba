"""用印文件: a paper for the stamp gets a number and a check code, its file is kept, and the scan of the stamped copy comes to it."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from creation import attaching, filenames, storage, trail
from creation.models import Campaign, Paper, PaperKind, PaperScan, Unit
from creation.trail import Actor

SCANS = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})


class CannotIssue(Exception):
    """It cannot be done; the argument is the sentence to show."""


def digest_of(contents: Iterable[str]) -> str:
    """SHA-256 over the texts of a paper, in order."""
    digest = hashlib.sha256()
    for text in contents:
        digest.update(text.encode() + b"\x1f")
    return digest.hexdigest()


def number(campaign: Campaign, kind: PaperKind, title: str, unit: Unit, digest: str, actor: Actor) -> Paper:
    """A paper's number and check code, to be printed on it. It counts as issued when ``issue`` has its file; numbers may have gaps."""
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)  # the lock of its numbers
        last = Paper.objects.filter(campaign=campaign).aggregate(last=Max("serial"))["last"] or 0
        return Paper.objects.create(
            campaign=campaign,
            kind=kind,
            serial=last + 1,
            title=title[:200],
            unit=unit,
            digest=digest,
            by=actor.human,
            at=actor.at,
        )


def issue(paper: Paper, path: Path, name: str, media_type: str, actor: Actor) -> None:
    """Keep a copy of the finished file with the paper."""
    handle, aside = tempfile.mkstemp(dir=settings.INCOMING_ROOT)
    with storage.saying_full(), open(handle, "wb") as target, path.open("rb") as source:
        shutil.copyfileobj(source, target)
        source.seek(0)
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    key = storage.keep(Path(aside))
    try:
        with transaction.atomic():
            values: dict[str, Any] = {"blob": key, "name": filenames.clean(name), "media_type": media_type}
            values |= {"size": path.stat().st_size, "sha256": sha256}
            Paper.objects.filter(pk=paper.pk).update(**values)
            trail.audit(actor, "paper.issue", paper, detail=f"{paper.note}；{name}")
    except BaseException:
        storage.delete_blob(key)
        raise


def add_scan(paper: Paper, file: "UploadedFile[Any]", actor: Actor) -> None:
    """The scan of the stamped copy: a PDF or a picture. Raises CannotIssue, attaching.AttachmentRefused."""
    with attaching.received([file]) as kept:
        row = kept[0]
        if row.media_type not in SCANS:
            raise CannotIssue(f"“{row.name}”不是扫描件：请上传 PDF 或图片（jpg、png、webp）。")
        with transaction.atomic():
            if Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk).voided_at:
                raise CannotIssue(f"{paper.number} 已作废，不能再上传扫描件。")
            values = {"blob": row.blob, "name": row.name, "media_type": row.media_type, "sha256": row.sha256}
            PaperScan.objects.create(paper=paper, size=row.size, by=actor.human, at=actor.at, **values)
            trail.audit(actor, "paper.scan", paper, detail=f"{row.name}，sha256 {row.sha256}")


def void(paper: Paper, reason: str, actor: Actor) -> None:
    """Declare a paper void that is not to be stamped; it stays on record. Raises CannotIssue."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise CannotIssue("请写明作废原因。")
    with transaction.atomic():
        open_rows = Paper.objects.filter(pk=paper.pk, voided_at=None, scans=None)
        if not open_rows.update(voided_at=actor.at, voided_by=actor.human, void_reason=reason):
            raise CannotIssue(f"{paper.number} 已作废，或已有盖章扫描件，不能作废。")
        trail.audit(actor, "paper.void", paper, detail=reason)
