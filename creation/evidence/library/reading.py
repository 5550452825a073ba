"""Every stored file is read once, behind the scenes: its words for search, its first page for marks of secrecy, its facts to offer.

Found by rows: a version without an extract is due. A reader that dies loses its claim, and after three tries the file counts as unreadable.
"""

import json
import logging
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from creation.audit.trail import Actor
from creation.background.report import Clock
from creation.evidence.library import extracting, indexing, stopping
from creation.lib import grams, sandbox, storage
from creation.models import EvidenceVersion, Extract, ExtractState, ScanState

READER = Path(extracting.__file__)
CLAIM = timedelta(minutes=3)
TRIES = 3
MEGABYTES, SECONDS = 1500, 60
LARGEST = 200 << 20  # bytes of a file that is read
NOT_TO_BE_READ = (ScanState.WAITING, ScanState.INFECTED)
MOST = 100  # files of one round: the next is a minute away

logger = logging.getLogger(__name__)


def read_due(clock: Clock, most: int = MOST) -> int:
    """Index what search does not know, then read files, the newest first: somebody may be waiting for them. Gives the count of files."""
    indexing.catch_up()
    count = 0
    while count < most and (extract := claim(clock)):
        read(extract, clock)
        count += 1
    return count


def claim(clock: Clock) -> Extract | None:
    """Take a file nobody has read; none that waits for the virus scanner, failed it or is hidden. Two readers never get the same."""
    now = clock()
    lapsed = Extract.objects.filter(state=ExtractState.READING, claimed_until__lt=now)
    lapsed.filter(tries__gte=TRIES).update(state=ExtractState.FAILED, read_at=now)
    for extract in lapsed.order_by("pk")[:20]:
        mine = lapsed.filter(pk=extract.pk, claimed_until=extract.claimed_until)
        if mine.update(claimed_until=now + CLAIM, tries=F("tries") + 1):
            return extract
    unread = EvidenceVersion.objects.filter(extract=None, evidence__hidden_at=None).exclude(blob="")
    unread = unread.exclude(scan__state__in=NOT_TO_BE_READ)
    for version in unread.order_by("-pk")[:20]:
        try:
            with transaction.atomic():
                return Extract.objects.create(version=version, claimed_until=now + CLAIM, tries=1)
        except IntegrityError:
            continue
    return None


def read(extract: Extract, clock: Clock) -> None:
    """Keep what the program tells; the search entry takes the words, as long as the version is the piece's newest."""
    version = extract.version
    told = _told(version) if version.extension in extracting.READERS else None
    values: dict[str, Any] = {"state": _state(told)}
    if told:
        values |= {"first_page": told["first"], "facts": told["facts"]}
    with transaction.atomic():
        Extract.objects.filter(pk=extract.pk).update(read_at=clock(), claimed_until=None, **values)
        if told and told.get("text"):
            indexing.write_text(version, " ".join(grams.grams(told["text"])))
        if told and told.get("first"):
            stopping.look(version.evidence, Actor(None, clock()))


def _state(told: dict[str, Any] | None) -> ExtractState:
    if told is None:
        return ExtractState.NOTHING
    return ExtractState.READ if told else ExtractState.FAILED


def _told(version: EvidenceVersion) -> dict[str, Any]:
    """What the program says; empty when the file is gone, too large or makes the program give up."""
    with tempfile.TemporaryDirectory(prefix="reading-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "file"
        try:
            with storage.open_blob(version.blob) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (FileNotFoundError, ValueError):
            logger.warning("The file of %s is missing", version.pk)
            return {}
        return _run(version.extension, path) if path.stat().st_size <= LARGEST else {}


def _run(extension: str, path: Path) -> dict[str, Any]:
    output = sandbox.run(MEGABYTES, SECONDS, SECONDS, READER, extension, str(path))
    try:
        found: dict[str, Any] = json.loads(output or b"{}")
    except ValueError:
        return {}
    return found
