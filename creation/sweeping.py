"""Remove what uploads, drawings and long work left behind."""

import logging
import shutil
from datetime import datetime, timedelta

from creation import blobs, resuming, storage, uploads, working
from creation.models import EvidenceVersion, Upload

ORPHAN = timedelta(hours=24)

logger = logging.getLogger(__name__)


def sweep(now: datetime) -> int:
    """Remove what uploads left behind: parts 72 hours after their last byte, bytes that no row names after 24,
    results of long work when their day is over. Gives the count.
    """
    return _sweep_parts(now) + _sweep_blobs(now) + _sweep_previews(now) + working.sweep(now)


def _sweep_parts(now: datetime) -> int:
    begun = Upload.objects.filter(finished_at=None, started_at__lt=now - resuming.KEPT)
    stale = [upload for upload in begun if resuming.lapses_at(upload) < now]
    for upload in stale:
        uploads.discard(upload)
    waiting = {
        storage.part_path(token) for token in Upload.objects.filter(finished_at=None).values_list("token", flat=True)
    }
    left = [path for path in storage.old_incoming((now - resuming.KEPT).timestamp()) if path not in waiting]
    for path in left:
        path.unlink(missing_ok=True)
    return len(stale) + len(left)


def _sweep_blobs(now: datetime) -> int:
    """An object store that does not answer now is swept in the next hour."""
    swept = 0
    try:
        for keys in storage.old_blobs((now - ORPHAN).timestamp()):
            for key in set(keys) - blobs.named(keys):
                storage.delete_blob(key)
                swept += 1
    except storage.OutOfReach:
        logger.warning("The store is out of reach: its orphans stay for now")
    return swept


def _sweep_previews(now: datetime) -> int:
    swept = 0
    for folders in storage.old_previews((now - ORPHAN).timestamp()):
        digests = [folder.name for folder in folders]
        known = set(EvidenceVersion.objects.filter(sha256__in=digests).values_list("sha256", flat=True))
        for folder in folders:
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept
