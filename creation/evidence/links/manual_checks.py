"""Reports by people on links that the server cannot open, with an optional screenshot."""

import hashlib
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import filenames, filetypes, storage
from creation.lib.refusals import Refusal
from creation.models import LinkSighting, LinkState, LinkWatch

IMAGE_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "webp"})


def record_check(
    watch: LinkWatch, data: Mapping[str, Any], picture: "UploadedFile[Any] | None", actor: Actor
) -> LinkSighting:
    """Record a report. ``data`` contains opens, seen_on and note. Raises Refusal.

    The screenshot is stored before the row refers to it, and deleted if that fails.
    """
    if sentence := wrong_day(data["seen_on"], actor.today):
        raise Refusal(sentence)
    screenshot = _store_screenshot(picture) if picture else {}
    try:
        with transaction.atomic():
            locked = LinkWatch.objects.select_for_update(of=("self",), no_key=True).get(pk=watch.pk)
            row = LinkSighting.objects.create(
                watch=locked, created_by=actor.human, created_at=actor.at, **data, **screenshot
            )
            _apply(locked, row, actor)
            result = "能打开" if row.opens else "打不开"
            audit_log.record(
                actor, "link.sighting", watch.evidence, detail=f"{row.seen_on} {result} {row.note}".strip()
            )
    except BaseException:
        if screenshot:
            storage.delete_blob(screenshot["blob"])
        raise
    return row


def wrong_day(seen_on: date, today: date) -> str:
    """Return a sentence if the day of the check is in the future, otherwise ""."""
    return "核查日期不能晚于今天。" if seen_on > today else ""


def _apply(locked: LinkWatch, row: LinkSighting, actor: Actor) -> None:
    """Update the link's state. A report counts where the server has no result; it never makes a link dead."""
    if row.opens and locked.state != LinkState.ALIVE:
        locked.state, locked.failures, locked.failing_since, locked.told_at = LinkState.SEEN, 0, None, None
    elif not row.opens and locked.state in (LinkState.SEEN, LinkState.UNCHECKED, LinkState.UNREACHED):
        locked.state, locked.failing_since = LinkState.FAILING, locked.failing_since or actor.at
    locked.save()


def _store_screenshot(picture: "UploadedFile[Any]") -> dict[str, Any]:
    name = filenames.clean(picture.name or "")
    if name.rpartition(".")[2].lower() not in IMAGE_EXTENSIONS:
        raise Refusal("截图须是 jpg、png 或 webp 图片。")
    limits = filetypes.Limits(image=settings.LIMIT_IMAGE, document=settings.LIMIT_DOCUMENT, video=settings.LIMIT_VIDEO)
    handle, path = tempfile.mkstemp(dir=settings.INCOMING_ROOT)
    try:
        filetypes.quick_check(name, picture.size or 0, limits)
        digest = hashlib.sha256()
        with storage.translate_disk_full(), open(handle, "wb") as target:
            for chunk in picture.chunks():
                digest.update(chunk)
                target.write(chunk)
        kind = filetypes.inspect(Path(path), name, limits)
        size = Path(path).stat().st_size
        key = storage.save_blob(Path(path))
    finally:
        Path(path).unlink(missing_ok=True)
    return {"blob": key, "name": name, "media_type": kind.media_type, "size": size, "sha256": digest.hexdigest()}
