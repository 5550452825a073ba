"""The head of the chain as it stood day after day, in a file beside the database: whoever cuts the chain's end must find it too."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from creation.audit.audit_chain.links import NotedHead, current_head


def folder() -> Path:
    """Where what belongs to the trail lies: the heads and the archives."""
    path = Path(settings.DATA_DIR) / "audit"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def path() -> Path:
    return folder() / "heads.txt"


def export_head(now: datetime) -> bool:
    """Append the day's line (time, number, mac), once a day; False when it stands there already or nothing is sealed yet."""
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
    """What the file says; a line that cannot be read is left to the eye of the auditor."""
    for line in path().read_text("ascii", errors="replace").splitlines() if path().exists() else []:
        with suppress(ValueError):
            yield NotedHead.parse("-".join(line.split()[1:]))
