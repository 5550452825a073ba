"""Excel in: a workbook is handed in, looked at line by line, asked about, and imported whole or not at all."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation import background as working
from creation.background.views import jobs
from creation.imports import blanks, keeping, longwork, marking
from creation.imports.forms.imports import AnswersForm, MappingForm, WorkbookForm
from creation.imports.kinds import Kind
from creation.imports.plans import Plan
from creation.imports.registry import KINDS
from creation.lib.refusals import Refusal
from creation.models import Campaign, Intake, Job
from creation.web import doors
from creation.web.refusals import form_refusals, message_refusals

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SMALL = 100  # lines that are imported before the next page opens: about a second
SHOWN = 300  # lines on the page; all errors are in the marked workbook


@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Choose the workbook; one that cannot be read is said so here, and nothing of it is kept."""
    if kind not in KINDS:
        raise Http404
    campaign, chosen = doors.campaign_or_404(request, campaign_id), KINDS[kind]
    access.require(doors.person(request), chosen.act, campaign)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["workbook"]
        with form_refusals(form, "workbook"):
            intake = keeping.receive(chosen, campaign, file.name, file.read(), doors.actor(request))
            return redirect("import", campaign.pk, intake.pk)
    context = {"campaign": campaign, "kind": chosen, "form": form}
    return render(request, "creation/imports/new.html", context, status=422 if form.errors else 200)


@require_GET
def import_blank(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """The table as it stands, to be filled in offline."""
    if kind not in KINDS:
        raise Http404
    campaign, chosen = doors.campaign_or_404(request, campaign_id), KINDS[kind]
    access.require(doors.person(request), chosen.act, campaign)
    content = blanks.workbook(chosen, campaign, doors.actor(request))
    return _download(content, f"{chosen.title} {doors.actor(request).today:%Y-%m-%d}.xlsx")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _intake_or_404(request: HttpRequest, campaign_id: int, pk: int) -> tuple[Campaign, Intake, Kind]:
    """One's own, while one may still import such a table."""
    campaign = doors.campaign_or_404(request, campaign_id)
    intake = get_object_or_404(Intake.objects.visible_to(doors.person(request)), pk=pk, campaign=campaign)
    intake.campaign = campaign
    access.require(doors.person(request), KINDS[intake.kind].act, campaign)
    return campaign, intake, KINDS[intake.kind]


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """What the workbook would do; once it is done, what came of it. A POST answers what is asked: which column is which, which unit is
    meant. ``?job``: the work that came to nothing, whose sentence is shown.
    """
    _, intake, kind = _intake_or_404(request, campaign_id, pk)
    if intake.applied_at:
        return _done(request, intake, kind)
    with message_refusals(request):
        return _planned(request, intake, kind, keeping.plan_of(intake, doors.actor(request)))
    return redirect("import_new", campaign_id, kind.name)


def _planned(request: HttpRequest, intake: Intake, kind: Kind, plan: Plan) -> HttpResponse:
    asks_columns = bool(plan.layout.doubts) or "columns" in request.GET
    form = MappingForm(request.POST or None, kind=kind, layout=plan.layout) if asks_columns else None
    answers = AnswersForm(request.POST or None, questions=plan.questions) if plan.questions and not form else None
    if request.method == "POST" and form and form.is_valid():
        keeping.point_out(intake, form.mapping)
        return redirect(intake)
    if request.method == "POST" and answers and answers.is_valid():
        keeping.answer(intake, answers.given)
        return redirect(intake)
    status, sentence = 422 if request.method == "POST" else 200, _refusal(request, intake)
    return _page(request, intake, kind, plan, form=form, answers=answers, sentence=sentence, status=status)


def _done(request: HttpRequest, intake: Intake, kind: Kind) -> HttpResponse:
    """On to the page of what was imported, with the sentence what came of it."""
    messages.success(request, f"已导入“{intake}”：{intake.result}。")
    return redirect(kind.then, intake.campaign_id)


def _refusal(request: HttpRequest, intake: Intake) -> str:
    number = request.GET.get("job", "")
    asked = Job.objects.visible_to(doors.person(request)).filter(state="failed", params__intake=intake.pk)
    found = asked.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    return found.message if found else ""


def _page(
    request: HttpRequest,
    intake: Intake,
    kind: Kind,
    plan: Plan,
    form: MappingForm | None = None,
    answers: AnswersForm | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    counts = plan.counts
    context = {
        "campaign": intake.campaign,
        "intake": intake,
        "kind": kind,
        "plan": plan,
        "counts": counts,
        "form": form,
        "answers": answers,
        "sentence": sentence,
        "errors": plan.errors[:SHOWN],
        "lines": plan.to_do[:SHOWN],
        "more": max(0, len(plan.to_do) - SHOWN),
    }
    return render(request, "creation/imports/page.html", context, status=status)


@require_POST
def import_apply(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Little is imported before the next page opens, much by the worker, behind a bar. A second click joins the first."""
    _, intake, kind = _intake_or_404(request, campaign_id, pk)
    if intake.applied_at:
        return _done(request, intake, kind)
    job = longwork.ask_for(intake, kind, request.POST.get("seen", ""), doors.actor(request))
    if _is_small(request):
        working.run_now(job, timezone.now)
        job.refresh_from_db()
    if job.is_live:
        return jobs.on_its_way(job)
    if job.state == "done":
        intake.refresh_from_db(fields=["result"])
        return _done(request, intake, kind)
    plan = keeping.plan_of(intake, doors.actor(request))
    return _page(request, intake, kind, plan, sentence=job.message, status=409)


def _is_small(request: HttpRequest) -> bool:
    """By the number of lines that the page has shown."""
    lines = request.POST.get("lines", "")
    return lines.isdecimal() and len(lines) < 6 and int(lines) <= SMALL


@require_GET
def import_marked(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The same workbook with the faulty cells marked."""
    _, intake, kind = _intake_or_404(request, campaign_id, pk)
    if intake.applied_at:
        return redirect(kind.then, campaign_id)
    plan = keeping.plan_of(intake, doors.actor(request))
    try:
        content = marking.marked(bytes(intake.content), plan)
    except Refusal as unreadable:
        return _page(request, intake, kind, plan, sentence=unreadable.sentence, status=409)
    stem = intake.name.removesuffix(".xlsx")
    return _download(content, f"{stem}（已标出错误）.xlsx")
