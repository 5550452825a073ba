"""Scans files for viruses. Does nothing if CLAMAV is not set.

If the scanner does not respond during an upload, the file is stored, numbered and cited, but it cannot be opened, submitted or
exported until it was scanned.
"""

import logging
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import F

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import clamav, storage
from creation.lib.filetypes import FileRefused, FileType, Reason
from creation.models import Citation, Evidence, EvidenceVersion, NoticeKind, Scan, ScanState, Task, Unit, Urgency
from creation.people import notifications, recipients

UPLOAD_TIMEOUT, BACKGROUND_TIMEOUT = 5.0, 120.0  # seconds; during an upload somebody is waiting
INFECTED_TEXT = "“{name}”查出病毒（{found}），没有保存。请先给电脑查毒，换一份干净的文件再上传。"
NOT_SCANNED_TEXT = "“{name}”还没有查毒：查毒服务暂时没有应答，附件没有保存。请过几分钟再试，或请系统管理员检查。"
REMOVED_TEXT = "“{title}”查出病毒（{found}），文件已清除，不能再打开和引用。请先给电脑查毒，再上传一份干净的文件。"
ADMINISTRATOR_TEXT = "{unit} {person} 上传的“{title}”查出病毒（{found}），文件已清除。请提醒其检查电脑。"

logger = logging.getLogger(__name__)


# During the upload


def needs_quarantine(path: Path, name: str, found: FileType, unit: Unit, actor: Actor) -> bool:
    """Return whether the file must be quarantined. Raises FileRefused if it contains a virus.

    Videos are not scanned: they can exceed the scanner's limit, and their structure has been checked already.
    """
    virus = _virus_in(path, found)
    if virus:
        _notify_administrators(unit, name, virus, f"upload/{actor.human.pk}", actor)
        raise FileRefused(Reason.INFECTED, INFECTED_TEXT.format(name=name, found=virus))
    return virus is None


def require_clean(path: Path, name: str, found: FileType) -> None:
    """Raise FileRefused unless the scanner passes the file. For files that many people open at once and that cannot wait."""
    virus = _virus_in(path, found)
    if virus is None:
        raise FileRefused(Reason.INFECTED, NOT_SCANNED_TEXT.format(name=name))
    if virus:
        raise FileRefused(Reason.INFECTED, INFECTED_TEXT.format(name=name, found=virus))


def _virus_in(path: Path, found: FileType) -> str | None:
    """Return the virus's name, "" for a clean file, None if the scanner does not respond."""
    if not settings.CLAMAV or found.kind == "video":
        return ""
    try:
        with path.open("rb") as file:
            return clamav.scan(file, settings.CLAMAV, UPLOAD_TIMEOUT)
    except clamav.ScannerUnavailable as error:
        logger.warning("The virus scanner does not answer: %s", error)
        return None


def quarantine_newest(evidence: Evidence, actor: Actor) -> Scan:
    """Quarantine the newest version of a piece. Call it in the transaction that creates the version."""
    version = evidence.versions.order_by("-number")[0]
    return Scan.objects.create(version=version, held_at=actor.at)


def awaiting_scan(citations: list[Citation]) -> list[Evidence]:
    """Return the cited pieces that still wait for the scanner."""
    if not settings.CLAMAV:
        return []
    keys = [citation.evidence_id for citation in citations]
    return list(Evidence.objects.filter(pk__in=keys, versions__scan__state=ScanState.WAITING).distinct())


# Scheduled


def scan_waiting(actor: Actor) -> int:
    """Scan waiting files, oldest first, until the scanner fails to respond. Return the number of results."""
    if not settings.CLAMAV:
        return 0
    finished = 0
    for scan in Scan.objects.waiting().select_related("version__evidence__unit", "version__created_by"):
        try:
            found = _scan(scan.version)
        except (clamav.ScannerUnavailable, FileNotFoundError) as error:
            logger.warning("%s stays in quarantine: %s", scan.version, error)
            Scan.objects.filter(pk=scan.pk).update(tries=F("tries") + 1)
            if isinstance(error, clamav.FileTooLarge | FileNotFoundError):
                continue
            break
        finished += _remove_infected(scan, found, actor) if found else _record_clean(scan, actor)
    return finished


def _scan(version: EvidenceVersion) -> str:
    file: BinaryIO
    with storage.open_blob(version.blob) as file:
        return clamav.scan(file, settings.CLAMAV, BACKGROUND_TIMEOUT)


def _record_clean(scan: Scan, actor: Actor) -> int:
    return _record_result(scan, actor, state=ScanState.CLEAN)


def _record_result(scan: Scan, actor: Actor, **values: str) -> int:
    """Record the result once, even if two workers scanned the same file."""
    return Scan.objects.waiting().filter(pk=scan.pk).update(scanned_at=actor.at, **values)


def _remove_infected(scan: Scan, found: str, actor: Actor) -> int:
    """Delete the infected content, and the piece with a reason, and notify the people concerned.

    If an earlier version exists, only the infected version is deleted.
    """
    version, evidence = scan.version, scan.version.evidence
    with transaction.atomic():
        if not _record_result(scan, actor, state=ScanState.INFECTED, found=found[:200]):
            return 0
        _notify(version, found, actor)
        audit_log.record(
            actor, "evidence.infected", evidence, detail=f"第 {version.number} 版 {version.sha256}：{found}"
        )
        if version.number > 1:
            version.delete()
            Evidence.objects.filter(pk=evidence.pk).bump()
        else:
            reason = f"查出病毒：{found}"[:200]
            Evidence.objects.filter(pk=evidence.pk).bump(deleted_at=actor.at, delete_reason=reason)
        transaction.on_commit(lambda: storage.delete_blob(version.blob))
    return 1


def _notify(version: EvidenceVersion, found: str, actor: Actor) -> None:
    evidence = version.evidence
    subject, dedup_key = f"evidence/{evidence.pk}", f"v{version.number}/virus"
    task = Task.objects.filter(citations__evidence=evidence, citations__removed_at=None).first()
    text = REMOVED_TEXT.format(title=evidence.title, found=found)
    notifications.notify(
        version.created_by,
        NoticeKind.VIRUS,
        text,
        actor,
        subject=subject,
        dedup_key=dedup_key,
        task=task,
        evidence=evidence,
        urgency=Urgency.AT_ONCE,
    )
    _notify_administrators(evidence.unit, evidence.title, found, subject, actor, version)


def _notify_administrators(
    unit: Unit, title: str, found: str, subject: str, actor: Actor, version: EvidenceVersion | None = None
) -> None:
    person = version.created_by if version else actor.human
    text = ADMINISTRATOR_TEXT.format(unit=unit, person=person.name, title=title, found=found)
    dedup_key = f"v{version.number}/virus/told" if version else actor.at.isoformat(timespec="seconds")
    for administrator in recipients.administrators(unit.district_id, actor):
        notifications.notify(
            administrator,
            NoticeKind.VIRUS,
            text,
            actor,
            subject=subject,
            dedup_key=dedup_key,
            evidence=version.evidence if version else None,
            urgency=Urgency.AT_ONCE,
        )
