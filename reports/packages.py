"""材料包: choose the contents of a package, list its volumes, and download them; 归档包 is downloaded the same way. Interrupted downloads
can be resumed."""

from typing import BinaryIO

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from creation import access, background
from creation.audit import audit_log
from creation.background.views import jobs
from creation.evidence.views.file_responses import FileSlice, requested_range
from creation.lib.refusals import Refusal
from creation.models import Job
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.bootstrap_forms import apply_bootstrap
from reports import archives, scopes
from reports.package import builder
from reports.package.builder import PackageResult
from reports.package.skeleton import AssembledArchive

LIMITS = {0: "不限", 650 * 2**20: "每卷 650 MB（光盘）", 2 * 2**30: "每卷 2 GB", 4 * 2**30: "每卷 4 GB"}
# Kinds of jobs and the pages of their results.
PAGES = {
    "package": "reports/volumes.html",
    "archive": "reports/archive.html",
}
STOPPED = "生成之后，其中的印证资料有的已隐藏或停用，此归档包不再提供。请重新生成。"
PERMISSIONS = {"package": Permission.PACKAGE_EXPORT, "archive": Permission.CAMPAIGN_MANAGE}


class PackageForm(forms.Form):
    limit = forms.TypedChoiceField(label="每卷大小", choices=list(LIMITS.items()), coerce=int)
    by_section = forms.BooleanField(label="每个一级指标单独一卷", required=False)
    all = forms.BooleanField(label="也收录还没有通过审核的答复", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        apply_bootstrap(self)


@require_http_methods(["GET", "POST"])
def package(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PACKAGE_EXPORT)
    user = shortcuts.current_user(request)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = {name: sent[name] for name in scopes.WORDS if sent.get(name)}
    form = PackageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return jobs.start_job(request, "package", {"campaign": campaign.pk, "filter": chosen} | form.cleaned_data)
    part = scopes.scope_of(campaign, user, chosen, timezone.now())
    approved = part.tasks.filter(status="approved").count()
    context = {"campaign": campaign, "part": part, "form": form, "count": part.tasks.count(), "approved": approved}
    return render(request, "reports/package.html", context, status=422 if form.errors else 200)


@require_safe
def package_volumes(request: HttpRequest, pk: int) -> HttpResponse:
    """List the volumes and what is lacking."""
    job = _job(request, pk)
    with _open_result(request, job) as file:
        made = builder.read_result(file)
    context = {"job": job, "made": made, "campaign_id": job.params["campaign"]}
    return render(request, PAGES[job.kind], context)


@require_safe
def package_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Return a volume, or the requested range of it. Rights are checked for every request."""
    job = _job(request, pk)
    file = _open_result(request, job)
    made = builder.read_result(file)
    if not 1 <= number <= len(made.volumes):
        file.close()
        raise Http404
    if "Range" not in request.headers and request.method == "GET":
        audit_log.record(shortcuts.current_actor(request), "file.fetch", job, detail=made.volumes[number - 1].name)
    file.seek(0)
    return _volume_response(request, builder.open_volume(file, number - 1), made, number - 1, f'"{job.token}-{number}"')


def _job(request: HttpRequest, pk: int) -> Job:
    job = jobs.job_or_404(request, pk)
    if job.kind not in PAGES:
        raise Http404
    return job


def _open_result(request: HttpRequest, job: Job) -> BinaryIO:
    """Open the result. Raises access.AccessRefused, which has a page of its own, and Http404 when it has expired."""
    try:
        if job.kind == "archive" and archives.has_stopped_piece(job):
            raise background.PermissionLost(STOPPED)
        return background.open_result(job, timezone.now())
    except background.PermissionLost as refused:
        raise access.AccessRefused(PERMISSIONS[job.kind], None, refused.sentence) from None
    except Refusal as gone:
        raise Http404(gone.sentence) from None


def _volume_response(
    request: HttpRequest, whole: AssembledArchive, made: PackageResult, index: int, tag: str
) -> HttpResponseBase:
    size, holds = whole.size, request.headers.get("If-Range", tag) == tag
    wanted = requested_range(request.headers.get("Range", ""), size) if holds else None
    if wanted is not None and not wanted:
        whole.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = wanted or range(size)
    answer: HttpResponseBase
    if request.META["REQUEST_METHOD"] == "HEAD":
        whole.close()
        answer = HttpResponse(content_type="application/zip", headers={"Content-Length": str(len(part))})
    else:
        answer = FileResponse(FileSlice(whole, part.start, len(part)), content_type="application/zip")
    if wanted:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    answer["Content-Disposition"] = content_disposition_header(True, made.volumes[index].name) or "attachment"
    answer["Accept-Ranges"], answer["ETag"], answer["Cache-Control"] = "bytes", tag, "private, no-cache"
    return answer
