"""One backup: a consistent database, then the files that it lists, then the manifest, then its name."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from creation.audit.sealing import heads
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys
from creation.operations.backup.manifest import MANIFEST, Manifest, Part
from creation.operations.backup.pool import LIST, Altered, Listed, Pool, listed

MAKING = ".making-"
RESERVE = 500 * 2**20  # bytes that a backup leaves free: the house may live on the same disk
TOLD = 500  # files between two lines of progress
Say = Callable[[str], None]


class Busy(Refusal):
    """Another backup is being written to the same folder."""


@dataclass(frozen=True, slots=True)
class Wanted:
    files: bool = True
    keys: bool = True
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    folder: Path
    manifest: Manifest


def make(root: Path, now: datetime, wanted: Wanted, say: Say = lambda line: None) -> Made:
    """Raises Refusal; then nothing that looks like a backup is left behind."""
    name = f"{wanted.prefix}{timezone.localtime(now):%Y%m%d-%H%M%S}"
    prepare(root)
    with saying(root), alone(root):
        return Made(root / name, _make(root, name, now, wanted, say))


@contextmanager
def saying(root: Path) -> Iterator[None]:
    """Turns the system's word into Refusal."""
    try:
        yield
    except OSError as error:
        raise Refusal(f"备份没有完成（{error.strerror or error}）：请检查 {root} 的空间和权限后重试。") from error


def prepare(root: Path) -> None:
    data = Path(settings.DATA_DIR).resolve()
    if root.resolve() == data or root.resolve().is_relative_to(data / "files"):
        raise Refusal(f"备份不能放在 {root}：请另选目录，最好在另一块磁盘上。")
    with saying(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One at a time in a folder; the lock goes with the process, however it ends."""
    with (root / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"另一个备份正在写入 {root}：请等它结束后再试。") from None
        for left in root.glob(f"{MAKING}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _make(root: Path, name: str, now: datetime, wanted: Wanted, say: Say) -> Manifest:
    if (root / name).exists():
        raise Refusal(f"{root / name} 已经存在：请过一秒再试。")
    _require_room(root)
    folder = root / f"{MAKING}{name}"
    folder.mkdir(mode=0o700)
    try:
        manifest = _fill(folder, Pool(root), now, wanted, say)
        manifest.write(folder)
        for path in (*folder.rglob("*"), folder):
            disks.sync(path)
        folder.rename(root / name)
        disks.sync(root)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def _require_room(root: Path) -> None:
    size = databases.size()
    if shutil.disk_usage(root).free < size + RESERVE:
        raise Refusal(f"{root} 所在磁盘空间不足（还需 {size // 2**20} MB 以上），没有备份：请清理磁盘或换一块磁盘。")


def _fill(folder: Path, pool: Pool, now: datetime, wanted: Wanted, say: Say) -> Manifest:
    with databases.copied(folder) as copy:
        counts, migrations = copy.counts(), copy.migrations()
        _write_list(folder / LIST, copy.files() if wanted.files else ())
    say(f"数据库已复制，{sum(counts.values())} 行。")
    _copy_heads(folder)
    missing = _collect(folder, pool, say) if wanted.files else []
    given = keys.copy(folder / "keys") if wanted.keys else []
    kept = list(listed(folder / LIST))
    parts = {path.relative_to(folder).as_posix(): Part.of(path) for path in folder.rglob("*") if path.is_file()}
    return Manifest(
        made_at=now,
        vendor=connection.vendor,
        migrations=migrations,
        counts=counts,
        parts=parts,
        files=len(kept) if wanted.files else None,
        bytes=sum(each.size for each in kept),
        missing=missing,
        keys=given,
        prints=keys.prints(),
    )


def _write_list(path: Path, files: Iterator[Listed] | tuple[Listed, ...]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(each.line() for each in files)


def _collect(folder: Path, pool: Pool, say: Say) -> list[str]:
    """Bring what the list names into the pool; the list keeps what is there, the rest is given back."""
    asked, missing = folder / f"{LIST}.asked", list[str]()
    (folder / LIST).rename(asked)
    with (folder / LIST).open("w", encoding="utf-8") as lines:
        for number, each in enumerate((*_archives(), *listed(asked)), 1):
            if _brought(each, pool):
                lines.write(pool.sized(each).line())
            else:
                missing.append(each.place)
            if number % TOLD == 0:
                say(f"已核对 {number} 个文件 …")
    asked.unlink()
    return missing


def _archives() -> list[Listed]:
    """Archives of the audit trail never change, as blobs do not."""
    parts = {path.name: Part.of(path) for path in sorted(heads.folder().glob("audit-*.gz"))}
    return [Listed(part.sha256, part.size, f"audit/{name}") for name, part in parts.items()]


def _brought(each: Listed, pool: Pool) -> bool:
    if pool.has(each):
        return True
    kind, _, name = each.place.partition("/")
    with suppress(FileNotFoundError, Altered):
        with storage.open_blob(name) if kind == "files" else (heads.folder() / name).open("rb") as source:
            pool.take(each, source)
        return True
    return False


def _copy_heads(folder: Path) -> None:
    if heads.path().exists():
        (folder / "audit").mkdir(mode=0o700)
        shutil.copyfile(heads.path(), folder / "audit" / heads.path().name)


# What lies in a folder of backups


def whole(root: Path) -> list[Path]:
    """The backups in this folder, oldest first; what was interrupted is none."""
    if not root.is_dir():
        return []
    found = (path for path in root.iterdir() if not path.name.startswith(".") and (path / MANIFEST).is_file())
    return sorted(found, key=lambda path: path.name.removeprefix("auto-"))


def drop(folders: list[Path]) -> None:
    for folder in folders:
        (folder / MANIFEST).unlink()  # first of all, so that what is half removed is no backup
        shutil.rmtree(folder)


def prune(root: Path) -> None:
    """Remove files that no backup lists."""
    named = {each.sha256 for folder in whole(root) for each in listed(folder / LIST)}
    for path in list(Pool(root).all()):
        if path.name not in named:
            path.unlink()
