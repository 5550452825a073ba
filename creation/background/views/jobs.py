"""Long work on the pages: how far it is, the file when it is done, and what one asked for before."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import background as working
from creation.audit import trail
from creation.background.tables.jobs import JobTable
from creation.lib import nudging
from creation.lib.refusals import Refusal
from creation.models import Job
from creation.models.job import JobQuerySet
from creation.web import doors
from creation.web.paging import turn_to_page

RUN_JOBS = "creation.jobs.run_jobs"
FRAGMENT, PAGE = "creation/background/_progress.html", "creation/background/page.html"


def start(request: HttpRequest, kind: str, params: dict[str, Any], *, small: bool = False) -> HttpResponse:
    """Ask for long work and go to its page, which fetches the file by itself. ``small`` work is done before the page opens."""
    return on_its_way(working.ask_for(kind, params, doors.actor(request)), small)


def on_its_way(job: Job, small: bool = False) -> HttpResponse:
    if small:
        working.run_now(job, timezone.now)
    elif job.state == "queued":
        nudging.nudge(RUN_JOBS)
    return redirect(f"{reverse('job', args=[job.pk])}?{urlencode({'take': 1})}")


def job_or_404(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(_mine(request), pk=pk)


def _mine(request: HttpRequest) -> JobQuerySet:
    titled = [name for name, kind in working.KINDS.items() if kind.title]
    return Job.objects.visible_to(doors.person(request)).of_kinds(titled)


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    table = JobTable(_mine(request).order_by("-queued_at", "-pk"))
    turn_to_page(table, request)
    return render(request, "creation/background/list.html", {"table": table})


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The page asks again each second while the work goes on. ``?take`` fetches the file as soon as it is there."""
    found = job_or_404(request, pk)
    return render(request, FRAGMENT if "HX-Request" in request.headers else PAGE, _context(request, found))


def _context(request: HttpRequest, found: Job) -> dict[str, Any]:
    kind, now = working.KINDS[found.kind], timezone.now()
    after = kind.after(found) if kind.after and found.state == "done" and not found.is_gone else ""
    back = kind.back(found) if kind.back and found.state in ("failed", "cancelled") else ""
    return {
        "job": found,
        "kind": kind,
        "age": found.age(now),
        "take": "take" in request.GET,
        "opens": kind.after is not None,
        "after": after,
        "back": back,
    }


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = job_or_404(request, pk)
    if not working.cancel(found, doors.actor(request)):
        messages.info(request, "它已经结束，无须取消。")
    return redirect("job", pk)


@require_POST
def job_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same once more, as of now."""
    return on_its_way(working.again(job_or_404(request, pk), doors.actor(request)))


@require_safe
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for whoever asked for it, while the right lasts. Where a kind hands out what it made on a page of its own, that page."""
    found, actor = job_or_404(request, pk), doors.actor(request)
    if after := working.KINDS[found.kind].after:
        return redirect(after(found))
    try:
        file = working.open_result(found, actor.at)
    except Refusal as refusal:
        if isinstance(refusal, working.Refused):
            trail.audit(actor, "file.fetch", found, result="refused", detail=refusal.sentence)
        return _without_file(request, found, refusal)
    trail.audit(actor, "file.fetch", found, detail=found.file_name)
    return FileResponse(file, as_attachment=True, filename=found.file_name, content_type=found.media_type)


def _without_file(request: HttpRequest, found: Job, refusal: Refusal) -> HttpResponse:
    context = {"job": found, "kind": working.KINDS[found.kind], "sentence": refusal.sentence}
    return render(request, "creation/background/no_file.html", context, status=refusal.status)
