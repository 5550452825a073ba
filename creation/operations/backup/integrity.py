"""Verify a backup: every byte of it is read before anything is changed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys
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


@dataclass(frozen=True, slots=True)
class Trust:
    """How the operator vouches for a backup. ``key``: the audit key of its installation, kept elsewhere, or ""."""

    key: str = ""
    without_mac: bool = False
    keys_from_backup: bool = True


def check_backup(folder: Path, progress: Progress, trust: Trust | None = None) -> Manifest:
    """Verify the backup and return its manifest. Raises Refusal with every fault found."""
    manifest = Manifest.read(folder)
    _require_compatible(manifest)
    progress(_authenticate(folder, manifest, trust or Trust()))
    if faults := list(_faults(folder, manifest, progress)):
        more = f"\n…… 共 {len(faults)} 处" if len(faults) > MAX_FAULTS else ""
        lines = "\n".join(faults[:MAX_FAULTS])
        raise Refusal(f"备份 {folder.name} 已损坏，没有恢复任何内容：\n{lines}{more}\n请换一份备份。")
    if unlisted := unlisted_files(folder, manifest):
        progress(f"备份中有清单之外的文件，不会使用：{'、'.join(unlisted[:MAX_FAULTS])}。")
    return manifest


def unlisted_files(folder: Path, manifest: Manifest) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return sorted(shown(name) for name in found if name not in {MANIFEST, *manifest.parts})


def shown(name: str) -> str:
    """Return a file's name as it can be printed."""
    return name.encode(errors="backslashreplace").decode()[:80]


def _authenticate(folder: Path, manifest: Manifest, trust: Trust) -> str:
    """Check who made the manifest, and return a sentence that says how far this is known. Raises Refusal.

    The key of the installation decides: the one given by the operator, else the one in use here if the backup was made with it. On a
    new machine there may be only the one in the backup, which proves that nothing was damaged, but not who made it.
    """
    if not manifest.mac:
        if not trust.without_mac:
            raise Refusal(
                f"备份 {folder.name} 的清单没有校验码：它由 0.1.0 版生成，或校验码被人去掉。没有恢复任何内容："
                "确认来源可靠的，请加 --without-mac。"
            )
        return "清单没有校验码，不能证明备份没有被改动：按 --without-mac 继续。"
    if trust.key or keys.fingerprints()["audit_key"] == manifest.prints.get("audit_key"):
        if not manifest.is_signed_with(trust.key or settings.AUDIT_KEY):
            raise Refusal(
                f"备份 {folder.name} 的清单与密钥不符，没有恢复任何内容：清单被改动，或密钥不是备份时的。请换一份备份。"
            )
        return "清单的校验码与密钥相符。"
    return _authenticate_by_itself(folder, manifest, trust)


def _authenticate_by_itself(folder: Path, manifest: Manifest, trust: Trust) -> str:
    if "audit_key" not in manifest.keys:
        keys.require_matching_keys(manifest)
    if not trust.keys_from_backup:
        raise Refusal(
            "备份用的 audit_key 与本机的不同，没有恢复任何内容：请用 --audit-key 指出备份时的密钥文件；"
            "没有另存而确认来源可靠的，请加 --keys-from-backup。"
        )
    if not manifest.is_signed_with(keys.read_key(folder / "keys" / "audit_key")):
        raise Refusal(f"备份 {folder.name} 的清单与其中的密钥不符，没有恢复任何内容：清单被改动。请换一份备份。")
    return "清单的校验码与备份自带的密钥相符：备份没有损坏，是否被人整体替换看不出来。另存有 audit_key 的，请用 --audit-key 核对。"


def _require_compatible(manifest: Manifest) -> None:
    """Raise Refusal when this installation cannot restore the backup."""
    if manifest.vendor != connection.vendor:
        raise Refusal(f"备份来自 {manifest.vendor}，本机配置的是 {connection.vendor}：请改正 DATABASE_URL 后再试。")
    known = {f"{app}.{name}" for app, name in databases.known_migrations()}
    if unknown := [name for name in manifest.migrations if name not in known]:
        raise Refusal(f"备份由更新的程序生成（{unknown[0]}）：请先更新程序，再恢复。")


def _faults(folder: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    sound = True
    for fault in _faults_of_parts(folder, manifest):
        sound = False
        yield fault
    if sound:  # only what is as it was written is read
        path = folder / databases.FILE_NAMES[manifest.vendor]
        yield from databases.copy_faults(path, manifest.vendor, manifest.migrations, manifest.counts)
        yield from _faults_of_files(folder, manifest, progress)


def _faults_of_parts(folder: Path, manifest: Manifest) -> Iterator[str]:
    required = {databases.FILE_NAMES[manifest.vendor], LIST_NAME, *(f"keys/{name}" for name in manifest.keys)}
    yield from (f"清单中没有 {name}" for name in sorted(required - set(manifest.parts)))
    for name, part in manifest.parts.items():
        path = folder / name
        if not path.is_file():
            yield f"缺少 {name}"
        elif ManifestFile.of(path) != part:
            yield f"{name} 与清单不符"
        elif name.startswith("keys/") and not _is_named_key(path, manifest):
            yield f"{name} 不是清单所说的密钥"


def _is_named_key(path: Path, manifest: Manifest) -> bool:
    return path.name in manifest.keys and keys.fingerprint(keys.read_key(path)) == manifest.prints.get(path.name)


def _faults_of_files(folder: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    pool, number = FilePool(folder.parent), 0
    for number, each in enumerate(read_list(folder / LIST_NAME), 1):
        if not pool.has(each):
            yield f"缺少文件 {each.location}"
        elif not _is_intact(pool.path(each.sha256), each.sha256):
            yield f"文件 {each.location} 与清单不符"
        if number % PROGRESS_STEP == 0:
            progress(f"已核对 {number} 个文件 …")
    if number != (manifest.files or 0):
        yield f"清单应有 {manifest.files or 0} 个文件，{LIST_NAME} 中有 {number} 个"


def _is_intact(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
