"""工作事项: actions of a campaign, which are work outside the indicator system, from the plan or added later."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation.campaigns import campaign_actions
from creation.campaigns.forms.setup import ActionEditForm, NewActionForm, unit_groups
from creation.campaigns.views.assignments import units_of
from creation.evidence import attachments
from creation.lib.refusals import Stale
from creation.models import ANSWERED, Action, Campaign
from creation.web import request_sizes, shortcuts
from creation.web.refusals import conflict, form_refusals, message_refusals, redirect_of_form
from creation.web.shortcuts import managed_campaign_or_404


def _actions(campaign: Campaign) -> Any:
    live = Q(tasks__dropped_on=None)
    return (
        Action.objects.filter(phase__campaign=campaign, order=None)  # supervision orders have pages of their own
        .select_related("phase__campaign")
        .annotate(
            given=Count("tasks", filter=live), answered=Count("tasks", filter=live & Q(tasks__status__in=ANSWERED))
        )
        .order_by("phase__order", "pk")
    )


@require_GET
def action_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    return render(
        request, "creation/campaigns/setup/actions.html", {"campaign": campaign, "actions": _actions(campaign)}
    )


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def action_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    form = NewActionForm(request.POST or None, campaign=campaign, units=units_of(request, campaign))
    if request.method == "POST" and form.is_valid():
        files: list[UploadedFile[Any]] = request.FILES.getlist("files")
        actor = shortcuts.current_actor(request)
        with form_refusals(form):
            with attachments.stored_attachments(files) as kept:
                action = campaign_actions.create_action(
                    campaign, campaign_actions.NewAction(**form.cleaned_data), actor, kept
                )
            told = "任务已下发，各单位联络员会收到通知。" if campaign.is_open else "活动启动时一并下发。"
            messages.success(request, f"已新增事项 {action}，{told}")
            return redirect_of_form(request, reverse("actions", args=[campaign.pk]))
    context = {"campaign": campaign, "form": form, "groups": unit_groups(form, "units"), "limit": settings.LIMIT_IMAGE}
    return render(request, "creation/campaigns/setup/action_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def action(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    found = get_object_or_404(_actions(campaign), pk=pk)
    form = ActionEditForm(request.POST or None, action=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                moved = campaign_actions.edit_action(found, **form.cleaned_data, actor=shortcuts.current_actor(request))
                messages.success(request, f"事项已修改，{moved} 项任务的时限随之调整，责任人会收到通知。")
                return redirect("actions", campaign.pk)
        except Stale as stale:
            return _conflict(request, form, Action.objects.get(pk=pk), stale)
    changes = found.changes.select_related("changed_by").order_by("-changed_at", "-pk")
    context = {"campaign": campaign, "action": found, "form": form, "files": found.files.all(), "changes": changes}
    return render(request, "creation/campaigns/setup/action.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, form: ActionEditForm, now: Action, stale: Stale) -> HttpResponse:
    names = [name for name in form.fields if name != "seen"]
    mine = "\n".join(f"{form.fields[name].label}：{form.cleaned_data[name] or ''}" for name in names)
    theirs = "\n".join(f"{form.fields[name].label}：{getattr(now, name) or ''}" for name in names)
    return conflict(request, stale, "事项没有保存", mine, theirs)


@require_POST
def action_cancel(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    found = get_object_or_404(_actions(campaign), pk=pk)
    with message_refusals(request):
        gone = campaign_actions.cancel_action(
            found, shortcuts.typed_text(request, "reason"), shortcuts.current_actor(request)
        )
        messages.success(request, f"事项 {found.code} 已取消，撤销 {gone} 项任务；已有答复的保留。")
        return redirect("actions", campaign.pk)
    return redirect("action", campaign.pk, pk)
