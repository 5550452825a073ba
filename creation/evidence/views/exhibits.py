"""A cited piece as reviewers, assessors and leaders read it: number, page, neighbours, and proof that it was not altered."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from creation.evidence import citing, submitted_version
from creation.evidence.citing import CitedEvidence
from creation.lib import wakeups
from creation.models import Evidence, EvidenceVersion, SubmittedCitation, Task
from creation.web import shortcuts

RUN_JOBS = "creation.jobs.run_jobs"


@dataclass(frozen=True)
class ExhibitPosition:
    """The position of a piece among those of its task."""

    number: int
    total: int
    previous: CitedEvidence | None
    next: CitedEvidence | None


@require_GET
def exhibit(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    """Show the submitted version, even if the unit has replaced it since."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    cited, position = _cited_or_404(request, task, citation_id)
    submitted = submitted_version.submitted_version(task, cited.version)
    version = _version(request, task, cited, submitted)
    context: dict[str, Any] = {
        **_description(task, cited, submitted, version),
        "task": task,
        "campaign": task.campaign,
        "cited": cited,
        "position": position,
        "submitted": submitted,
        "version": version,
        "check": (check := submitted_version.latest_check(version)),
        "is_altered": submitted_version.is_altered(version),
        "is_verified": submitted_version.is_unchanged(check),
    }
    return render(request, "creation/evidence/exhibit.html", context)


def _cited_or_404(request: HttpRequest, task: Task, citation_id: int) -> tuple[CitedEvidence, ExhibitPosition]:
    rows = citing.cited_by_task(task, shortcuts.current_user(request))
    index = next((index for index, row in enumerate(rows) if row.citation.pk == citation_id), None)
    if index is None:
        raise Http404
    before, after = rows[index - 1] if index else None, rows[index + 1] if index + 1 < len(rows) else None
    return rows[index], ExhibitPosition(index + 1, len(rows), before, after)


def _version(
    request: HttpRequest, task: Task, cited: CitedEvidence, submitted: submitted_version.SubmittedVersion | None
) -> EvidenceVersion:
    """Return the submitted version; the newest if there is none, or if it is requested and may be seen."""
    if submitted is None or (submitted.is_replaced and "newest" in request.GET and _may_see(request, cited.version)):
        return cited.version
    return submitted.row.version


def _description(
    task: Task, cited: CitedEvidence, submitted: submitted_version.SubmittedVersion | None, version: EvidenceVersion
) -> dict[str, Any]:
    """Return the data of the piece: as submitted for the submitted version, otherwise the current data."""
    as_handed = submitted if submitted and version == submitted.row.version else None
    described: SubmittedCitation | Evidence = as_handed.row if as_handed else cited.evidence
    return {
        "described": described,
        "passage": as_handed.row.passage if as_handed else cited.citation.passage,
        "is_in_window": described.dated_on is None or task.campaign.window_includes(described.dated_on),
        "is_corrected": as_handed is not None and as_handed.is_corrected,
    }


def _may_see(request: HttpRequest, version: EvidenceVersion) -> bool:
    return EvidenceVersion.objects.visible_to(shortcuts.current_user(request)).filter(pk=version.pk).exists()


@require_POST
def exhibit_check(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    """Check the submitted file again."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    cited, _ = _cited_or_404(request, task, citation_id)
    version, actor = (
        _version(request, task, cited, submitted_version.submitted_version(task, cited.version)),
        shortcuts.current_actor(request),
    )
    if version.blob:
        submitted_version.queue_check(version, actor.human, actor.at)
        wakeups.wake_worker(RUN_JOBS)
    return redirect("exhibit", campaign_id, pk, citation_id)
