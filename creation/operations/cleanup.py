"""Remove what uploads, previews and background jobs left behind."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from creation import background
from creation.evidence import pending_uploads, uploads
from creation.lib import blobs, storage
from creation.models import EvidenceVersion, Upload

ORPHAN_AGE = timedelta(hours=24)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something no longer needed, and the function that removes it."""

    kind: str
    name: str
    remove: Callable[[], None]


def clean_up(now: datetime) -> int:
    """Remove leftovers and expired results of background jobs; return the number. While the store is unavailable, leftovers are kept until
    the next hour."""
    count = background.delete_expired(now)
    for each in leftovers(now):
        try:
            each.remove()
        except storage.StoreUnavailable:
            logger.warning("The store is out of reach: %s stays for now", each.name)
        else:
            count += 1
    return count


def leftovers(now: datetime) -> Iterator[Leftover]:
    """Yield parts of uploads 72 hours after their last byte, and blobs and previews that no row refers to after 24 hours."""
    yield from _uploads(now)
    yield from _parts(now)
    yield from _blobs(now)
    yield from _previews(now)


def _uploads(now: datetime) -> Iterator[Leftover]:
    for upload in list(Upload.objects.filter(finished_at=None, started_at__lt=now - pending_uploads.RETENTION)):
        if pending_uploads.expires_at(upload) < now:
            yield Leftover("未完成的上传", upload.name, partial(uploads.discard, upload))


def _parts(now: datetime) -> Iterator[Leftover]:
    tokens = Upload.objects.filter(finished_at=None).values_list("token", flat=True)
    waiting = {storage.part_path(token) for token in tokens}
    for path in storage.old_incoming((now - pending_uploads.RETENTION).timestamp()):
        if path not in waiting:
            yield Leftover("上传的残片", path.name, partial(path.unlink, missing_ok=True))


def _blobs(now: datetime) -> Iterator[Leftover]:
    try:
        for keys in storage.old_blobs((now - ORPHAN_AGE).timestamp()):
            for key in sorted(set(keys) - blobs.referenced_keys(keys)):
                yield Leftover("没有登记的文件", key, partial(storage.delete_blob, key))
    except storage.StoreUnavailable:
        logger.warning("The store is out of reach: its orphans stay for now")


def _previews(now: datetime) -> Iterator[Leftover]:
    for folders in storage.old_previews((now - ORPHAN_AGE).timestamp()):
        digests = [folder.name for folder in folders]
        known = set(EvidenceVersion.objects.filter(sha256__in=digests).values_list("sha256", flat=True))
        for folder in folders:
            if folder.name not in known:
                yield Leftover("无主的预览", folder.name, partial(shutil.rmtree, folder, ignore_errors=True))
