"""工作简报: the preview page by page, and the issues that went out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import access, background
from creation.background.views import jobs
from creation.evidence.views import file_responses
from creation.evidence.views.file_responses import ServedFile
from creation.lib.refusals import Refusal
from creation.models import Bulletin, Campaign, Job, PaperKind
from creation.papers import bulletins
from creation.papers.bulletins import IssueDraft
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import message_refusals
from reports.word import bulletin, paper_files

KIND = "bulletin"  # of the job that makes a draft


@require_GET
def bulletin_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the pages of a draft, and let it go out."""
    job, campaign = _draft(request, pk)
    with _opened(job) as file:
        facts = bulletin.facts_of(file)
    issue = _issue_of(job, campaign)
    context = {"job": job, "campaign": campaign, "issue": issue, "facts": facts, "pages": range(1, facts.pages + 1)}
    context |= {"stamp": job.params["stamp"], "taken": bulletins.taken_sentence(campaign, issue.number)}
    return render(request, "reports/bulletin_preview.html", context)


@require_safe
def bulletin_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    job, _ = _draft(request, pk)
    try:
        with _opened(job) as file:
            picture = bulletin.page_of(file, number)
    except KeyError:
        raise Http404 from None
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@require_safe
def bulletin_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the draft as a Word document, for those who correct or approve it on paper."""
    job, campaign = _draft(request, pk)
    with _opened(job) as file:
        document = bulletin.shown_document(file)
    name = f"{PaperKind.BULLETIN.label}_第{_issue_of(job, campaign).number}期_草稿.docx"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(document, content_type=paper_files.WORD, headers=headers)


@require_POST
def bulletin_issue(request: HttpRequest, pk: int) -> HttpResponse:
    job, campaign = _draft(request, pk)
    actor, draft = shortcuts.current_actor(request), _issue_of(job, campaign)
    with message_refusals(request), _opened(job) as file, tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as at:

        def write() -> Path:
            return bulletin.write_issue(file, draft, job.params["stamp"], Path(at), actor).path

        name = f"{PaperKind.BULLETIN.label}_第{draft.number}期.docx"
        row = bulletins.issue(draft, write, name, paper_files.WORD, actor)
        messages.success(request, f"第 {row.number} 期已发出，Word 文件在下面“已发出”里下载。")
        return redirect(row)
    return redirect("bulletin_preview", pk)


@require_safe
def bulletin_file(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponseBase:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PAPER_MAKE)
    row = get_object_or_404(Bulletin.objects.filter(campaign=campaign), pk=pk)
    return file_responses.file_response(request, ServedFile(row.blob, row.name, row.media_type, row.size, row.sha256))


def draft_inputs(request: HttpRequest, campaign: Campaign, pk: str) -> dict[str, object]:
    """Return what was typed into the form of a draft of this person, to be changed."""
    drafts = Job.objects.visible_to(shortcuts.current_user(request)).of_kinds([KIND])
    job = drafts.filter(pk=pk).first() if pk.isdecimal() else None
    if job is None or job.params["campaign"] != campaign.pk:
        return {}
    return {**job.params["asked"], "stamp": job.params["stamp"]}


def _draft(request: HttpRequest, pk: int) -> tuple[Job, Campaign]:
    job = jobs.job_or_404(request, pk)
    if job.kind != KIND:
        raise Http404
    campaign = shortcuts.campaign_or_404(request, job.params["campaign"])
    access.require(shortcuts.current_user(request), Permission.PAPER_MAKE, campaign)
    return job, campaign


@contextmanager
def _opened(job: Job) -> Iterator[BinaryIO]:
    try:
        file = background.open_result(job, timezone.now())
    except Refusal as gone:
        raise Http404(gone.sentence) from None
    with file:
        yield file


def _issue_of(job: Job, campaign: Campaign) -> IssueDraft:
    asked = job.params["asked"]
    first, last = (date.fromisoformat(asked[name]) for name in ("first", "last"))
    return IssueDraft(campaign, asked["issue"], asked["title"], first, last)
