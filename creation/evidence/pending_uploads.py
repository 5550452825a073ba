"""Uploads that were begun: found again by what the browser says of the file, listed, kept for three days after the last byte."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef

from creation.evidence import citing
from creation.lib import storage
from creation.models import Citation, Task, Upload, User

RETENTION = timedelta(hours=72)


@dataclass(frozen=True)
class FileDescription:
    """What a browser tells of a file: its name, the folder it was chosen in, its size, when it was changed (ms of the epoch).

    ``is_stamped_scan``: it is the scan of a stamped statement.
    """

    name: str
    size: int
    folder: str = ""
    changed: int | None = None
    is_stamped_scan: bool = False

    def fingerprint(self, task: Task, replaces: int | None) -> str:
        """The same file for the same purpose has the same mark; "" while nobody knows when it was changed."""
        if self.changed is None:
            return ""
        description = (self.name, self.folder, self.size, self.changed, self.is_stamped_scan, task.pk, replaces)
        return hashlib.sha256(repr(description).encode()).hexdigest()


@dataclass(frozen=True)
class PendingUpload:
    """An upload that waits for the rest of its file."""

    upload: Upload
    offset: int

    @property
    def expires_at(self) -> datetime:
        return expires_at(self.upload)

    @property
    def percent(self) -> int:
        return self.offset * 100 // max(1, self.upload.size)

    @property
    def is_open(self) -> bool:
        """The task still takes material."""
        return citing.accepts_changes(self.upload.task)


def expires_at(upload: Upload) -> datetime:
    """Three days after it was begun or its last byte came, whichever is later."""
    last_written = storage.part_modified_at(upload.token)
    last = datetime.fromtimestamp(last_written, UTC) if last_written else upload.started_at
    return max(upload.started_at, last) + RETENTION


def find_started(person: User, mark: str, now: datetime) -> Upload | None:
    """The upload of this very file: under way, or finished lately and still cited."""
    if not mark:
        return None
    cited = Citation.objects.counting().filter(task=OuterRef("task"), evidence=OuterRef("evidence"))
    same = Upload.objects.filter(person=person, mark=mark)
    finished = same.filter(finished_at__gte=now - RETENTION).filter(Exists(cited))
    return same.filter(finished_at=None).first() or finished.order_by("-finished_at").first()


def pending_of(user: User, task: Task | None = None) -> list[PendingUpload]:
    """One's own, of tasks one may still see, newest first."""
    unfinished = Upload.objects.filter(person=user, finished_at=None, task__in=Task.objects.visible_to(user))
    if task is not None:
        unfinished = unfinished.filter(task=task)
    joins = ("task__campaign", "task__unit", "task__indicator", "task__action")
    rows = unfinished.select_related(*joins).order_by("-started_at", "-pk")
    return [PendingUpload(upload, storage.part_size(upload.token)) for upload in rows]
