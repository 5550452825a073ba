"""An hourly record of the chain's head in a file beside the database, so that a removed end of the chain is detected."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from creation.audit.audit_chain.links import NotedHead, archived_head, current_head
from creation.models import AuditSeal

SOURCE = "链头文件 heads.txt"
BACKUP_FOLDERS, MAX_BACKUP_FOLDERS = "backups.txt", 100


def folder() -> Path:
    """Return the folder of the recorded heads and the archives."""
    path = Path(settings.DATA_DIR) / "audit"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def path() -> Path:
    return folder() / "heads.txt"


def export_head(now: datetime) -> bool:
    """Append a line (time, number, mac), once an hour. Return False if the hour has one or nothing was sealed since the last line.

    Called each minute: an hour in which the application did not run has its line as soon as it runs again.
    """
    end, (moment, seq) = current_head(), _last_record()
    if not end.seq or seq == end.seq or moment.startswith(_hour(now)):
        return False
    with path().open("a", encoding="ascii") as file:
        file.write(f"{_line_end()}{timezone.localtime(now).isoformat(timespec='seconds')} {end.seq} {end.mac}\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def _hour(now: datetime) -> str:
    return f"{timezone.localtime(now):%Y-%m-%dT%H:}"


def _last_record() -> tuple[str, int]:
    """Return time and number of the last line that can be read; blank lines and half a line may follow it."""
    heads = ((line.split()[0], head.seq) for line in reversed(_lines()) if (head := _parse(line)))
    return next(heads, ("", 0))


def _line_end() -> str:
    """Return what ends the last line, if it was cut off when the power failed."""
    content = path().read_bytes() if path().exists() else b""
    return "\n" if content and not content.endswith(b"\n") else ""


def lines_until(last: int) -> list[str]:
    """Return the lines of the file up to the head of this number."""
    return [line for line in _lines() if (head := _parse(line)) and head.seq <= last]


def _lines() -> list[str]:
    return path().read_text("ascii", errors="replace").splitlines() if path().exists() else []


def exported_heads() -> Iterator[NotedHead]:
    """Yield the heads in the file. Lines that cannot be read are skipped; the auditor can see them."""
    yield from filter(None, map(_parse, _lines()))


def _parse(line: str) -> NotedHead | None:
    with suppress(ValueError):
        return replace(NotedHead.parse("-".join(line.split()[1:])), source=SOURCE)
    return None


def lost_head() -> NotedHead | None:
    """Return the last recorded head if the chain does not contain it."""
    last = next(filter(None, map(_parse, reversed(_lines()))), None)
    if last is None or last.seq <= archived_head().seq:
        return None
    seal = AuditSeal.objects.filter(seq=last.seq).first()
    return None if seal and last.matches(seal.mac) else last


def unrecorded_lines(copy: Path) -> list[str]:
    """Return the lines of a copy of the file that the file lacks. Lines are only ever added."""
    return sorted(set(copy.read_text("ascii", errors="replace").splitlines()) - set(_lines()))


# Where the heads are too


def remember_backup_folder(root: Path) -> None:
    """Note where backups are, so that ``manage.py verify`` finds them and the heads in them."""
    known = backup_folders()
    if root.resolve() not in known and len(known) < MAX_BACKUP_FOLDERS:
        with (folder() / BACKUP_FOLDERS).open("a", encoding="utf-8") as file:
            file.write(f"{root.resolve()}\n")


def backup_folders() -> list[Path]:
    path = folder() / BACKUP_FOLDERS
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    return [Path(line) for line in lines if line.startswith("/")]
