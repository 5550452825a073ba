"""Import a workbook: upload it, check the plan line by line, answer questions, and carry it out completely or not at all."""

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access, background
from creation.background.views import jobs
from creation.imports import import_jobs, import_uploads, marked_workbook, offline_workbooks, unread
from creation.imports.forms.imports import AnswersForm, MappingForm, WorkbookForm
from creation.imports.import_plan import ImportPlan
from creation.imports.kinds import ImportKind
from creation.imports.registry import KINDS
from creation.lib.refusals import Refusal
from creation.models import Campaign, ImportUpload, Job
from creation.web import request_sizes, shortcuts
from creation.web.refusals import form_refusals, message_refusals

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INLINE_LINES = 100  # lines that are imported within the request, in about a second
LINES_PER_SECOND = (
    350  # written at the least, on a busy machine of two cores; others wait with their writing meanwhile (SQLite)
)
MAX_LINES = 300  # of each list on the page; all errors and cells that are not used are in the marked workbook


@request_sizes.accepts_files(request_sizes.largest_document)
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Choose the workbook. For one that cannot be read, the error is shown here and nothing is stored."""
    if kind not in KINDS:
        raise Http404
    chosen = KINDS[kind]
    campaign = shortcuts.campaign_or_404(request, campaign_id, chosen.permission)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["workbook"]
        with form_refusals(form, "workbook"):
            upload = import_uploads.receive(chosen, campaign, file.name, file.read(), shortcuts.current_actor(request))
            return redirect("import", campaign.pk, upload.pk)
    context = {"campaign": campaign, "kind": chosen, "form": form}
    return render(request, "creation/imports/new.html", context, status=422 if form.errors else 200)


@require_GET
def import_blank(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Return the current table as a workbook, to be filled in offline."""
    if kind not in KINDS:
        raise Http404
    chosen = KINDS[kind]
    campaign = shortcuts.campaign_or_404(request, campaign_id, chosen.permission)
    content = offline_workbooks.workbook(chosen, campaign, shortcuts.current_actor(request))
    return _download(content, f"{chosen.title} {shortcuts.current_actor(request).today:%Y-%m-%d}.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _upload_or_404(request: HttpRequest, campaign_id: int, pk: int) -> tuple[Campaign, ImportUpload, ImportKind]:
    """Return the person's own upload, while the person may still import this kind of table."""
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    upload = get_object_or_404(
        ImportUpload.objects.visible_to(shortcuts.current_user(request)), pk=pk, campaign=campaign
    )
    upload.campaign = campaign
    access.require(shortcuts.current_user(request), KINDS[upload.kind].permission, campaign)
    return campaign, upload, KINDS[upload.kind]


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show the plan or, once imported, redirect to the result. A POST saves the answers (which column is which, which unit is meant).
    ``?job`` is the failed job whose message is shown."""
    _, upload, kind = _upload_or_404(request, campaign_id, pk)
    if upload.applied_at:
        return _result(request, upload, kind)
    if request.method == "POST" and request.POST.get(import_uploads.ERRORS) in (
        import_uploads.SKIP,
        import_uploads.STOP,
    ):
        import_uploads.save_answers(upload, {import_uploads.ERRORS: request.POST[import_uploads.ERRORS]})
        return redirect(upload)
    with message_refusals(request):
        return _planned(request, upload, kind, import_uploads.plan_of(upload, shortcuts.current_actor(request)))
    return redirect("import_new", campaign_id, kind.name)


def _planned(request: HttpRequest, upload: ImportUpload, kind: ImportKind, plan: ImportPlan) -> HttpResponse:
    asks_columns = bool(plan.layout.ambiguous) or "columns" in request.GET
    form = MappingForm(request.POST or None, kind=kind, layout=plan.layout) if asks_columns else None
    answers = AnswersForm(request.POST or None, questions=plan.questions) if plan.questions and not form else None
    if request.method == "POST" and form and form.is_valid():
        import_uploads.set_mapping(upload, form.mapping)
        return redirect(upload)
    if request.method == "POST" and answers and answers.is_valid():
        import_uploads.save_answers(upload, answers.given)
        return redirect(upload)
    status, sentence = 422 if request.method == "POST" else 200, _refusal(request, upload)
    return _page(request, upload, kind, plan, form=form, answers=answers, sentence=sentence, status=status)


def _redirect_to_result(request: HttpRequest, upload: ImportUpload, kind: ImportKind) -> HttpResponse:
    """Redirect to the page of what was imported, with the result as a message."""
    messages.success(request, f"已导入“{upload}”：{upload.result}。")
    return redirect(kind.result_view, upload.campaign_id)


def _result(request: HttpRequest, upload: ImportUpload, kind: ImportKind) -> HttpResponse:
    """Show the rows that were not imported; if there are none, redirect to what was imported."""
    if not import_uploads.takes_right_rows(upload):
        return _redirect_to_result(request, upload, kind)
    with message_refusals(request):
        plan = import_uploads.plan_of(upload, shortcuts.current_actor(request))
        if plan.errors:
            return _page(request, upload, kind, plan)
    return _redirect_to_result(request, upload, kind)


def _refusal(request: HttpRequest, upload: ImportUpload) -> str:
    number = request.GET.get("job", "")
    asked = Job.objects.visible_to(shortcuts.current_user(request)).filter(state="failed", params__intake=upload.pk)
    found = asked.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    return found.message if found else ""


def _page(
    request: HttpRequest,
    upload: ImportUpload,
    kind: ImportKind,
    plan: ImportPlan,
    *,
    form: MappingForm | None = None,
    answers: AnswersForm | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    counts, left = plan.counts, unread.summary(plan.left, len(plan.sheets) > 1)
    context = {
        "campaign": upload.campaign,
        "upload": upload,
        "kind": kind,
        "plan": plan,
        "counts": counts,
        "form": form,
        "answers": answers,
        "sentence": sentence,
        "errors": plan.errors[:MAX_LINES],
        "is_markable": marked_workbook.is_markable(bytes(upload.content)),
        "lines": plan.pending_lines[:MAX_LINES],
        "cleared": plan.cleared[:MAX_LINES],
        "left": left[:MAX_LINES],
        "more": max(0, len(plan.pending_lines) - MAX_LINES),
        "more_errors": max(0, len(plan.errors) - MAX_LINES),
        "more_cleared": max(0, len(plan.cleared) - MAX_LINES),
        "more_left": max(0, len(left) - MAX_LINES),
        "wait": expected_wait(len(plan.pending_lines)),
    }
    return render(request, "creation/imports/page.html", context, status=status)


def expected_wait(lines: int) -> int:
    """Return for how many seconds nobody else can save during the import; 0 where it is not worth a word."""
    if lines <= INLINE_LINES or connection.vendor != "sqlite":
        return 0
    return max(5, -(-lines // LINES_PER_SECOND))


@require_POST
def import_apply(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Import few lines within the request, many as a background job with a progress bar. A second click joins the first job."""
    _, upload, kind = _upload_or_404(request, campaign_id, pk)
    if upload.applied_at:
        return _redirect_to_result(request, upload, kind)
    job = import_jobs.enqueue(upload, kind, request.POST.get("seen", ""), shortcuts.current_actor(request))
    if _runs_inline(request):
        background.run_now(job, timezone.now)
        job.refresh_from_db()
    if job.is_unfinished:
        return jobs.redirect_to_job(job)
    if job.state == "done":
        upload.refresh_from_db(fields=["result"])
        is_divided = import_uploads.takes_right_rows(upload)
        return redirect(upload) if is_divided else _redirect_to_result(request, upload, kind)
    plan = import_uploads.plan_of(upload, shortcuts.current_actor(request))
    return _page(request, upload, kind, plan, sentence=job.message, status=409)


def _runs_inline(request: HttpRequest) -> bool:
    """Decide by the number of lines that the page has shown."""
    lines = request.POST.get("lines", "")
    return lines.isdecimal() and len(lines) < 6 and int(lines) <= INLINE_LINES


@require_GET
def import_marked(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Return the workbook with the faulty cells marked."""
    _, upload, kind = _upload_or_404(request, campaign_id, pk)
    if upload.applied_at and not import_uploads.takes_right_rows(upload):
        return redirect(kind.result_view, campaign_id)
    plan = import_uploads.plan_of(upload, shortcuts.current_actor(request))
    try:
        content = marked_workbook.mark_errors(bytes(upload.content), plan)
    except Refusal as unreadable:
        return _page(request, upload, kind, plan, sentence=unreadable.sentence, status=409)
    stem = upload.name.removesuffix(".xlsx")
    return _download(content, f"{stem}（已标出错误）.xlsx")
