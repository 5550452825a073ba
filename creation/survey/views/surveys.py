"""Surveys for the office: the list, a new one, its codes to print, paper forms, results. And the page that the public fills in."""

from bisect import bisect_left, bisect_right
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.lib.refusals import Refusal
from creation.models import Survey, SurveyBatch
from creation.rules import satisfaction
from creation.rules.policy import Permission
from creation.survey import codes, survey_results, surveys
from creation.survey.forms.surveys import LINK, AnswerSheet, CodesForm, PapersForm, SurveyChangeForm, SurveyForm
from creation.survey.tables.surveys import SurveyFilter, SurveyTable
from creation.web import shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import form_refusals

REPORTS = (("docx", "Word 报告"), ("xlsx", "Excel"))
SORTS = [("-starts", "新的在前"), ("starts", "早的在前")]
SLIPS = 500  # on one page to print
KEPT = 365 * 24 * 3600  # seconds that a phone keeps its code: longer than a survey may be extended
CHOICES = [(str(value), name) for value, name in satisfaction.CHOICES.items()]
UNKNOWN = "这个测评码无效，请扫描纸上的二维码，或向发放的工作人员再要一张。"


def _survey_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Survey:
    seen = Survey.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.select_related("campaign", "created_by"), pk=pk)


@require_GET
def survey_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.SURVEY_READ)
    user = shortcuts.current_user(request)
    today, rows = timezone.localdate(), Survey.objects.visible_to(user).filter(campaign=campaign)
    found = SurveyFilter(request.GET, rows, today=today)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_manage": campaign.is_open and access.may(user, Permission.SURVEY_MANAGE, campaign),
    }
    names = {"page": "creation/survey/list.html", "results": "creation/survey/_list.html"}
    return filtered_list(request, found, SurveyTable(found.qs, today=today), context, **names)


@require_http_methods(["GET", "POST"])
def survey_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.SURVEY_MANAGE)
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
    today = timezone.localdate()
    manages = found.campaign.is_open and access.may(user, Permission.SURVEY_MANAGE, found)
    given = sent.get("codes") or CodesForm(units=units)
    context: dict[str, Any] = {
        "campaign": found.campaign,
        "survey": found,
        "results": survey_results.results_of(found, today),
        "choices": list(satisfaction.CHOICES.items()),
        "comments": survey_results.comments_of(found, today),
        "reports": REPORTS,
        "least": satisfaction.MIN_ANSWERS,
        "is_running": found.is_open(today),
        "manages": manages,
    }
    if manages:
        context |= {
            "batches": _batches(found),
            "codes": given,
            "groups": unit_groups(given, "units"),
            "papers": sent.get("papers") or PapersForm(units=units),
        }
    return render(request, "creation/survey/page.html", context, status=422 if sent else 200)


def _batches(found: Survey) -> list[tuple[SurveyBatch, int, str]]:
    """Return each batch with the number of its answers, and of a short link the address."""
    serials = sorted(found.uses.values_list("serial", flat=True))
    rows = []
    for batch in found.batches.select_related("unit"):
        used = bisect_right(serials, batch.last) - bisect_left(serials, batch.first)
        rows.append((batch, used, codes.link_address_of(batch) if batch.is_link else ""))
    return rows


@require_http_methods(["GET", "POST"])
def survey_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    form = SurveyChangeForm(request.POST or None, existing=found)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            surveys.change_survey(found, actor=shortcuts.current_actor(request), **form.cleaned_data)
            messages.success(request, "已保存。")
            return redirect(found)
    context = {"campaign": found.campaign, "survey": found, "form": form}
    return render(request, "creation/survey/edit.html", context, status=422 if form.errors else 200)


@require_POST
def survey_codes(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    form = CodesForm(request.POST, units=units_of(request, found.campaign))
    if form.is_valid():
        with form_refusals(form):
            units, each = list(form.cleaned_data["units"]), form.cleaned_data["each"]
            actor = shortcuts.current_actor(request)
            if form.cleaned_data["way"] == LINK:
                made = surveys.add_links(found, units, each, actor)
                messages.success(
                    request, f"已为 {len(made)} 个单位各生成一个短链接，各收 {each} 份，请打印海报或复制网址。"
                )
            else:
                made = surveys.add_codes(found, units, each, actor)
                messages.success(request, f"已为 {len(made)} 个单位各生成 {each} 个测评码，请打印。")
            return redirect(found)
    return _page(request, found, codes=form)


@require_GET
def survey_slips(request: HttpRequest, campaign_id: int, pk: int, batch_id: int) -> HttpResponse:
    """The slips of one batch to print and cut: a QR code each. Codes that were used are left out. Of a short link, its poster."""
    found = _survey_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.SURVEY_MANAGE, found)
    batch = get_object_or_404(found.batches.select_related("unit"), pk=batch_id)
    if batch.is_link:
        context: dict[str, Any] = {"campaign": found.campaign, "survey": found, "batch": batch}
        context["address"] = codes.link_address_of(batch)
        return render(request, "creation/survey/poster.html", context)
    parts = [(first, min(batch.last, first + SLIPS - 1)) for first in range(batch.first, batch.last + 1, SLIPS)]
    asked = request.GET.get("part", "")
    part = min(int(asked), len(parts) - 1) if asked.isdecimal() and len(asked) < 6 else 0
    first, last = parts[part]
    used = set(batch.uses.filter(serial__range=(first, last)).values_list("serial", flat=True))
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
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def survey_answer(request: HttpRequest, code: str) -> HttpResponse:
    """The page behind a QR code. Says in a sentence why it cannot be filled in.

    Without a CSRF token and its cookie: there is no login that another site could misuse, who knows the code may answer, and browsers
    inside of apps often keep no cookie.
    """
    link = codes.read_link(code)
    if link is not None:
        return _linked(request, link)
    read = codes.read_code(code)
    known = codes.batch_with_use(*read) if read else None
    if known is None or read is None:
        return _said(request, UNKNOWN, 404)
    batch, is_used = known
    closed = _why_closed(batch, is_used=is_used)
    if closed:
        return _said(request, closed)
    sheet = AnswerSheet(batch.survey.questions, request.POST if request.method == "POST" else None)
    choices = sheet.choices
    if sheet.is_sent and choices is not None:
        try:
            surveys.answer(batch.survey, batch, read[1], choices, sheet.comment, timezone.localdate())
        except Refusal as refused:
            return _said(request, refused.sentence)
        return _said(request, "已收到您的评价，谢谢参与。")
    context = {"survey": batch.survey, "unit": batch.unit, "sheet": sheet, "choices": CHOICES}
    context["longest"] = surveys.MAX_COMMENT
    return render(request, "creation/survey/answer.html", context, status=422 if sheet.is_sent else 200)


def _linked(request: HttpRequest, key: int) -> HttpResponse:
    """Lead a phone from a short link to a code that is drawn for it; the phone keeps the code, so that it answers once."""
    batch = SurveyBatch.objects.filter(pk=key).exclude(limit=None).select_related("survey__campaign").first()
    if batch is None:
        return _said(request, UNKNOWN, 404)
    name = f"survey-{batch.pk}"
    kept = codes.read_code(request.COOKIES.get(name, ""))
    if kept and kept[0] == batch.survey_id and batch.first <= kept[1] <= batch.last:
        return redirect("survey_answer", request.COOKIES[name])
    closed = _why_closed(batch)
    if closed:
        return _said(request, closed)
    code = codes.draw_code(batch)
    response = redirect("survey_answer", code)
    response.set_cookie(name, code, max_age=KEPT, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    return response


def _why_closed(batch: SurveyBatch, *, is_used: bool = False) -> str:
    """Return in a sentence why no answer is taken, or ""."""
    survey = batch.survey
    if not survey.is_open(timezone.localdate()):
        return f"测评时间是 {survey.starts:%Y-%m-%d} 至 {survey.ends:%Y-%m-%d}，活动结束也就停止，现在不能作答。"
    if is_used:
        return surveys.USED
    return surveys.FULL if batch.is_full else ""


def _said(request: HttpRequest, sentence: str, status: int = 200) -> HttpResponse:
    return render(request, "creation/survey/said.html", {"sentence": sentence}, status=status)
