"""One cited piece as reviewers, assessors and leaders read it: its number, its page, its neighbours, and that nobody altered it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from creation.evidence import citing, proving
from creation.evidence.citing import Cited
from creation.lib import nudging
from creation.models import Evidence, EvidenceVersion, SubmittedCitation, Task
from creation.web import doors

RUN_JOBS = "creation.jobs.run_jobs"


@dataclass(frozen=True)
class Place:
    """Where a piece stands among those of its task."""

    number: int
    total: int
    before: Cited | None
    after: Cited | None


@require_GET
def exhibit(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    """What was handed in is shown, also where the unit has replaced it since."""
    task = doors.task_or_404(request, campaign_id, pk)
    cited, place = _cited_or_404(task, citation_id)
    handed = proving.handed_in(task, cited.version)
    version = _version(request, task, cited, handed)
    context: dict[str, Any] = {
        **_words(task, cited, handed, version),
        "task": task,
        "campaign": task.campaign,
        "cited": cited,
        "place": place,
        "handed": handed,
        "version": version,
        "proof": (proof := proving.latest(version)),
        "proven": proving.is_same(proof),
    }
    return render(request, "creation/evidence/exhibit.html", context)


def _cited_or_404(task: Task, citation_id: int) -> tuple[Cited, Place]:
    rows = citing.of_task(task)
    at = next((at for at, row in enumerate(rows) if row.citation.pk == citation_id), None)
    if at is None:
        raise Http404
    before, after = rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None
    return rows[at], Place(at + 1, len(rows), before, after)


def _version(request: HttpRequest, task: Task, cited: Cited, handed: proving.Handed | None) -> EvidenceVersion:
    """The one that was handed in; the newest where there is no such, or where it is asked for and may be seen."""
    if handed is None or (handed.replaced and "newest" in request.GET and _may_see(request, cited.version)):
        return cited.version
    return handed.row.version


def _words(task: Task, cited: Cited, handed: proving.Handed | None, version: EvidenceVersion) -> dict[str, Any]:
    """What is said of the piece: as it was handed in, where that version is shown; else as the unit says it now."""
    as_handed = handed if handed and version == handed.row.version else None
    said: SubmittedCitation | Evidence = as_handed.row if as_handed else cited.evidence
    return {
        "said": said,
        "passage": as_handed.row.passage if as_handed else cited.citation.passage,
        "admitted": said.dated_on is None or task.campaign.admits(said.dated_on),
        "corrected": as_handed is not None and as_handed.corrected,
    }


def _may_see(request: HttpRequest, version: EvidenceVersion) -> bool:
    return EvidenceVersion.objects.visible_to(doors.person(request)).filter(pk=version.pk).exists()


@require_POST
def exhibit_check(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    """Count the bytes of what was handed in once more."""
    task = doors.task_or_404(request, campaign_id, pk)
    cited, _ = _cited_or_404(task, citation_id)
    version, actor = _version(request, task, cited, proving.handed_in(task, cited.version)), doors.actor(request)
    if version.blob:
        proving.ask(version, actor.human, actor.at)
        nudging.nudge(RUN_JOBS)
    return redirect("exhibit", campaign_id, pk, citation_id)
