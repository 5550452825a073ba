"""Verify a backup: every byte of it is read before anything is changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from creation.lib.refusals import Refusal
from creation.operations.backup.create import Progress, complete_backups
from creation.operations.backup.file_pool import LIST_NAME, FilePool, read_list
from creation.operations.backup.manifest import MANIFEST, Manifest, ManifestFile

PROGRESS_STEP = 500
MAX_FAULTS = 20


def find_backup(given: Path, name: str = "") -> Path:
    """Return the backup of this name in the folder, or the newest, or the folder itself if it is a backup. Raises Refusal."""
    if (given / MANIFEST).is_file():
        return given
    backups = {path.name: path for path in complete_backups(given)}
    if name and name not in backups:
        raise Refusal(f"{given} 中没有名为 {name} 的完整备份，现有：{'、'.join(backups) or '无'}。")
    if not backups:
        raise Refusal(f"{given} 中没有完整的备份：请检查目录；以 .making- 开头的是中断的备份，不能用。")
    return backups[name] if name else list(backups.values())[-1]


def check_backup(folder: Path, progress: Progress) -> Manifest:
    """Verify the backup and return its manifest. Raises Refusal with every fault found."""
    manifest = Manifest.read(folder)
    _require_compatible(manifest)
    if faults := list(_faults(folder, manifest, progress)):
        more = f"\n…… 共 {len(faults)} 处" if len(faults) > MAX_FAULTS else ""
        lines = "\n".join(faults[:MAX_FAULTS])
        raise Refusal(f"备份 {folder.name} 已损坏，没有恢复任何内容：\n{lines}{more}\n请换一份备份。")
    return manifest


def _require_compatible(manifest: Manifest) -> None:
    """Raise Refusal when this installation cannot restore the backup."""
    if manifest.vendor != connection.vendor:
        raise Refusal(f"备份来自 {manifest.vendor}，本机配置的是 {connection.vendor}：请改正 DATABASE_URL 后再试。")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise Refusal(f"备份由更新的程序生成（{unknown[0]}）：请先更新程序，再恢复。")


def _faults(folder: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    for name, part in manifest.parts.items():
        path = folder / name
        if not path.is_file():
            yield f"缺少 {name}"
        elif ManifestFile.of(path) != part:
            yield f"{name} 与清单不符"
    if (folder / LIST_NAME).is_file():
        yield from _faults_of_files(folder, progress)


def _faults_of_files(folder: Path, progress: Progress) -> Iterator[str]:
    pool = FilePool(folder.parent)
    for number, each in enumerate(read_list(folder / LIST_NAME), 1):
        if not pool.has(each):
            yield f"缺少文件 {each.location}"
        elif not _is_intact(pool.path(each.sha256), each.sha256):
            yield f"文件 {each.location} 与清单不符"
        if number % PROGRESS_STEP == 0:
            progress(f"已核对 {number} 个文件 …")


def _is_intact(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
