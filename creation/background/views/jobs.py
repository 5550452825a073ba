"""Views of background jobs: progress, download, and the list of one's own jobs."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import background
from creation.audit import audit_log
from creation.background.tables.jobs import JobTable
from creation.lib import wakeups
from creation.lib.refusals import Refusal
from creation.models import Job
from creation.models.job import JobQuerySet
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.pagination import paginate_table

RUN_JOBS = "creation.jobs.run_jobs"
FRAGMENT, PAGE = "creation/background/_progress.html", "creation/background/page.html"


def start_job(request: HttpRequest, kind: str, params: dict[str, Any], *, immediate: bool = False) -> HttpResponse:
    """Request a job and redirect to its page, which downloads the file by itself. With ``immediate``, run it first."""
    return redirect_to_job(background.request_job(kind, params, shortcuts.current_actor(request)), immediate)


def redirect_to_job(job: Job, immediate: bool = False) -> HttpResponse:
    if immediate:
        background.run_now(job, timezone.now)
    elif job.state == "queued":
        wakeups.wake_worker(RUN_JOBS)
    return redirect(f"{reverse('job', args=[job.pk])}?{urlencode({'take': 1})}")


def job_or_404(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(_own_jobs(request), pk=pk)


def _own_jobs(request: HttpRequest) -> JobQuerySet:
    titled = [name for name, kind in background.JOB_KINDS.items() if kind.title]
    return Job.objects.visible_to(shortcuts.current_user(request)).of_kinds(titled).defer("evidence")


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    table = JobTable(_own_jobs(request).order_by("-queued_at", "-pk"))
    paginate_table(table, request)
    return render(request, "creation/background/list.html", {"table": table})


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The page polls each second while the job runs. With ``?take`` it downloads the file as soon as it exists."""
    found = job_or_404(request, pk)
    return render(request, FRAGMENT if wants_fragment(request) else PAGE, _page_context(request, found))


def _page_context(request: HttpRequest, found: Job) -> dict[str, Any]:
    kind, now = background.JOB_KINDS[found.kind], timezone.now()
    after = kind.success_url(found) if kind.success_url and found.state == "done" and not found.is_expired else ""
    back = kind.failure_url(found) if kind.failure_url and found.state in ("failed", "cancelled") else ""
    return {
        "job": found,
        "kind": kind,
        "age": found.age(now),
        "take": "take" in request.GET,
        "opens": kind.success_url is not None,
        "success_url": after,
        "failure_url": back,
    }


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = job_or_404(request, pk)
    if not background.cancel(found, shortcuts.current_actor(request)):
        messages.info(request, "它已经结束，无须取消。")
    return redirect("job", pk)


@require_POST
def job_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Request the same job again."""
    return redirect_to_job(background.rerun(job_or_404(request, pk), shortcuts.current_actor(request)))


@require_safe
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Download the file, for its owner while the permission lasts. If the kind has its own result page, redirect there."""
    found, actor = job_or_404(request, pk), shortcuts.current_actor(request)
    if after := background.JOB_KINDS[found.kind].success_url:
        return redirect(after(found))
    try:
        file = background.open_result(found, actor.at)
    except Refusal as refusal:
        if isinstance(refusal, background.PermissionLost):
            audit_log.record(actor, "file.fetch", found, result="refused", detail=refusal.sentence)
        return _file_unavailable(request, found, refusal)
    audit_log.record(actor, "file.fetch", found, detail=found.file_name)
    return FileResponse(file, as_attachment=True, filename=found.file_name, content_type=found.media_type)


def _file_unavailable(request: HttpRequest, found: Job, refusal: Refusal) -> HttpResponse:
    context = {"job": found, "kind": background.JOB_KINDS[found.kind], "sentence": refusal.sentence}
    return render(request, "creation/background/no_file.html", context, status=refusal.status)
