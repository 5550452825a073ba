"""Create a backup: a consistent copy of the database, the files that it refers to, the manifest; then rename the folder."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from creation.audit.audit_chain import head_file
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys
from creation.operations.backup.file_pool import LIST_NAME, DigestMismatch, FilePool, PoolEntry, read_list
from creation.operations.backup.manifest import MANIFEST, Manifest, ManifestFile

PARTIAL_PREFIX = ".making-"
PROGRESS_STEP = 500  # files between two lines of progress
Progress = Callable[[str], None]


class BackupBusy(Refusal):
    """Another process is writing a backup to the same folder."""


@dataclass(frozen=True, slots=True)
class BackupOptions:
    files: bool = True
    keys: bool = True
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class CreatedBackup:
    folder: Path
    manifest: Manifest


def create_backup(
    root: Path, now: datetime, options: BackupOptions, progress: Progress = lambda line: None
) -> CreatedBackup:
    """Create a backup below ``root``. Raises Refusal, and then leaves nothing that looks like a backup."""
    name = f"{options.prefix}{timezone.localtime(now):%Y%m%d-%H%M%S}"
    prepare(root)
    with translate_os_errors(root), exclusive_lock(root):
        made = CreatedBackup(root / name, _create(root, name, now, options, progress))
        head_file.remember_backup_folder(root)
        return made


@contextmanager
def translate_os_errors(root: Path) -> Iterator[None]:
    """Turn an OSError into a Refusal."""
    try:
        yield
    except OSError as error:
        raise Refusal(f"备份没有完成（{error.strerror or error}）：请检查 {root} 的空间和权限后重试。") from error


def prepare(root: Path) -> None:
    data = Path(settings.DATA_DIR).resolve()
    if root.resolve() == data or root.resolve().is_relative_to(data / "files"):
        raise Refusal(f"备份不能放在 {root}：请另选目录，最好在另一块磁盘上。")
    with translate_os_errors(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def exclusive_lock(root: Path) -> Iterator[None]:
    """Allow one backup at a time in a folder. The lock ends with the process, however it ends."""
    with (root / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupBusy(f"另一个备份正在写入 {root}：请等它结束后再试。") from None
        for partial in root.glob(f"{PARTIAL_PREFIX}*"):
            shutil.rmtree(partial, ignore_errors=True)
        yield


def _create(root: Path, name: str, now: datetime, options: BackupOptions, progress: Progress) -> Manifest:
    if (root / name).exists():
        raise Refusal(f"{root / name} 已经存在：请过一秒再试。")
    _require_space(root)
    folder = root / f"{PARTIAL_PREFIX}{name}"
    folder.mkdir(mode=0o700)
    try:
        manifest = _fill(folder, FilePool(root), now, options, progress)
        manifest.write(folder)
        for path in (*folder.rglob("*"), folder):
            disks.fsync_path(path)
        folder.rename(root / name)
        disks.fsync_path(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def _require_space(root: Path) -> None:
    size = databases.database_size()
    if shutil.disk_usage(root).free < size + settings.RESERVED_DISK:
        raise Refusal(f"{root} 所在磁盘空间不足（还需 {size // 2**20} MB 以上），没有备份：请清理磁盘或换一块磁盘。")


def _fill(folder: Path, pool: FilePool, now: datetime, options: BackupOptions, progress: Progress) -> Manifest:
    with databases.copy_database(folder) as copy:
        counts, migrations, (head_seq, head_mac) = copy.counts(), copy.migrations(), copy.head()
        _write_list(folder / LIST_NAME, copy.files() if options.files else ())
    progress(f"数据库已复制，{sum(counts.values())} 行。")
    _copy_heads(folder, head_seq)
    missing = _collect(folder, pool, progress) if options.files else []
    copied_keys = keys.copy_keys(folder / "keys") if options.keys else []
    kept = list(read_list(folder / LIST_NAME))
    parts = {path.relative_to(folder).as_posix(): ManifestFile.of(path) for path in folder.rglob("*") if path.is_file()}
    manifest = Manifest(
        made_at=now,
        vendor=connection.vendor,
        migrations=migrations,
        counts=counts,
        parts=parts,
        files=len(kept) if options.files else None,
        bytes=sum(each.size for each in kept),
        missing=missing,
        keys=copied_keys,
        prints=keys.fingerprints(),
        head_seq=head_seq,
        head_mac=head_mac,
    )
    return replace(manifest, mac=manifest.expected_mac(settings.AUDIT_KEY))


def _write_list(path: Path, files: Iterator[PoolEntry] | tuple[PoolEntry, ...]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(each.line() for each in files)


def _collect(folder: Path, pool: FilePool, progress: Progress) -> list[str]:
    """Add the listed files to the pool and keep these in the list. Return the locations of the missing ones."""
    requested, missing = folder / f"{LIST_NAME}.asked", list[str]()
    (folder / LIST_NAME).rename(requested)
    with (folder / LIST_NAME).open("w", encoding="utf-8") as lines:
        for number, each in enumerate((*_archives(), *read_list(requested)), 1):
            if _add_to_pool(each, pool):
                lines.write(pool.sized(each).line())
            else:
                missing.append(each.location)
            if number % PROGRESS_STEP == 0:
                progress(f"已核对 {number} 个文件 …")
    requested.unlink()
    return missing


def _archives() -> list[PoolEntry]:
    """Return the archives of the audit trail, which like blobs never change."""
    parts = {path.name: ManifestFile.of(path) for path in sorted(head_file.folder().glob("audit-*.gz"))}
    return [PoolEntry(part.sha256, part.size, f"audit/{name}") for name, part in parts.items()]


def _add_to_pool(each: PoolEntry, pool: FilePool) -> bool:
    if pool.has(each):
        return True
    kind, _, name = each.location.partition("/")
    with suppress(FileNotFoundError, DigestMismatch):
        with storage.open_blob(name) if kind == "files" else (head_file.folder() / name).open("rb") as source:
            pool.take(each, source)
        return True
    return False


def _copy_heads(folder: Path, last: int) -> None:
    """Copy the recorded heads, without those that were added after the database was copied."""
    if lines := head_file.lines_until(last):
        (folder / "audit").mkdir(mode=0o700)
        (folder / "audit" / head_file.path().name).write_text("".join(f"{line}\n" for line in lines), "ascii")


# Folders of backups


def complete_backups(root: Path) -> list[Path]:
    """Return the backups in this folder, oldest first, without unfinished ones."""
    if not root.is_dir():
        return []
    found = (path for path in root.iterdir() if not path.name.startswith(".") and (path / MANIFEST).is_file())
    return sorted(found, key=lambda path: path.name.removeprefix("auto-"))


def delete_backups(folders: list[Path]) -> None:
    for folder in folders:
        (folder / MANIFEST).unlink()  # first, so that a partly deleted folder is not taken for a backup
        shutil.rmtree(folder)


def prune_pool(root: Path) -> None:
    """Remove files that no backup lists."""
    named = {each.sha256 for folder in complete_backups(root) for each in read_list(folder / LIST_NAME)}
    for path in list(FilePool(root).all()):
        if path.name not in named:
            path.unlink()
