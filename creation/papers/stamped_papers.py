"""用印文件: a paper to be stamped gets a number and a check code, its file is stored, and later the scan of the stamped copy."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import attachments
from creation.lib import filenames, storage
from creation.lib.refusals import Refusal
from creation.models import Campaign, Commendation, Paper, PaperKind, PaperScan, Task, Unit
from creation.models.paper import PaperQuerySet

SCAN_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A paper to be printed and stamped. ``contents``: its texts in order; ``task``: the task a statement is about; ``commendation``: what
    it decides; ``is_whole``: it covers more than the unit's own tasks; ``evidence``: keys of the pieces that it names."""

    campaign: Campaign
    kind: PaperKind
    title: str
    unit: Unit
    contents: Iterable[str]
    task: Task | None = None
    is_whole: bool = False
    evidence: frozenset[int] = frozenset()
    commendation: Commendation | None = None


def digest_of(contents: Iterable[str]) -> str:
    """Return the SHA-256 over the texts of a paper, in order."""
    digest = hashlib.sha256()
    for text in contents:
        digest.update(text.encode() + b"\x1f")
    return digest.hexdigest()


def host_of(campaign: Campaign) -> Unit:
    """Return the unit whose seal is used for the office's own papers."""
    return campaign.host or Unit.objects.filter(district=campaign.district_id).order_by("order")[0]


def permission_target(campaign: Campaign, unit: Unit) -> Paper:
    """Return an unsaved Paper of the unit, for permission checks that need an object."""
    return Paper(campaign=campaign, unit=unit)


def assign_number(draft: PaperDraft, actor: Actor) -> Paper:
    """Return the paper with its number and check code. The same contents keep their number until the paper is declared void.

    A paper counts as issued when its file is stored (``issue_paper``); numbers may have gaps. Raises Refusal when the commendation has
    another decision in force.
    """
    campaign, digest = draft.campaign, digest_of(draft.contents)
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)  # serializes the numbers
        papers = Paper.objects.filter(campaign=campaign)
        same = papers.active().filter(kind=draft.kind, unit=draft.unit, digest=digest).first()
        if same:
            return same
        if draft.commendation:
            _require_only(papers.active().exclude(blob="").filter(commendation=draft.commendation))
        last = papers.aggregate(last=Max("serial"))["last"] or 0
        return Paper.objects.create(
            campaign=campaign,
            kind=draft.kind,
            serial=last + 1,
            title=draft.title[:200],
            unit=draft.unit,
            task=draft.task,
            commendation=draft.commendation,
            is_whole=draft.is_whole,
            digest=digest,
            evidence=sorted(draft.evidence),
            created_by=actor.human,
            created_at=actor.at,
        )


def _require_only(issued: PaperQuerySet) -> None:
    """Raise Refusal when the commendation has a decision in force: two numbers for one decision would be taken for two."""
    if earlier := issued.select_related("campaign").first():
        raise Refusal(
            f"这次评选已有编号的决定 {earlier.number}，内容或模板后来改过。要重新编号，请先到“用印文件”把它作废。"
        )


def issue_paper(draft: PaperDraft, write: Callable[[Paper], Path], name: str, media_type: str, actor: Actor) -> Paper:
    """Return the paper with its file stored. ``write`` makes the file from number and code. It is not called when the same contents were
    issued before: then ``copy_file`` returns the earlier file."""
    paper = assign_number(draft, actor)
    if not paper.blob:
        _store_file(paper, write(paper), name, media_type, actor)
        paper.refresh_from_db()
    return paper


def store_copy(path: Path) -> tuple[str, str]:
    """Store a copy of a finished file; return its key and its SHA-256."""
    handle, temporary = tempfile.mkstemp(dir=settings.INCOMING_ROOT)
    with storage.translate_disk_full(), open(handle, "wb") as target, path.open("rb") as source:
        shutil.copyfileobj(source, target)
        source.seek(0)
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    return storage.save_blob(Path(temporary)), sha256


def _store_file(paper: Paper, path: Path, name: str, media_type: str, actor: Actor) -> None:
    """Store a copy of the finished file with the paper, unless another request was faster."""
    key, sha256 = store_copy(path)
    kept = False
    try:
        with transaction.atomic():
            values: dict[str, Any] = {"blob": key, "name": filenames.clean(name), "media_type": media_type}
            values |= {"size": path.stat().st_size, "sha256": sha256}
            won = bool(Paper.objects.filter(pk=paper.pk, blob="").update(**values))
            if won:
                audit_log.record(actor, "paper.issue", paper, detail=f"{paper.note}；{name}")
        kept = won
    finally:
        if not kept:
            storage.delete_blob(key)


def copy_file(paper: Paper, path: Path) -> Path:
    """Copy the file as it was issued to ``path``. Raises Refusal when it is missing."""
    try:
        with storage.translate_disk_full(), storage.open_blob(paper.blob) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    except FileNotFoundError:
        sentence = (
            f"相同内容已编为 {paper.number}，但它的原文件缺失。请联系系统管理员，或在“用印文件”中作废后重新生成。"
        )
        raise Refusal(sentence) from None
    return path


def add_scan(paper: Paper, file: "UploadedFile[Any]", actor: Actor) -> None:
    """Store the scan of the stamped copy, a PDF or an image. Raises Refusal."""
    with attachments.stored_attachments([file]) as kept:
        row = kept[0]
        if row.media_type not in SCAN_TYPES:
            raise Refusal(f"“{row.name}”不是扫描件：请上传 PDF 或图片（jpg、png、webp）。")
        with transaction.atomic():
            if Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk).voided_at:
                raise Refusal(f"{paper.number} 已作废，不能再上传扫描件。")
            values = {"blob": row.blob, "name": row.name, "media_type": row.media_type, "sha256": row.sha256}
            PaperScan.objects.create(paper=paper, size=row.size, created_by=actor.human, created_at=actor.at, **values)
            audit_log.record(actor, "paper.scan", paper, detail=f"{row.name}，sha256 {row.sha256}")


def void_paper(paper: Paper, reason: str, actor: Actor) -> None:
    """Declare void a paper that will not be stamped; it stays on record. Raises Refusal."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refusal("请写明作废原因。")
    with transaction.atomic():
        open_rows = Paper.objects.filter(pk=paper.pk, voided_at=None, scans=None)
        if not open_rows.update(voided_at=actor.at, voided_by=actor.human, void_reason=reason):
            raise Refusal(f"{paper.number} 已作废，或已有盖章扫描件，不能作废。")
        audit_log.record(actor, "paper.void", paper, detail=reason)
