"""Reminder rules (提醒规则) of each phase, which the office adds and changes, with a preview for a day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, Holiday, Phase, ReminderRule
from creation.notices.forms.rules import PreviewDayForm, RuleForm
from creation.notices.reminders import rule_settings
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.rule_preview import preview_rule
from creation.notices.reminders.rule_words import schedule_text
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals
from creation.web.shortcuts import managed_campaign_or_404


@dataclass
class PhaseRules:
    """A phase with its rules, each with condition and schedule, and the conditions it has no rule for, each with its name."""

    phase: Phase
    rules: list[tuple[ReminderRule, Any, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)


@require_GET
def rule_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    rules = list(campaign.rules.in_order())
    phases = [_phase_rules(phase, rules) for phase in campaign.phases.order_by("order")]
    return render(request, "creation/notices/rules/list.html", {"campaign": campaign, "phases": phases})


def _phase_rules(phase: Phase, rules: list[ReminderRule]) -> PhaseRules:
    own = [rule for rule in rules if rule.phase_kind == phase.kind]
    missing = rule_settings.missing_conditions(phase.kind, {rule.condition for rule in own})
    return PhaseRules(
        phase,
        [(rule, CONDITIONS[rule.condition], schedule_text(rule)) for rule in own],
        [(name, CONDITIONS[name].title) for name in missing],
    )


@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest, campaign_id: int, phase_kind: str, condition: str) -> HttpResponse:
    """Add a rule of the registry to a phase, or preview it. One that is there already is shown instead."""
    campaign = managed_campaign_or_404(request, campaign_id)
    phase = get_object_or_404(campaign.phases, kind=phase_kind)
    if condition not in CONDITIONS or phase.kind not in CONDITIONS[condition].phases:
        raise Http404
    present = campaign.rules.filter(phase_kind=phase.kind, condition=condition).first()
    if present and request.method == "GET":
        return redirect(present)
    return _edit(request, rule_settings.propose_rule(campaign, phase.kind, condition), _add)


@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Save the rule, or preview the unsaved rule for a day, depending on the button."""
    return _edit(request, rule_or_404(managed_campaign_or_404(request, campaign_id), pk), _change)


Save = Callable[[HttpRequest, ReminderRule, RuleForm], None]


def _edit(request: HttpRequest, rule: ReminderRule, save: Save) -> HttpResponse:
    form = RuleForm(request.POST or None, rule=rule)
    day = PreviewDayForm(request.POST or request.GET or None, initial={"day": shortcuts.current_actor(request).today})
    if request.method == "GET":
        shown = request.GET and day.is_valid()
        return _page(request, rule, form, day, rule if shown else None)
    if "preview" in request.POST and form.is_valid() and day.is_valid():
        changed = rule_settings.with_values(rule, form.values())
        if _passes_check(changed, form):
            return _page(request, rule, form, day, changed)
    if "preview" not in request.POST and form.is_valid():
        return _save(request, rule, form, save)
    return _page(request, rule, form, day, None)


def _save(request: HttpRequest, rule: ReminderRule, form: RuleForm, save: Save) -> HttpResponse:
    try:
        with form_refusals(form):
            save(request, rule, form)
            return redirect("rules", rule.campaign_id)
    except Stale as stale:
        return _conflict(request, rule, stale, form.values())
    return _page(request, rule, form, PreviewDayForm(initial={"day": shortcuts.current_actor(request).today}), None)


def _add(request: HttpRequest, rule: ReminderRule, form: RuleForm) -> None:
    added = rule_settings.add_rule(rule, form.values(), shortcuts.current_actor(request))
    messages.success(request, f"“{added.name}”已添加，从下一次提醒起生效。")


def _change(request: HttpRequest, rule: ReminderRule, form: RuleForm) -> None:
    rule_settings.change_rule(rule, form.values(), form.cleaned_data["seen"], shortcuts.current_actor(request))
    messages.success(request, f"“{rule.name}”已保存，从下一次提醒起生效。")


def _passes_check(rule: ReminderRule, form: RuleForm) -> bool:
    with form_refusals(form):
        rule_settings.check_rule(rule)
    return form.is_valid()


def _page(
    request: HttpRequest, rule: ReminderRule, form: RuleForm, day: PreviewDayForm, shown: ReminderRule | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "campaign": rule.campaign,
        "rule": rule,
        "form": form,
        "day_form": day,
        "condition": CONDITIONS[rule.condition],
        "field_names": rule_settings.text_fields(rule.condition),
        "schedule": schedule_text(shown or rule),
        "undated": rule.campaign.phases.filter(kind=rule.phase_kind, ends=None).first(),
        "address": request.path,
    }
    if shown:
        phase = get_object_or_404(rule.campaign.phases.select_related("campaign"), kind=rule.phase_kind)
        context["preview"] = preview_rule(shown, phase, day.cleaned_data["day"], Holiday.objects.calendar())
    return render(
        request, "creation/notices/rules/rule.html", context, status=422 if form.errors or day.errors else 200
    )


@require_POST
def rule_switch(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    rule = rule_or_404(campaign, pk)
    enabled, seen = request.POST.get("enabled") == "1", request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    try:
        rule_settings.set_enabled(rule, enabled, version, shortcuts.current_actor(request))
        messages.success(request, f"“{rule.name}”已{'启用' if enabled else '停用'}。")
    except Stale as stale:
        return _conflict(request, rule, stale, {"enabled": enabled})
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("rules", campaign.pk)


def rule_or_404(campaign: Campaign, pk: int) -> ReminderRule:
    return get_object_or_404(ReminderRule.objects.select_related("campaign"), pk=pk, campaign=campaign)


def _conflict(request: HttpRequest, rule: ReminderRule, stale: Stale, mine: dict[str, Any]) -> HttpResponse:
    theirs = rule_settings.describe_values(ReminderRule.objects.get(pk=rule.pk).values(*mine))
    back = request.path if request.method == "GET" or "switch" not in request.path else "../"
    return conflict(request, stale, "提醒规则已被他人修改", rule_settings.describe_values(mine), theirs, back=back)
