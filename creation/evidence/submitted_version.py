"""The version of a piece that was submitted, and the check that its bytes have not changed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from creation import background
from creation.background import JobContext
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import EvidenceVersion, Job, JobState, SubmittedCitation, Task, User

KIND = "rehash"
CHUNK_SIZE = 4 * 2**20
UNCHANGED = "same"
DESCRIBED_FIELDS = ("title", "kind", "doc_number", "dated_on", "issuer", "pages")


@dataclass(frozen=True)
class SubmittedVersion:
    """The last submission that contains the piece. ``is_replaced`` means that the unit has added another version since."""

    row: SubmittedCitation
    newest: EvidenceVersion

    @property
    def is_replaced(self) -> bool:
        return self.newest.pk != self.row.version_id

    @property
    def is_corrected(self) -> bool:
        """Whether the unit has changed the data of the piece since."""
        return any(getattr(self.row, name) != getattr(self.newest.evidence, name) for name in DESCRIBED_FIELDS)


def submitted_version(task: Task, newest: EvidenceVersion) -> SubmittedVersion | None:
    """Return the submitted version; None if no submission of the task contains the piece."""
    rows = SubmittedCitation.objects.filter(submission__task=task, version__evidence=newest.evidence_id)
    row = rows.select_related("submission__created_by", "version__evidence").order_by("-submission__number").first()
    return SubmittedVersion(row, newest) if row else None


# Checking the bytes


def running_key(version: EvidenceVersion) -> str:
    return f"rehash/{version.pk}"


def queue_check(version: EvidenceVersion, person: User, now: datetime) -> Job:
    return background.enqueue(KIND, {"version": version.pk}, person, running_key(version), now)


def latest_check(version: EvidenceVersion) -> Job | None:
    return background.find_latest(running_key(version)) if version.blob else None


def is_unchanged(job: Job | None) -> bool:
    return job is not None and job.state == JobState.DONE and job.result == UNCHANGED


def is_altered(version: EvidenceVersion) -> bool:
    """Return whether the last finished check found the stored file missing or different."""
    finished = Job.objects.filter(running_key=running_key(version), state__in=(JobState.DONE, JobState.FAILED))
    last = finished.order_by("-queued_at", "-pk").first() if version.blob else None
    return last is not None and last.state == JobState.FAILED


def run_check(job: Job, job_context: JobContext) -> str:
    """Read the whole stored file. Raises Refusal if it is missing or its digest differs."""
    version = EvidenceVersion.objects.get(pk=job.params["version"])
    try:
        file = storage.open_blob(version.blob)
    except (FileNotFoundError, ValueError):
        raise Refusal("文件在存储中找不到，请立即联系系统管理员。") from None
    digest, done, total = hashlib.sha256(), 0, version.size or 0
    with file:
        while chunk := file.read(CHUNK_SIZE):
            digest.update(chunk)
            done += len(chunk)
            job_context.update_progress(done // CHUNK_SIZE, total // CHUNK_SIZE)
    if digest.hexdigest() != version.sha256:
        raise Refusal("存储中的文件与登记的 SHA-256 不一致，请立即联系系统管理员，不要采信此文件。")
    return UNCHANGED
