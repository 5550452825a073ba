"""活动设置: the office prepares a campaign step by step, opens it, and publishes changes."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns import (
    campaign_lifecycle,
    campaign_settings,
    closing,
    draft_deletion,
    open_points,
    task_generation,
)
from creation.campaigns.forms.rollover import RolloverForm
from creation.campaigns.forms.setup import CampaignSettingsForm, DeleteDraftForm, NewCampaignForm
from creation.campaigns.rollover import open_gaps
from creation.lib.refusals import Stale
from creation.models import Action, Assignment, Campaign, Unit
from creation.notices import holidays
from creation.people import ownership, signers
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals, message_refusals
from creation.web.shortcuts import managed_campaign_or_404


@require_GET
def campaign_setup(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    today = shortcuts.current_actor(request).today
    units = Unit.objects.active(today).filter(district=campaign.district_id)
    owners = ownership.task_owners(campaign, today)
    phases = list(campaign.phases.order_by("order"))
    context = {
        "campaign": campaign,
        "units": units.count(),
        "units_without_liaison": [unit for unit in units if unit.pk not in owners],
        "phases": phases,
        "announced": sum(phase.announced for phase in phases),
        "checkpoints": campaign.system.indicators.checkpoints().count(),
        "examples": _examples(campaign),
        "actions": Action.objects.filter(phase__campaign=campaign, cancelled_on=None).count(),
        "plan": task_generation.plan_tasks(campaign),
        "undecided": open_gaps.open_gaps(campaign) if campaign.previous_id else [],
        "calendar_warning": holidays.missing_years_warning(today),
        "may_create": access.may(shortcuts.current_user(request), Permission.CAMPAIGN_CREATE, campaign),
    }
    return render(request, "creation/campaigns/setup/guide.html", context)


@require_http_methods(["GET", "POST"])
def campaign_edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    form = CampaignSettingsForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in CampaignSettingsForm.Meta.fields}
        try:
            with form_refusals(form):
                campaign_settings.update_settings(
                    campaign, values, form.cleaned_data["seen"], shortcuts.current_actor(request)
                )
                messages.success(request, "活动设置已保存。")
                _warn_about_signers(request, campaign, values)
                return redirect("campaign_setup", campaign_id)
        except Stale as stale:
            return _conflict(request, campaign_id, stale, values)
    unsigned = signers.units_without_signer(campaign, shortcuts.current_actor(request).today)
    context = {"campaign": campaign, "form": form, "units_without_signer": unsigned}
    return render(request, "creation/campaigns/setup/campaign.html", context, status=422 if form.errors else 200)


def _warn_about_signers(request: HttpRequest, campaign: Campaign, values: dict[str, Any]) -> None:
    unsigned = signers.units_without_signer(campaign, shortcuts.current_actor(request).today)
    if values["sign_off"] and unsigned:
        names = "、".join(unit.short_name for unit in unsigned)
        messages.warning(request, f"{len(unsigned)} 个单位没有分管领导，答复不经审签直接送创建办：{names}。")


def _conflict(request: HttpRequest, campaign_id: int, stale: Stale, mine: dict[str, Any]) -> HttpResponse:
    fresh = Campaign.objects.get(pk=campaign_id)
    theirs = campaign_settings.describe_settings({name: getattr(fresh, name) for name in mine})
    return conflict(request, stale, "活动设置已被他人修改", campaign_settings.describe_settings(mine), theirs)


@require_http_methods(["GET", "POST"])
def campaign_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Prepare a draft campaign for another year. The campaign in the URL is the one the office is working in."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.CAMPAIGN_CREATE)
    actor = shortcuts.current_actor(request)
    form = NewCampaignForm(request.POST or None, initial={"preset": campaign.preset, "year": actor.today.year + 1})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "year"):
            made = campaign_lifecycle.prepare_campaign(
                form.cleaned_data["preset"], form.cleaned_data["year"], actor, draft=True
            )
            messages.success(request, f"“{made}”已在筹备中，请按步骤核对后启动。")
            return redirect("campaign_setup", made.pk)
    context = {"campaign": campaign, "form": form, "rollover_form": RolloverForm(previous=campaign)}
    return render(request, "creation/campaigns/setup/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def campaign_distribute(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show what will change. A POST opens a draft campaign, or publishes the changes of an open one."""
    campaign = managed_campaign_or_404(request, campaign_id)
    actor = shortcuts.current_actor(request)
    if request.method == "POST":
        with message_refusals(request):
            if request.POST.get("start"):
                done = campaign_lifecycle.open_draft(campaign, actor)
                told = f"活动已启动，下发任务 {len(done.create)} 项：各单位现在就能看到，联络员已收到通知。"
            else:
                done = campaign_lifecycle.publish_changes(campaign, actor)
                created, restored, changed, dropped = (
                    len(each) for each in (done.create, done.restore, done.change, done.drop)
                )
                told = f"已下发：新增 {created} 项，恢复 {restored} 项，调整 {changed} 项，撤销 {dropped} 项。"
            messages.success(request, told)
        return redirect("campaign_setup", campaign_id)
    plan = task_generation.plan_tasks(campaign)
    owners = ownership.task_owners(campaign, actor.today)
    context = {
        "campaign": campaign,
        "plan": plan,
        "rows": _by_unit(plan, set(owners)),
        "without_lead": task_generation.checkpoints_without_lead(campaign),
        "undecided": campaign.gaps.waiting().count(),
        "examples": _examples(campaign),
        "past": campaign.phases.filter(ends__lt=actor.today).order_by("order"),
    }
    return render(request, "creation/campaigns/setup/distribute.html", context)


def _examples(campaign: Campaign) -> int:
    return Assignment.objects.filter(campaign=campaign, example=True).count()


def _by_unit(plan: task_generation.TaskPlan, named: set[int]) -> list[dict[str, Any]]:
    """Return the plan by unit, in the order of the units."""
    kinds = {
        "create": plan.create,
        "restore": plan.restore,
        "change": plan.change,
        "drop": plan.drop,
        "keep": plan.keep,
    }
    counts = {kind: Counter(task.unit_id for task in tasks) for kind, tasks in kinds.items()}
    touched = set().union(*(set(counter) for counter in counts.values()))
    return [
        {"unit": unit, "named": unit.pk in named} | {kind: counter[unit.pk] for kind, counter in counts.items()}
        for unit in Unit.objects.filter(pk__in=touched).order_by(F("order"), "pk")
    ]


@require_GET
def campaign_closing(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show what is still open before the end, and the archive, the next year and the way back after it."""
    campaign = managed_campaign_or_404(request, campaign_id)
    may_create = access.may(shortcuts.current_user(request), Permission.CAMPAIGN_CREATE, campaign)
    context = {
        "campaign": campaign,
        "open_work": open_points.open_work(campaign, timezone.localdate()),
        "archives": closing.archives(campaign)[:20],
        "following": campaign.following.order_by("year").first(),
        "may_create": may_create,
    }
    return render(request, "creation/campaigns/setup/closing.html", context)


@require_POST
def campaign_close(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    with message_refusals(request):
        campaign_lifecycle.close_campaign(campaign, request.POST.get("name", ""), shortcuts.current_actor(request))
        messages.success(request, f"“{campaign}”已结束：各页面保留可查，不再接收报送。请生成归档包。")
    return redirect("campaign_closing", campaign_id)


@require_http_methods(["GET", "POST"])
def campaign_delete(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show what goes with a draft. A POST with its name deletes it."""
    campaign = managed_campaign_or_404(request, campaign_id)
    form = DeleteDraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            draft_deletion.delete_draft(campaign, form.cleaned_data["name"], shortcuts.current_actor(request))
            messages.success(request, f"“{campaign}”已删除。单位、人员和各单位的资料都还在。")
            return redirect("todo")
    context = {"campaign": campaign, "form": form, "contents": draft_deletion.contents(campaign)}
    return render(request, "creation/campaigns/setup/delete.html", context, status=422 if form.errors else 200)


@require_POST
def campaign_reopen(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign, actor = managed_campaign_or_404(request, campaign_id), shortcuts.current_actor(request)
    with message_refusals(request):
        campaign_lifecycle.reopen_campaign(campaign, shortcuts.typed_text(request, "reason"), actor)
        messages.success(request, f"“{campaign}”已重新启动，任务和时限都是结束时的样子。")
        if stopped := campaign_lifecycle.stopped_units_with_tasks(campaign, actor.today):
            names = "、".join(map(str, stopped))
            messages.warning(
                request,
                f"这些单位已停用，还有未办结的任务：{names}。请在“任务分工”和“工作事项”中改由其他单位承担，再下发。",
            )
    return redirect("campaign_setup", campaign_id)
