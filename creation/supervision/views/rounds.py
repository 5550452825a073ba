"""Rounds: the list, the page of one with its plan of visits, planning it, and telling the units."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.lib.refusals import Refusal, Stale
from creation.models import InspectionTeam, SupervisionRound, Visit
from creation.rules.policy import Permission
from creation.supervision import rounds, visit_plan
from creation.supervision.filters import RoundFilter, rounds_of
from creation.supervision.forms.rounds import NewVisitForm, RoundForm, TeamForm, VisitDayForm
from creation.supervision.tables.visits import RoundTable
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.pagination import paginate_table
from creation.web.refusals import conflict, form_refusals, message_refusals

SORTS = [("-number", "新近的在前"), ("number", "按轮次"), ("starts", "按日期")]


def round_or_404(request: HttpRequest, campaign_id: int, pk: int) -> SupervisionRound:
    seen = SupervisionRound.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


def _planned_round_or_404(request: HttpRequest, campaign_id: int, pk: int) -> SupervisionRound:
    """Return the round. 403 if the person may see it and not plan it."""
    found = round_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.VISIT_PLAN, found)
    return found


@require_GET
def round_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.VISIT_READ)
    user = shortcuts.current_user(request)
    rows = rounds_of(campaign, user)
    found = RoundFilter(request.GET, rows, campaign=campaign, user=user, today=timezone.localdate())
    table = RoundTable(found.qs, whole=user.has_permission_beyond_unit(Permission.VISIT_READ))
    paginate_table(table, request)
    part = wants_fragment(request)
    last = None if part else rows.first()
    context = {
        "campaign": campaign,
        "filter": found,
        "table": table,
        "sorts": SORTS,
        "total": table.paginator.count,
        "none_yet": not table.paginator.count and not rows.exists(),
        "last": last,
        "may_plan": campaign.is_open and access.may(user, Permission.VISIT_PLAN, campaign),
    }
    name = "creation/supervision/rounds/_list.html" if part else "creation/supervision/rounds/list.html"
    return render(request, name, context)


@require_http_methods(["GET", "POST"])
def round_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.VISIT_PLAN)
    form = RoundForm(request.POST or None, system=campaign.system)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            made = rounds.add_round(campaign, form.text_of, shortcuts.current_actor(request))
            messages.success(request, f"已新建“{made}”。请编好督导组，选好走访单位，再排日期。")
            return redirect(made)
    context = {"campaign": campaign, "form": form, "row": None}
    return render(request, "creation/supervision/rounds/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def round_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    form = RoundForm(request.POST or None, system=row.campaign.system, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                seen = form.cleaned_data["seen"] or 0
                rounds.edit_round(row, form.text_of, shortcuts.current_actor(request), seen)
                messages.success(request, "已保存。")
                return redirect(row)
        except Stale as stale:
            return conflict(request, stale, "本轮督导没有保存", _typed(form))
    context = {"campaign": row.campaign, "form": form, "row": row}
    return render(request, "creation/supervision/rounds/form.html", context, status=422 if form.errors else 200)


def _typed(form: RoundForm) -> str:
    lines = (
        (form[name].label, form.cleaned_data.get(name)) for name in ("name", "starts", "ends", "focus", "preparation")
    )
    return "\n".join(f"{label}：{value}" for label, value in lines if value)


@require_POST
def round_repeat(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    try:
        made = rounds.repeat_round(row, shortcuts.current_actor(request))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(row)
    messages.success(request, f"已照“{row}”新建“{made}”：分组、单位和重点相同，日期顺延。请核对后通知单位。")
    return redirect(made)


@require_POST
def round_discard(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    try:
        rounds.discard_round(row, shortcuts.current_actor(request))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(row)
    messages.success(request, f"已删除“{row}”。")
    return redirect("rounds", campaign_id)


@require_GET
def round_page(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, round_or_404(request, campaign_id, pk))


def _page(
    request: HttpRequest,
    row: SupervisionRound,
    forms: dict[int, VisitDayForm] | None = None,
    added: NewVisitForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = shortcuts.current_user(request)
    may_plan = access.may(user, Permission.VISIT_PLAN, row) and row.campaign.is_open
    seen = Visit.objects.visible_to(user).filter(round=row)
    visits = list(seen.for_table().by_day().prefetch_related("team__members"))
    calendar = shortcuts.workdays(request)
    held = [each for each in visits if not each.cancelled_on]
    whole = user.has_permission_beyond_unit(Permission.VISIT_READ)
    teams = row.teams.all() if whole else row.teams.filter(pk__in={each.team_id for each in visits})
    said: dict[int, list[str]] = {}
    if whole:
        elsewhere = visit_plan.visits_elsewhere(row, held)
        said = visit_plan.warnings(held, calendar, visit_plan.names_of_days_off(), elsewhere)
    days = visit_plan.columns(row, held, calendar)
    open_forms = may_plan and [each for each in held if not each.recorded_at]
    forms = forms or {each.pk: VisitDayForm(visit=each) for each in open_forms or []}
    context: dict[str, Any] = {
        "campaign": row.campaign,
        "row": row,
        "points": list(row.points.order_by("order")),
        "teams": list(teams.select_related("leader").prefetch_related("members")),
        "visits": [(each, said.get(each.pk, []), forms.get(each.pk)) for each in visits],
        "days": [(day, calendar.is_workday(day)) for day in days],
        "table": _table(held, days, said) if whole else [],
        "may_plan": may_plan,
        "may_make_paper": access.may(user, Permission.PAPER_MAKE, row),
        "whole": whole,
        "today": timezone.localdate(),
        "untold": sum(not each.is_told for each in held if each.day and not each.recorded_at),
        "warned": len(said),
        "editable": bool(forms),
    }
    if may_plan:
        context["may_discard"] = not rounds.is_begun(row)
        context["added"] = added or NewVisitForm(row=row, units=units_of(request, row.campaign))
    return render(request, "creation/supervision/rounds/page.html", context, status=status)


def _table(visits: list[Visit], days: list[Any], said: dict[int, list[str]]) -> list[Any]:
    """Return the rows of the table: unit, and for each day its visits with whether something does not fit."""
    units = {each.unit_id: each.unit for each in sorted(visits, key=lambda each: (each.unit.order, each.unit_id))}
    cells: dict[tuple[int, Any], list[tuple[Visit, bool]]] = {}
    for each in visits:
        cells.setdefault((each.unit_id, each.day), []).append((each, each.pk in said))
    return [(unit, [cells.get((pk, day), []) for day in days], cells.get((pk, None), [])) for pk, unit in units.items()]


@require_POST
def round_days(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Save the days of all visits in the table."""
    row = _planned_round_or_404(request, campaign_id, pk)
    sent = [each for each in row.visits.unrecorded().for_table() if f"v{each.pk}-half" in request.POST]
    forms = {each.pk: VisitDayForm(request.POST, visit=each) for each in sent}
    valid = [form.is_valid() for form in forms.values()]
    if all(valid):
        with message_refusals(request):
            count = visit_plan.set_days(
                row, [form.planned for form in forms.values()], shortcuts.current_actor(request)
            )
            messages.success(request, f"已保存，改动 {count} 次走访。" if count else "没有改动。")
        return redirect(row)
    return _page(request, row, forms, status=422)


@require_POST
def round_visit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    form = NewVisitForm(request.POST, row=row, units=units_of(request, row.campaign))
    if form.is_valid():
        values = form.cleaned_data
        with form_refusals(form):
            visit_plan.add_visit(row, **values, actor=shortcuts.current_actor(request))
            messages.success(request, f"已增加对{values['unit']}的走访。")
            return redirect(row)
    return _page(request, row, added=form, status=422)


@require_POST
def round_announce(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    with message_refusals(request):
        told = visit_plan.announce(row, shortcuts.current_actor(request))
        messages.success(
            request, f"已通知 {len(told)} 次走访的单位：{'、'.join(str(each.unit) for each in told[:12])}。"
        )
    return redirect(row)


@require_http_methods(["GET", "POST"])
def team_new(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    return _team_page(request, row, None)


@require_http_methods(["GET", "POST"])
def team_edit(request: HttpRequest, campaign_id: int, pk: int, team_id: int) -> HttpResponse:
    row = _planned_round_or_404(request, campaign_id, pk)
    return _team_page(
        request, row, get_object_or_404(row.teams.select_related("round__campaign", "leader"), pk=team_id)
    )


def _team_page(request: HttpRequest, row: SupervisionRound, team: InspectionTeam | None) -> HttpResponse:
    actor = shortcuts.current_actor(request)
    visited = row.visits.active().values("unit")
    form = TeamForm(
        request.POST or None,
        people=rounds.possible_members(row.campaign, actor.today),
        units=units_of(request, row.campaign).exclude(pk__in=visited),
        team=team,
    )
    if request.method == "POST" and form.is_valid():
        units = list(form.cleaned_data["units"])
        with form_refusals(form):
            if team:
                rounds.edit_team(team, form.text_of, units, actor)
            else:
                rounds.add_team(row, form.text_of, units, actor)
            messages.success(
                request,
                f"已保存“{form.cleaned_data['name']}”" + (f"，增加走访 {len(units)} 个单位。" if units else "。"),
            )
            return redirect(row)
    context = {"campaign": row.campaign, "row": row, "team": team, "form": form, "groups": unit_groups(form, "units")}
    return render(request, "creation/supervision/rounds/team.html", context, status=422 if form.errors else 200)
