"""Stored files and their previews, for people who may see them."""

import re
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_http_methods, require_safe

from creation.evidence import previews
from creation.evidence.library import secrecy_check
from creation.evidence.views import file_responses, marks
from creation.lib import wakeups
from creation.models import Evidence, EvidenceVersion
from creation.web import shortcuts
from creation.web.fragments import wants_fragment

INLINE_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "webp", "pdf", "mp4"})
MAKE_PREVIEWS = "creation.jobs.make_previews"


def version_or_404(request: HttpRequest, pk: int, number: int) -> EvidenceVersion:
    """Return a version that the person may open. One with a mark of secrecy that nobody cleared is for its unit and those who may hide it.

    The marks of the newest version stop the whole piece; those of one that was replaced are asked for here.
    """
    user = shortcuts.current_user(request)
    seen = EvidenceVersion.objects.visible_to(user).select_related("evidence__unit", "scan", "extract")
    version = get_object_or_404(seen, evidence=pk, number=number)
    is_marked = bool(secrecy_check.unconfirmed_marks(version))
    if is_marked and not Evidence.objects.filter(pk=pk).of_own_unit_or_keeper(user).exists():
        raise Http404
    return version


def _quarantine_page(request: HttpRequest, version: EvidenceVersion) -> HttpResponse | None:
    """Return the page for a file that waits for the virus scanner; None if the file may be opened."""
    if not version.is_quarantined:
        return None
    return render(request, "creation/evidence/quarantined.html", {"version": version}, status=409)


@require_safe
def evidence_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The file of a version. ``?download`` always saves it."""
    version = version_or_404(request, pk, number)
    if quarantined := _quarantine_page(request, version):
        return quarantined
    if not version.blob:
        return render(request, "creation/evidence/missing.html", {"version": version}, status=404)
    return file_responses.file_response(request, stored_file(version, saved="download" in request.GET))


def stored_file(version: EvidenceVersion, saved: bool) -> file_responses.ServedFile:
    """Return the file under its given name, to be displayed only if its type is safe in browsers."""
    return file_responses.ServedFile(
        version.blob,
        version.given_name,
        version.media_type,
        version.size or 0,
        version.sha256,
        version.created_at,
        inline=not saved and version.extension in INLINE_EXTENSIONS,
    )


# Previews


@require_http_methods(["GET", "POST"])
def evidence_preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The fragment that shows a version or the progress of its rendering. A POST retries a failed rendering.

    ``?page=`` shows the batch with this page; with ``more``, only its pages, to be added to those on screen. Read through a
    task (``?citation=``), it also shows the office's marks.
    """
    version = version_or_404(request, pk, number)
    actor, page = shortcuts.current_actor(request), requested_page(request.GET.get("page", ""))
    if request.method == "POST" and not version.is_quarantined:
        previews.queue_rendering(version, actor.person, actor.at, page)
    preview = previews.request_preview(version, actor.person, actor.at, page)
    if preview.job and preview.job.state == "queued":
        wakeups.wake_worker(MAKE_PREVIEWS)
    more = "more" in request.GET
    context = {"version": version, "preview": preview, "more": more} | _mark_context(request, version)
    return render(request, _preview_template(request, more), context)


def _mark_context(request: HttpRequest, version: EvidenceVersion) -> dict[str, Any]:
    """Return the marks of the citation through which a version is read (``?citation=``)."""
    user = shortcuts.current_user(request)
    citation = marks.visible_citation(user, request.GET.get("citation", ""), version)
    return marks.mark_context(user, citation, version) if citation else {}


def requested_page(text: str) -> int:
    """Return the page number; 1 if it is invalid."""
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else 1


def _preview_template(request: HttpRequest, more: bool) -> str:
    if not wants_fragment(request):
        return "creation/evidence/preview_page.html"
    return "creation/evidence/_pages.html" if more else "creation/evidence/_preview_body.html"


@require_safe
def evidence_image(request: HttpRequest, pk: int, number: int, page: int) -> HttpResponseBase:
    """A rendered page."""
    version = version_or_404(request, pk, number)
    response = (
        _image_response(request, previews.page_path(version.sha256, page), f"{version.sha256}-{page}")
        if version.sha256 and not version.is_quarantined
        else None
    )
    return response or HttpResponse("这一页还没有画好。", status=404, content_type="text/plain; charset=utf-8")


@require_safe
def evidence_thumb(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """A thumbnail of the first page, or an icon for the kind if there is none."""
    version = version_or_404(request, pk, number)
    response = (
        _image_response(request, previews.thumbnail_path(version.sha256), f"{version.sha256}-thumb")
        if version.sha256 and not version.is_quarantined
        else None
    )
    return response or redirect(static("creation/no-preview.svg"))


def _image_response(request: HttpRequest, path: Path, tag: str) -> HttpResponseBase | None:
    if file_responses.is_not_modified(request, tag):
        return file_responses.with_file_headers(HttpResponse(status=304), tag)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return file_responses.with_file_headers(HttpResponse(content, content_type="image/jpeg"), tag)
