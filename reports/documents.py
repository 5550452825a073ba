"""自评报告、简报和文书: papers made by background jobs from templates that the office may replace."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.background.views import jobs
from creation.models import Campaign
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.refusals import form_refusals
from reports import bulletins
from reports.forms import TemplateForm, form_class
from reports.word import templates
from reports.word.definition import PaperDefinition
from reports.word.kinds import KINDS


@require_POST
def assessment_export(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ASSESSMENT_READ)
    stamp = "stamp" in request.POST and access.may(
        shortcuts.current_user(request), Permission.ASSESSMENT_WRITE, campaign
    )
    return jobs.start_job(request, "assessment", {"campaign": campaign.pk, "stamp": stamp})


@require_POST
def final_assessment_make(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ASSESSMENT_WRITE)
    return jobs.start_job(request, "final_assessment", {"campaign": campaign.pk})


@require_GET
def documents(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(request, campaign_id)
    context = {"campaign": campaign, "kinds": KINDS.values(), "may_replace": _may_replace(request, campaign)}
    return render(request, "reports/documents.html", context)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    return shortcuts.campaign_or_404(request, campaign_id, Permission.PAPER_MAKE)


def _may_replace(request: HttpRequest, campaign: Campaign) -> bool:
    return access.may(shortcuts.current_user(request), Permission.CAMPAIGN_MANAGE, campaign)


@require_http_methods(["GET", "POST"])
def document(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Show the form for a paper of this kind; a POST starts the job."""
    campaign, of = _campaign(request, campaign_id), _kind(kind)
    today, user = shortcuts.current_actor(request).today, shortcuts.current_user(request)
    form = form_class(of)(request.POST or None, kind=of, campaign=campaign, user=user, today=today)
    if request.method == "POST" and form.is_valid():
        stamp = form.cleaned_data.get("stamp", False)
        params = {"campaign": campaign.pk, "kind": kind, "asked": form.as_params(), "stamp": stamp}
        if of.is_issued:
            return jobs.start_job(request, bulletins.KIND, params)
        return jobs.start_job(request, "paper", params, immediate=True)
    form.begin_with(request.GET.dict())
    if draft := request.GET.get("draft"):
        form.initial = bulletins.draft_inputs(request, campaign, draft)
    context = {"campaign": campaign, "kind": of, "form": form, "own": templates.current(campaign, of)}
    context["issued"] = campaign.bulletins.select_related("created_by") if of.is_issued else []
    context["may_replace"] = _may_replace(request, campaign)
    return render(request, "reports/document.html", context, status=422 if form.errors else 200)


def _kind(name: str) -> PaperDefinition:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


@request_sizes.accepts_files(request_sizes.largest_document)
@require_http_methods(["GET", "POST"])
def document_template(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Show the current template, its fields, and a form to replace it. A POST with ``restore`` returns to the default template."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.CAMPAIGN_MANAGE)
    of = _kind(kind)
    if "restore" in request.POST:
        templates.restore(campaign, of, shortcuts.current_actor(request))
        messages.success(request, f"“{of.title}”已恢复为系统模板。")
        return redirect("document_template", campaign.pk, kind)
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "file"):
            templates.replace(campaign, of, form.cleaned_data["file"], shortcuts.current_actor(request))
            messages.success(request, f"“{of.title}”的模板已更换，从下一份起使用。")
            return redirect("document_template", campaign.pk, kind)
    context = {"campaign": campaign, "kind": of, "form": form, "own": templates.current(campaign, of)}
    context["versions"] = campaign.templates.filter(kind=kind).select_related("created_by")
    return render(request, "reports/template.html", context, status=422 if form.errors else 200)


@require_GET
def document_template_file(request: HttpRequest, campaign_id: int, kind: str) -> FileResponse:
    """Return the current template, to be edited in Word or WPS."""
    campaign = _campaign(request, campaign_id)
    of = _kind(kind)
    try:
        file = templates.as_file(campaign, of)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(file, as_attachment=True, filename=f"{of.title}模板.docx", content_type=templates.MEDIA_TYPE)
