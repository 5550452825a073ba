"""Files that long work made: kept for a day, given to whoever asked for them."""

import shutil
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from creation.background import rights
from creation.background.kinds import KINDS, File
from creation.lib import filenames, storage
from creation.lib.refusals import Refusal
from creation.models import LIVE, Job, JobState

KEPT = timedelta(hours=24)
ROWS_KEPT = timedelta(days=30)
GONE = "文件已过期删除。请重新生成。"


def keep(made: File, now: datetime) -> dict[str, Any]:
    """Move the file to its place; gives what its row says of it."""
    size = made.path.stat().st_size
    return {
        "result": storage.keep_result(made.path),
        "file_name": filenames.clean(made.name),
        "media_type": made.media_type,
        "size": size,
        "expires_at": now + KEPT,
    }


def open_result(job: Job, now: datetime) -> BinaryIO:
    """The file of a job, for its owner. Raises Refused when the right is gone, Refusal when the file is."""
    rights.check(job, KINDS[job.kind])
    if not job.is_file or job.expires_at is None or job.expires_at <= now:
        raise Refusal(GONE, 404)
    try:
        return storage.open_result(job.result)
    except FileNotFoundError:
        raise Refusal(GONE, 404) from None


def sweep(now: datetime) -> int:
    """Remove files after a day, rows after thirty, and what work that was cut short left behind. Gives the count."""
    stale = list(Job.objects.filter(state=JobState.DONE, expires_at__lte=now).exclude(result=""))
    for job in stale:
        storage.drop_result(job.result)
        Job.objects.filter(pk=job.pk).update(result="")
    Job.objects.exclude(state__in=LIVE).filter(finished_at__lt=now - ROWS_KEPT).delete()
    return len(stale) + _sweep_leftovers(now)


def _sweep_leftovers(now: datetime) -> int:
    files, folders = storage.old_results((now - KEPT).timestamp())
    named = set(Job.objects.exclude(result="").values_list("result", flat=True))
    left = [path for path in files if path.name not in named]
    for path in left:
        path.unlink(missing_ok=True)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left) + len(folders)
