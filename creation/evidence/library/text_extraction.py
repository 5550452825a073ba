"""Reads every stored file once in the background: its text for search, its first page for secrecy marks, its metadata for suggestions.

A version without an extract is due. If a reader dies, its claim expires; after three attempts the file counts as unreadable.
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

from creation.audit.actor import Actor
from creation.background.job_context import Clock
from creation.evidence.library import extract_text, search_index, secrecy_check
from creation.lib import bigrams, sandbox, storage
from creation.models import EvidenceVersion, Extract, ExtractState, ScanState

READER = Path(extract_text.__file__)
CLAIM_TIME = timedelta(minutes=3)
MAX_TRIES = 3
MEMORY_MEGABYTES, TIMEOUT_SECONDS = 1500, 60
MAX_FILE_BYTES = 200 << 20  # of a file
EXCLUDED_SCAN_STATES = (ScanState.WAITING, ScanState.INFECTED)
MAX_FILES = 100  # files per run; the next starts within a minute

logger = logging.getLogger(__name__)


def extract_due(clock: Clock, most: int = MAX_FILES) -> int:
    """Update the search index, then read files, newest first, as somebody may be waiting for them. Return the number of files."""
    search_index.index_missing()
    count = 0
    while count < most and (extract := claim(clock)):
        extract_file(extract, clock)
        count += 1
    return count


def claim(clock: Clock) -> Extract | None:
    """Claim a file that was not read yet. Files that wait for or failed the virus scan, or are hidden, are left out.

    Two readers never claim the same file.
    """
    now = clock()
    expired = Extract.objects.filter(state=ExtractState.READING, claimed_until__lt=now)
    expired.filter(tries__gte=MAX_TRIES).update(state=ExtractState.FAILED, read_at=now)
    for extract in expired.order_by("pk")[:20]:
        mine = expired.filter(pk=extract.pk, claimed_until=extract.claimed_until)
        if mine.update(claimed_until=now + CLAIM_TIME, tries=F("tries") + 1):
            return extract
    unread = EvidenceVersion.objects.filter(extract=None, evidence__hidden_at=None).exclude(blob="")
    unread = unread.exclude(scan__state__in=EXCLUDED_SCAN_STATES)
    for version in unread.order_by("-pk")[:20]:
        try:
            with transaction.atomic():
                return Extract.objects.create(version=version, claimed_until=now + CLAIM_TIME, tries=1)
        except IntegrityError:
            continue
    return None


def extract_file(extract: Extract, clock: Clock) -> None:
    """Store the result of the program. The search entry gets the text if the version is still the newest of the piece."""
    version = extract.version
    extracted = _extracted(version) if version.extension in extract_text.READERS else None
    values: dict[str, Any] = {"state": _state_for(extracted)}
    if extracted:
        values |= {"first_page": extracted["first"], "facts": extracted["facts"]}
    with transaction.atomic():
        Extract.objects.filter(pk=extract.pk).update(read_at=clock(), claimed_until=None, **values)
        if extracted and extracted.get("text"):
            search_index.update_text(version, " ".join(bigrams.tokenize(extracted["text"])))
        if extracted and extracted.get("first"):
            secrecy_check.recheck_secrecy(version.evidence, Actor(None, clock()))


def _state_for(extracted: dict[str, Any] | None) -> ExtractState:
    if extracted is None:
        return ExtractState.NOTHING
    return ExtractState.READ if extracted else ExtractState.FAILED


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
        return _run_program(version.extension, path) if path.stat().st_size <= MAX_FILE_BYTES else {}


def _run_program(extension: str, path: Path) -> dict[str, Any]:
    output = sandbox.run(MEMORY_MEGABYTES, TIMEOUT_SECONDS, TIMEOUT_SECONDS, READER, extension, str(path))
    try:
        found: dict[str, Any] = json.loads(output or b"{}")
    except ValueError:
        return {}
    return found
