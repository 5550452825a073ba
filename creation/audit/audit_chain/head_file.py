"""A daily record of the chain's head in a file beside the database, so that a removed end of the chain is detected."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from creation.audit.audit_chain.links import NotedHead, current_head


def folder() -> Path:
    """Return the folder of the recorded heads and the archives."""
    path = Path(settings.DATA_DIR) / "audit"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def path() -> Path:
    return folder() / "heads.txt"


def export_head(now: datetime) -> bool:
    """Append the day's line (time, number, mac), once a day. Return False if it exists already or nothing is sealed yet."""
    end, day = current_head(), timezone.localdate(now).isoformat()
    lines = path().read_text("ascii").splitlines() if path().exists() else []
    if not end.seq or (lines and lines[-1].startswith(day)):
        return False
    with path().open("a", encoding="ascii") as file:
        file.write(f"{timezone.localtime(now).isoformat(timespec='seconds')} {end.seq} {end.mac}\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def exported_heads() -> Iterator[NotedHead]:
    """Yield the heads in the file. Lines that cannot be read are skipped; the auditor can see them."""
    for line in path().read_text("ascii", errors="replace").splitlines() if path().exists() else []:
        with suppress(ValueError):
            yield NotedHead.parse("-".join(line.split()[1:]))
