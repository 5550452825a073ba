"""Surveys for the office: the list, a new one, its codes to print, paper forms, results. And the page that the public fills in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.lib.refusals import Refusal
from creation.models import Survey, SurveyUse
from creation.rules import satisfaction
from creation.rules.policy import Permission
from creation.survey import codes, surveys
from creation.survey.forms.surveys import AnswerSheetForm, CodesForm, PapersForm, SurveyForm
from creation.web import shortcuts
from creation.web.refusals import form_refusals

REPORTS = (("docx", "Word 报告"), ("xlsx", "Excel"))
SLIPS = 500  # on one page to print


def _survey_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Survey:
    seen = Survey.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.select_related("campaign", "created_by"), pk=pk)


@require_GET
def survey_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign, user = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_user(request)
    access.require(user, Permission.SURVEY_READ, campaign)
    context = {
        "campaign": campaign,
        "surveys": list(Survey.objects.visible_to(user).filter(campaign=campaign)),
        "today": timezone.localdate(),
        "may_manage": campaign.is_open and access.may(user, Permission.SURVEY_MANAGE, campaign),
    }
    return render(request, "creation/survey/list.html", context)


@require_http_methods(["GET", "POST"])
def survey_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, campaign)
    form = SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            made = surveys.create_survey(campaign, form.new_survey, shortcuts.current_actor(request))
            messages.success(request, "已建立。下一步：给各单位生成测评码，打印后发给群众。")
            return redirect(made)
    context = {"campaign": campaign, "form": form}
    return render(request, "creation/survey/new.html", context, status=422 if form.errors else 200)


@require_GET
def survey(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, _survey_or_404(request, campaign_id, pk))


def _page(request: HttpRequest, found: Survey, **sent: Any) -> HttpResponse:
    user, units = shortcuts.current_user(request), units_of(request, found.campaign)
    manages = found.campaign.is_open and access.may(user, Permission.SURVEY_MANAGE, found)
    given = sent.get("codes") or CodesForm(units=units)
    context: dict[str, Any] = {
        "campaign": found.campaign,
        "survey": found,
        "results": surveys.results_of(found),
        "choices": list(satisfaction.CHOICES.items()),
        "comments": surveys.comments_of(found),
        "reports": REPORTS,
        "least": satisfaction.MIN_ANSWERS,
        "is_running": found.is_open(timezone.localdate()),
        "manages": manages,
    }
    if manages:
        context |= {
            "batches": list(found.batches.select_related("unit")),
            "codes": given,
            "groups": unit_groups(given, "units"),
            "papers": sent.get("papers") or PapersForm(units=units),
        }
    return render(request, "creation/survey/page.html", context, status=422 if sent else 200)


@require_POST
def survey_codes(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    form = CodesForm(request.POST, units=units_of(request, found.campaign))
    if form.is_valid():
        with form_refusals(form):
            units, each = list(form.cleaned_data["units"]), form.cleaned_data["each"]
            made = surveys.add_codes(found, units, each, shortcuts.current_actor(request))
            messages.success(request, f"已为 {len(made)} 个单位各生成 {each} 个测评码，请打印。")
            return redirect(found)
    return _page(request, found, codes=form)


@require_GET
def survey_slips(request: HttpRequest, campaign_id: int, pk: int, batch_id: int) -> HttpResponse:
    """The slips of one batch to print and cut: a QR code each. Codes that were used are left out."""
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    batch = get_object_or_404(found.batches.select_related("unit"), pk=batch_id)
    parts = [(first, min(batch.last, first + SLIPS - 1)) for first in range(batch.first, batch.last + 1, SLIPS)]
    asked = request.GET.get("part", "")
    part = min(int(asked), len(parts) - 1) if asked.isdecimal() and len(asked) < 6 else 0
    first, last = parts[part]
    used = set(SurveyUse.objects.filter(survey=found, serial__range=(first, last)).values_list("serial", flat=True))
    slips = [(serial, codes.address_of(found, serial)) for serial in range(first, last + 1) if serial not in used]
    context = {
        "campaign": found.campaign,
        "survey": found,
        "batch": batch,
        "slips": slips,
        "parts": parts,
        "part": part,
    }
    return render(request, "creation/survey/slips.html", context)


@require_POST
def survey_papers(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    form = PapersForm(request.POST, units=units_of(request, found.campaign))
    if form.is_valid():
        with form_refusals(form):
            lines, unit = form.cleaned_data["papers"].splitlines(), form.cleaned_data["unit"]
            count = surveys.enter_papers(found, unit, lines, shortcuts.current_actor(request))
            messages.success(request, f"已录入{unit}的纸质答卷 {count} 份。")
            return redirect(found)
    return _page(request, found, papers=form)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def survey_answer(request: HttpRequest, code: str) -> HttpResponse:
    """The page behind a QR code. Says in a sentence why it cannot be filled in."""
    read = codes.read_code(code)
    found = Survey.objects.select_related("campaign").filter(pk=read[0]).first() if read else None
    batch = codes.batch_of(found, read[1]) if found and read else None
    if found is None or batch is None or read is None:
        return _said(request, "这个测评码无效，请扫描纸上的二维码，或向发放的工作人员再要一张。", 404)
    today, serial = timezone.localdate(), read[1]
    if not found.is_open(today):
        return _said(
            request,
            f"测评时间是 {found.starts:%Y-%m-%d} 至 {found.ends:%Y-%m-%d}，活动结束也就停止，现在不能作答。",
            200,
        )
    if SurveyUse.objects.filter(survey=found, serial=serial).exists():
        return _said(request, surveys.USED, 200)
    form = AnswerSheetForm(request.POST or None, survey=found)
    if request.method == "POST" and form.is_valid():
        try:
            surveys.answer(found, batch, serial, form.choices, form.cleaned_data["comment"], today)
        except Refusal as refused:
            return _said(request, refused.sentence, 200)
        return _said(request, "已收到您的评价，谢谢参与。", 200)
    # The template draws the choices: a widget for each takes five times as long.
    choices = [(str(value), name) for value, name in satisfaction.CHOICES.items()]
    context = {"survey": found, "form": form, "choices": choices}
    return render(request, "creation/survey/answer.html", context, status=422 if form.errors else 200)


def _said(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "creation/survey/said.html", {"sentence": sentence}, status=status)
