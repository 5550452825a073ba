"""Unfinished uploads: recognised by the browser's description of the file, listed, and kept for three days after the last byte."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from creation.evidence import citing
from creation.lib import storage
from creation.lib.prepared import prepared
from creation.models import Citation, Task, Upload, User

RETENTION = timedelta(hours=72)


@dataclass(frozen=True)
class FileDescription:
    """The browser's description of a file: name, folder, size, time of change (milliseconds since the epoch).

    ``is_stamped_scan`` means that it is the scan of a stamped statement.
    """

    name: str
    size: int
    folder: str = ""
    changed: int | None = None
    is_stamped_scan: bool = False

    def fingerprint(self, task: Task, replaces: int | None) -> str:
        """Return a digest that is the same for the same file and purpose; "" if the time of change is unknown."""
        if self.changed is None:
            return ""
        description = (self.name, self.folder, self.size, self.changed, self.is_stamped_scan, task.pk, replaces)
        return hashlib.sha256(repr(description).encode()).hexdigest()


@dataclass(frozen=True)
class PendingUpload:
    """An upload that is not finished."""

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
        """Whether the task still accepts evidence."""
        return citing.accepts_changes(self.upload.task)


def expires_at(upload: Upload) -> datetime:
    """Return the time three days after the start or the last byte, whichever is later."""
    last_written = storage.part_modified_at(upload.token)
    last = datetime.fromtimestamp(last_written, UTC) if last_written else upload.started_at
    return max(upload.started_at, last) + RETENTION


def find_started(person: User, mark: str, now: datetime) -> Upload | None:
    """Return the upload of this file: unfinished, or finished recently and still cited."""
    if not mark:
        return None
    cited = Citation.objects.counting().filter(task=OuterRef("task"), evidence=OuterRef("evidence"))
    same = Upload.objects.filter(person=person, mark=mark)
    finished = same.filter(finished_at__gte=now - RETENTION).filter(Exists(cited))
    return same.filter(finished_at=None).first() or finished.order_by("-finished_at").first()


def pending_of(user: User) -> list[PendingUpload]:
    """Return the person's own uploads for tasks that are still visible, newest first."""
    unfinished = Upload.objects.filter(person=user, finished_at=None, task__in=Task.objects.visible_to(user))
    of_task = ("task__campaign", "task__unit", "task__indicator", "task__action", "task__finding")
    return _pending(unfinished.select_related(*of_task).order_by("-started_at", "-pk"))


def pending_of_task(user: User, task: Task) -> list[PendingUpload]:
    """Return the person's own uploads for this task, which is visible to the person, newest first."""
    return _pending(_unfinished(user, task)) if task.has("uploads") else []


@prepared
def _unfinished(user: User, task: Task) -> QuerySet[Upload, Upload]:
    return Upload.objects.filter(person=user, finished_at=None, task=task).order_by("-started_at", "-pk")


def _pending(rows: Iterable[Upload]) -> list[PendingUpload]:
    return [PendingUpload(upload, storage.part_size(upload.token)) for upload in rows]
