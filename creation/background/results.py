"""Result files of background jobs: kept for a day, for the person who requested them."""

import shutil
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from creation.background import permissions
from creation.background.kinds import JOB_KINDS, ResultFile
from creation.lib import filenames, storage
from creation.lib.refusals import Refusal
from creation.models import UNFINISHED_STATES, Job, JobState

FILE_LIFETIME = timedelta(hours=24)
ROW_LIFETIME = timedelta(days=30)
EXPIRED_MESSAGE = "文件已过期删除。请重新生成。"


def store_file(made: ResultFile, now: datetime) -> dict[str, Any]:
    """Move the file to the storage and return the values for its row."""
    size = made.path.stat().st_size
    return {
        "result": storage.save_result(made.path),
        "file_name": filenames.clean(made.name),
        "media_type": made.media_type,
        "size": size,
        "evidence": sorted(made.evidence),
        "expires_at": now + FILE_LIFETIME,
    }


def open_result(job: Job, now: datetime) -> BinaryIO:
    """Open the file of a job for its owner. Raises PermissionLost without the permission, Refusal if the file is missing."""
    permissions.check_permission(job, JOB_KINDS[job.kind])
    permissions.check_contents(job)
    if not job.is_file or job.expires_at is None or job.expires_at <= now:
        raise Refusal(EXPIRED_MESSAGE, 404)
    try:
        return storage.open_result(job.result)
    except FileNotFoundError:
        raise Refusal(EXPIRED_MESSAGE, 404) from None


def delete_expired(now: datetime) -> int:
    """Delete files after a day, rows after thirty days, and the remains of interrupted jobs. Return the number."""
    stale = list(Job.objects.filter(state=JobState.DONE, expires_at__lte=now).exclude(result=""))
    for job in stale:
        storage.delete_result(job.result)
        Job.objects.filter(pk=job.pk).update(result="", evidence=[])
    Job.objects.exclude(state__in=UNFINISHED_STATES).filter(finished_at__lt=now - ROW_LIFETIME).delete()
    return len(stale) + _delete_leftovers(now)


def _delete_leftovers(now: datetime) -> int:
    files, folders = storage.old_results((now - FILE_LIFETIME).timestamp())
    named = set(Job.objects.exclude(result="").values_list("result", flat=True))
    left = [path for path in files if path.name not in named]
    for path in left:
        path.unlink(missing_ok=True)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left) + len(folders)
