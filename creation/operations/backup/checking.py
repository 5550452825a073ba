"""Is a backup whole? Every byte of it is read before anything is touched."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from creation.lib.refusals import Refusal
from creation.operations.backup.making import Say, whole
from creation.operations.backup.manifest import MANIFEST, Manifest, Part
from creation.operations.backup.pool import LIST, Pool, listed

TOLD = 500
SHOWN = 20


def find(given: Path, name: str = "") -> Path:
    """The backup in this folder of backups: the named one, or the newest; or the folder itself. Raises Refusal."""
    if (given / MANIFEST).is_file():
        return given
    there = {path.name: path for path in whole(given)}
    if name and name not in there:
        raise Refusal(f"{given} 中没有名为 {name} 的完整备份，现有：{'、'.join(there) or '无'}。")
    if not there:
        raise Refusal(f"{given} 中没有完整的备份：请检查目录；以 .making- 开头的是中断的备份，不能用。")
    return there[name] if name else list(there.values())[-1]


def check(folder: Path, say: Say) -> Manifest:
    """Raises Refusal with every fault that was found."""
    manifest = Manifest.read(folder)
    _fits(manifest)
    if faults := list(_faults(folder, manifest, say)):
        more = f"\n…… 共 {len(faults)} 处" if len(faults) > SHOWN else ""
        said = "\n".join(faults[:SHOWN])
        raise Refusal(f"备份 {folder.name} 已损坏，没有恢复任何内容：\n{said}{more}\n请换一份备份。")
    return manifest


def _fits(manifest: Manifest) -> None:
    """Can this installation take it at all?"""
    if manifest.vendor != connection.vendor:
        raise Refusal(f"备份来自 {manifest.vendor}，本机配置的是 {connection.vendor}：请改正 DATABASE_URL 后再试。")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise Refusal(f"备份由更新的程序生成（{unknown[0]}）：请先更新程序，再恢复。")


def _faults(folder: Path, manifest: Manifest, say: Say) -> Iterator[str]:
    for name, part in manifest.parts.items():
        path = folder / name
        if not path.is_file():
            yield f"缺少 {name}"
        elif Part.of(path) != part:
            yield f"{name} 与清单不符"
    if (folder / LIST).is_file():
        yield from _faults_of_files(folder, say)


def _faults_of_files(folder: Path, say: Say) -> Iterator[str]:
    pool = Pool(folder.parent)
    for number, each in enumerate(listed(folder / LIST), 1):
        if not pool.has(each):
            yield f"缺少文件 {each.place}"
        elif not _sound(pool.path(each.sha256), each.sha256):
            yield f"文件 {each.place} 与清单不符"
        if number % TOLD == 0:
            say(f"已核对 {number} 个文件 …")


def _sound(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
