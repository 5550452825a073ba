"""What the backups that can be found know of the audit trail: heads of the chain, and numbers of entries."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from creation.audit.audit_chain import head_file
from creation.audit.audit_chain.links import NotedHead
from creation.audit.audit_chain.verifying import ChainReport
from creation.lib.refusals import Refusal
from creation.models import AuditEntry
from creation.operations.backup import keys
from creation.operations.backup.create import complete_backups
from creation.operations.backup.manifest import Manifest


@dataclass
class EarlierTrail:
    """``heads`` and ``counts`` as ``verify_chain`` takes them. ``faults``: sentences about manifests that were altered."""

    compared: int = 0
    heads: list[NotedHead] = field(default_factory=list)
    counts: list[tuple[datetime, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    newest: list[tuple[Path, Manifest]] = field(default_factory=list)

    def faults_of_head_file(self, report: ChainReport) -> list[str]:
        """Return a sentence for each folder whose newest backup holds recorded heads that the file has lost."""
        return list(filter(None, (_lost_lines(path) for path, made in self.newest if report.counts(made.made_at))))


def read_earlier_trail(given: list[Path]) -> EarlierTrail:
    """Read the manifests of all backups in these folders, in BACKUP_DIR and in those where backups were made before."""
    found = EarlierTrail()
    folders = dict.fromkeys(each.resolve() for each in (*given, Path(settings.BACKUP_DIR), *head_file.backup_folders()))
    for folder in folders:
        with suppress(OSError):  # a disk that is not mounted
            _read_folder(folder, found)
    return found


def _read_folder(folder: Path, found: EarlierTrail) -> None:
    newest = None
    for path in complete_backups(folder):
        try:
            manifest = Manifest.read(path)
        except Refusal as refused:
            found.faults.append(refused.sentence)
            continue
        if manifest.prints.get("audit_key") != keys.fingerprints()["audit_key"]:
            continue  # of another installation
        if manifest.mac and not manifest.is_signed_with(settings.AUDIT_KEY):
            found.faults.append(f"备份 {path} 的清单被改动，没有与它比较。")
            continue
        newest = path, manifest
        found.compared += 1
        found.heads += _heads(path, manifest)
        found.counts.append((manifest.made_at, manifest.counts.get(AuditEntry._meta.db_table, 0)))
    found.newest += [newest] if newest else []


def _heads(path: Path, manifest: Manifest) -> Iterator[NotedHead]:
    if manifest.head_seq:
        yield NotedHead(manifest.head_seq, manifest.head_mac, f"备份 {path.name}", manifest.made_at)


def _lost_lines(path: Path) -> str:
    copy = path / "audit" / head_file.path().name
    lost = head_file.unrecorded_lines(copy) if copy.is_file() else []
    return f"{head_file.SOURCE} 缺少备份 {path} 中的 {len(lost)} 行：有人改动了它。" if lost else ""
