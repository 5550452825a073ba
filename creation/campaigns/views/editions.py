"""指标体系换版: compare and confirm a new edition, and list every edition that the campaign has had."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.editions import comparison, comparison_draft, confirmation, edition_history
from creation.campaigns.editions.comparison import Comparison, State
from creation.campaigns.editions.comparison_draft import EditionChoices
from creation.campaigns.forms.editions import EditionConfirmForm, EditionForm
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, EditionChange
from creation.web import shortcuts
from creation.web.refusals import form_refusals
from creation.web.shortcuts import MANAGE_CAMPAIGN, managed_campaign_or_404

NO_COMPARISON = "没有正在对照的新版。请先导入新版指标体系。"


@require_GET
def edition_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    may_manage = access.may(shortcuts.current_user(request), MANAGE_CAMPAIGN, campaign)
    context = {
        "campaign": campaign,
        "editions": edition_history.edition_periods(campaign),
        "may_manage": may_manage,
        "under_way": _under_way(campaign) if may_manage else None,
    }
    return render(request, "creation/campaigns/editions/list.html", context)


def _under_way(campaign: Campaign) -> EditionChange | None:
    change = EditionChange.objects.under_way().filter(campaign=campaign).select_related("created_by__unit").first()
    if change:
        change.campaign = campaign
    return change


@require_GET
def edition(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show an edition that is no longer in force, and what became of each of its checkpoints."""
    campaign, user = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_user(request)
    rows = EditionChange.objects.confirmed().select_related("before", "after", "confirmed_by__unit")
    change = get_object_or_404(rows, pk=pk, campaign=campaign)
    fresh = edition_history.added_checkpoints(change)
    may_manage = access.may(user, MANAGE_CAMPAIGN, campaign)
    context = {
        "campaign": campaign,
        "change": change,
        "outcomes": edition_history.checkpoint_outcomes(change, user),
        "levels": edition_history.changed_levels(change),
        "fresh": fresh,
        "unassigned": edition_history.unassigned_checkpoints(change, fresh)
        if may_manage and change.after_id == campaign.system_id
        else set(),
        "may_manage": may_manage,
    }
    return render(request, "creation/campaigns/editions/edition.html", context)


@require_http_methods(["GET", "POST"])
def edition_compare(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the pairs page by page. A POST saves the choices of this page and redirects to the page named ``to``, or to the confirmation
    when nothing is doubtful."""
    campaign = managed_campaign_or_404(request, campaign_id)
    change = _under_way(campaign)
    if change is None:
        return _no_comparison(request, campaign)
    found = comparison.compare(change)
    form = EditionForm(request.POST or None, comparison=found, page=request.GET.get("page", "1"))
    if request.method == "GET" or not form.is_valid():
        return _comparison_page(request, found, form, status=422 if request.method == "POST" else 200)
    data = form.cleaned_data
    try:
        with form_refusals(form, "edition"):
            chosen = EditionChoices(data["edition"], data["dated_on"], data["source"], form.choices)
            comparison_draft.save_choices(change, data["seen"], chosen, shortcuts.current_actor(request))
    except Stale as stale:
        return _compare_again(request, campaign, stale.sentence)
    if form.errors:
        return _comparison_page(request, found, form, status=422)
    if (to := request.POST.get("to", "")).isdecimal():
        messages.success(request, "本页的选择已保存。")
        return redirect(f"{reverse('edition_compare', args=[campaign.pk])}?page={to}")
    change.refresh_from_db()
    change.campaign = campaign
    if comparison.compare(change).problems:
        messages.success(request, "选择已保存。")
        return redirect("edition_compare", campaign.pk)
    return redirect("edition_confirm", campaign.pk)


def _no_comparison(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    messages.info(request, NO_COMPARISON)
    return redirect("editions", campaign.pk)


def _compare_again(request: HttpRequest, campaign: Campaign, sentence: str) -> HttpResponse:
    """Return to the current comparison with a message about what changed."""
    change = _under_way(campaign)
    if change is None:
        messages.warning(request, sentence)
        return redirect("editions", campaign.pk)
    found = comparison.compare(change)
    return _comparison_page(request, found, EditionForm(comparison=found), status=409, sentence=sentence)


def _comparison_page(
    request: HttpRequest, found: Comparison, form: EditionForm, status: int, sentence: str = ""
) -> HttpResponse:
    context = {"campaign": found.change.campaign, "found": found, "form": form, "sentence": sentence}
    return render(request, "creation/campaigns/editions/compare.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edition_confirm(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the effect on tasks and evidence; a POST carries it out."""
    campaign = managed_campaign_or_404(request, campaign_id)
    change = _under_way(campaign)
    if change is None:
        return _no_comparison(request, campaign)
    if request.method == "GET":
        return _summary(request, comparison.compare(change))
    form = EditionConfirmForm(request.POST)
    seen, agreed = (form.cleaned_data["seen"], form.cleaned_data["agreed"]) if form.is_valid() else ("", False)
    try:
        done = confirmation.confirm_change(change, seen, agreed, shortcuts.current_actor(request))
    except Refusal as refused:
        if _under_way(campaign) is None:
            messages.info(request, refused.sentence)
            return redirect("editions", campaign.pk)
        fresh = shortcuts.campaign_or_404(request, campaign_id)
        change.refresh_from_db()
        change.campaign = fresh
        return _summary(request, comparison.compare(change), sentence=refused.sentence, status=refused.status)
    messages.success(request, f"指标体系已换为“{done}”。任务、答复、资料和编号都已随要点延续。")
    return redirect("edition", campaign.pk, done.pk)


def _summary(request: HttpRequest, found: Comparison, sentence: str = "", status: int = 200) -> HttpResponse:
    going = [row for row in found.rows if row.old and not row.is_same and row.tasks]
    context = {
        "campaign": found.change.campaign,
        "found": found,
        "sentence": sentence,
        "touched": sum(row.tasks for row in going),
        "ended": sum(each.tasks for each in found.removed),
        "answered": sum(each.answered for each in found.removed),
        "merging": len(found.removed) < len(found.ended),
        "fresh": [row for row in found.rows if State.ADDED in row.states],
    }
    return render(request, "creation/campaigns/editions/confirm.html", context, status=status)


@require_POST
def edition_drop(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    change = _under_way(campaign)
    if change is None:
        return _no_comparison(request, campaign)
    try:
        comparison_draft.discard(change, shortcuts.current_actor(request))
    except Refusal as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, f"已放弃“{change.file_name}”的对照，指标体系没有改动。")
    return redirect("editions", campaign.pk)
