"""Reads every stored file once in the background: its text for search and secrecy marks, its metadata for suggestions.

A version without an extract, or with one of an earlier program, is due. The text of old Office files is read from the PDF that is also
their preview. If a reader dies, its claim expires; after three attempts the file counts as unreadable.
"""

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from creation.audit.actor import Actor
from creation.background.job_context import Clock
from creation.evidence import previews
from creation.evidence.library import extract_text, search_index, secrecy_check
from creation.lib import bigrams, sandbox, storage
from creation.lib.batches import batches
from creation.models import EvidenceVersion, Extract, ExtractState, ScanState
from creation.models.evidence import EvidenceVersionQuerySet
from creation.models.extract import EDITION

READER = Path(extract_text.__file__)
CLAIM_TIME = timedelta(seconds=345)  # longer than a conversion and two readings
OLD_OFFICE = frozenset({"doc", "xls", "ppt", "wps", "et", "dps"})
MAX_TRIES = 3
MEMORY_MEGABYTES, CPU_SECONDS, PATIENCE = 1500, 55, 110  # PATIENCE: seconds beside people's clicks
MAX_FILE_BYTES = 200 << 20  # of a file
EXCLUDED_SCAN_STATES = (ScanState.WAITING, ScanState.INFECTED)
BATCH = 5000  # versions asked for at a time
TURN = timedelta(seconds=30)  # of a run: reminders, sealing and the heartbeat wait in the same worker

logger = logging.getLogger(__name__)


def extract_due(clock: Clock) -> int:
    """Update the search index, then read files, newest first, as somebody may be waiting for them, for the length of a turn.

    Return the number of files; others may be left.
    """
    search_index.index_missing()
    count, ends = 0, clock() + TURN
    while clock() < ends and (extract := claim(clock)):
        extract_file(extract, clock)
        count += 1
    return count


def claim(clock: Clock) -> Extract | None:
    """Claim a file that was not read yet. Files that wait for or failed the virus scan, or are hidden, are left out.

    Two readers never claim the same file.
    """
    now = clock()
    expired = Extract.objects.filter(state=ExtractState.READING, claimed_until__lt=now)
    expired.filter(tries__gte=MAX_TRIES).update(state=ExtractState.FAILED, read_at=now, edition=EDITION)
    for extract in expired.order_by("pk")[:20]:
        mine = expired.filter(pk=extract.pk, claimed_until=extract.claimed_until)
        if mine.update(claimed_until=now + CLAIM_TIME, tries=F("tries") + 1):
            return extract
    for version in _readable(EvidenceVersion.objects.filter(extract=None)).order_by("-pk")[:20]:
        if claimed := _claim_new(version, now):
            return claimed
    outdated = _readable(EvidenceVersion.objects.filter(extract__edition__lt=EDITION))
    outdated = outdated.exclude(extract__state=ExtractState.READING)
    for version in outdated.order_by("-pk")[:20]:
        if claimed := _claim_again(version, now):
            return claimed
    return None


def _readable(versions: EvidenceVersionQuerySet) -> EvidenceVersionQuerySet:
    return versions.filter(evidence__hidden_at=None).exclude(blob="").exclude(scan__state__in=EXCLUDED_SCAN_STATES)


def _readable_keys(versions: list[EvidenceVersion]) -> set[int]:
    found: set[int] = set()
    for some in batches([version.pk for version in versions], BATCH):
        found.update(_readable(EvidenceVersion.objects.filter(pk__in=some)).values_list("pk", flat=True))
    return found


def _claim_new(version: EvidenceVersion, now: datetime) -> Extract | None:
    try:
        with transaction.atomic():
            return Extract.objects.create(version=version, claimed_until=now + CLAIM_TIME, tries=1)
    except IntegrityError:
        return None


def _claim_again(version: EvidenceVersion, now: datetime) -> Extract | None:
    """Claim a file that an earlier program read. What that found stays in force until the new result is stored."""
    old = Extract.objects.filter(version=version, edition__lt=EDITION).exclude(state=ExtractState.READING)
    if not old.update(state=ExtractState.READING, claimed_until=now + CLAIM_TIME, tries=1):
        return None
    return Extract.objects.get(version=version)


def read_versions(versions: Iterable[EvidenceVersion], clock: Clock, progress: Callable[[int, int], None]) -> None:
    """Read those of the versions that are due, before they leave in a package. Those that another worker reads are left to it."""
    due = [version for version in versions if not version.is_secrecy_checked]
    readable = _readable_keys(due)
    due = [version for version in due if version.pk in readable]
    for number, version in enumerate(due):
        progress(number, len(due))
        if extract := _claim_new(version, clock()) or _claim_again(version, clock()):
            extract_file(extract, clock)


def extract_file(extract: Extract, clock: Clock) -> None:
    """Store the result of the program. The search entry gets the text if the version is still the newest of the piece."""
    version = extract.version
    extracted = _extracted(version) if version.extension in extract_text.READERS else None
    values: dict[str, Any] = {"state": _state_for(extracted)}
    if extracted:
        marks = secrecy_check.marks_elsewhere(extracted)
        values |= {"first_page": extracted.get("first", ""), "facts": extracted["facts"], "marks": marks}
    text = " ".join(bigrams.tokenize(extracted["text"])) if extracted and extracted.get("text") else ""
    with transaction.atomic():
        Extract.objects.filter(pk=extract.pk).update(read_at=clock(), claimed_until=None, edition=EDITION, **values)
        if text:
            search_index.update_text(version, text)
        if extracted and (extracted.get("first") or values["marks"]):
            secrecy_check.recheck_secrecy(version.evidence, Actor(None, clock()))


def _state_for(extracted: dict[str, Any] | None) -> ExtractState:
    if extracted is None:
        return ExtractState.NOTHING
    if not extracted or extracted.get("is_incomplete"):
        return ExtractState.FAILED
    return ExtractState.READ if extracted["has_text"] else ExtractState.NOTHING


def _extracted(version: EvidenceVersion) -> dict[str, Any]:
    """Return the result of the program; empty if the file is missing or too large, or the program fails."""
    with tempfile.TemporaryDirectory(prefix="reading-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "file"
        try:
            with storage.open_blob(version.blob) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (FileNotFoundError, ValueError):
            logger.warning("The file of %s is missing", version.pk)
            return {}
        if path.stat().st_size > MAX_FILE_BYTES:
            return {}
        found = run_program(version.extension, path)
        return _with_converted_text(version, path, found) if version.extension in OLD_OFFICE else found


def _with_converted_text(version: EvidenceVersion, path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """Add the text of the PDF that LibreOffice makes of an old Office file; the metadata are those of the file itself."""
    facts = found.get("facts", {})
    pdf = previews.converted_pdf(version, path, path.parent)
    converted = run_program("pdf", pdf) if pdf else {}
    if not converted:
        return {**found, "facts": facts, "is_incomplete": True}
    pages = {"pages": converted["facts"]["pages"]} if "pages" in converted["facts"] else {}
    unseen = {place: f"{found.get(place, '')}\n{converted[place]}" for place in ("properties", "hidden")}
    return converted | unseen | {"facts": pages | facts}


def run_program(extension: str, path: Path) -> dict[str, Any]:
    """Return what the program printed of a file; empty if it failed."""
    output = sandbox.run(MEMORY_MEGABYTES, CPU_SECONDS, PATIENCE, READER, extension, str(path), stands_behind=True)
    try:
        found: dict[str, Any] = json.loads(output or b"{}")
    except ValueError:
        return {}
    return found
