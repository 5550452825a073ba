"""Prepare a campaign from a preset (units, indicator system, phases, actions, assignments), open, close and reopen it, publish changes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from creation import presets
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns import open_points, task_generation
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    DEFAULT_SOURCES,
    Action,
    Assignment,
    AssignmentRole,
    Campaign,
    CampaignState,
    District,
    FindingSource,
    Indicator,
    IndicatorLevel,
    IndicatorSystem,
    Measure,
    Phase,
    Task,
    TaskStatus,
    Unit,
)
from creation.notices import holidays
from creation.notices.reminders import rule_settings
from creation.presets import Preset

FIRST_YEAR, LAST_YEAR = 2015, 2100


def prepare_campaign(preset: str, year: int, actor: Actor, *, draft: bool = False) -> Campaign:
    """Prepare the campaign of ``year`` and, unless ``draft``, open it and generate its tasks. Repeating the call changes nothing.

    Raises Refusal for a year out of range, and for an unknown or faulty preset.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refusal(f"年度“{year}”不正确，请填 {FIRST_YEAR} 到 {LAST_YEAR} 之间的四位数年份。")
    data = presets.load(preset)
    with transaction.atomic():
        holidays.fill_year(year, actor)
        campaign = _get_or_create_campaign(data, year, actor)
        if not draft and campaign.state == CampaignState.DRAFT:
            open_draft(campaign, actor)
    return campaign


def open_draft(campaign: Campaign, actor: Actor) -> task_generation.TaskPlan:
    """Open a draft campaign: make it visible to units and generate its tasks. Raises Refusal when it is not a draft."""
    with transaction.atomic():
        without_lead = task_generation.checkpoints_without_lead(campaign)
        if without_lead:
            raise Refusal(
                f"还有 {len(without_lead)} 个要点没有牵头单位（{without_lead[0].code} 等），请先到“任务分工”补齐。"
            )
        drafts = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.DRAFT)
        if not drafts.bump(state=CampaignState.OPEN):
            raise Refusal("该活动已经启动，无需重复操作。")
        campaign.refresh_from_db()
        audit_log.record(actor, "campaign.open", campaign)
        return task_generation.generate_tasks(campaign, actor)


def publish_changes(campaign: Campaign, actor: Actor) -> task_generation.TaskPlan:
    """Generate the tasks for what changed in an open campaign. Raises Refusal for a draft or a closed campaign."""
    with transaction.atomic():
        current = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not current.is_open:
            raise Refusal(f"活动{current.get_state_display()}，不能下发任务。")
        return task_generation.generate_tasks(current, actor)


def close_campaign(campaign: Campaign, typed_name: str, actor: Actor) -> None:
    """Close the campaign; it stays readable and can be reopened. What is left open is recorded.

    Raises Refusal unless it is open and ``typed_name`` is its name.
    """
    if typed_name.strip() != campaign.name:
        raise Refusal(f"为防误操作，请照抄活动名称“{campaign.name}”再结束。没有结束。")
    with transaction.atomic():
        left = open_points.open_work(campaign, actor.today)
        opened = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.OPEN)
        if not opened.bump(state=CampaignState.CLOSED):
            raise Refusal("只有进行中的活动可以结束。")
        campaign.refresh_from_db()
        audit_log.record(actor, "campaign.close", campaign, detail=f"结束时：{left}")


def reopen_campaign(campaign: Campaign, reason: str, actor: Actor) -> None:
    """Open a closed campaign again: tasks, due days and everything else are as they were. Raises Refusal without a reason."""
    require_text(reason, "请写明为什么重新启动已结束的活动，审计时要用。")
    with transaction.atomic():
        if not Campaign.objects.filter(pk=campaign.pk, state=CampaignState.CLOSED).bump(state=CampaignState.OPEN):
            raise Refusal("只有已结束的活动可以重新启动。")
        campaign.refresh_from_db()
        audit_log.record(actor, "campaign.reopen", campaign, detail=reason.strip())


def stopped_units_with_tasks(campaign: Campaign, today: date) -> list[Unit]:
    """Return the units that were stopped or merged while the campaign was closed, and still have unfinished tasks in it."""
    unfinished = Task.objects.active().filter(campaign=campaign).exclude(status=TaskStatus.APPROVED)
    active = Unit.objects.active(today).values("pk")
    return list(Unit.objects.filter(pk__in=unfinished.values("unit")).exclude(pk__in=active).order_by("order", "pk"))


def _get_or_create_campaign(data: Preset, year: int, actor: Actor) -> Campaign:
    district = _get_or_create_district(data)
    units = _get_or_create_units(data, district)
    system = _get_or_create_system(data, district)
    found = Campaign.objects.filter(district=district, system=system, year=year).first()
    if found:
        return found
    window_from, window_to = data.window(year)
    campaign = Campaign.objects.create(
        district=district,
        system=system,
        host=units[data.district.host],
        name=f"{data.title}（{year}年）",
        preset=data.name,
        year=year,
        finding_prefix=f"{district.own_name[:1]}法督",
        window_from=window_from,
        window_to=window_to,
    )
    _create_phases(data, campaign, units)
    _create_assignments(data, campaign, units)
    rule_settings.create_rules(campaign, data.reminder_rules)
    audit_log.record(actor, "campaign.create", campaign, detail=f"预置方案 {data.name}")
    return campaign


def _get_or_create_district(data: Preset) -> District:
    parent, _ = District.objects.get_or_create(name=data.district.parent)
    district, created = District.objects.get_or_create(name=data.district.name, defaults={"parent": parent})
    if created:
        sources = enumerate(DEFAULT_SOURCES, 1)
        FindingSource.objects.bulk_create(FindingSource(district=district, name=name, order=n) for n, name in sources)
    return district


def _get_or_create_units(data: Preset, district: District) -> dict[str, Unit]:
    """Return short name → unit. Units that the office has renamed or added are left unchanged."""
    units_by_name = {unit.short_name: unit for unit in Unit.objects.filter(district=district)}
    by_full_name = {unit.name: unit for unit in units_by_name.values()}
    for row in data.units:
        if row.short_name not in units_by_name:
            units_by_name[row.short_name] = by_full_name.get(row.name) or _create_unit(row, district)
    return units_by_name


def _create_unit(row: presets.UnitPreset, district: District) -> Unit:
    return Unit.objects.create(
        district=district, name=row.name, short_name=row.short_name, kind=row.kind, order=row.order
    )


def _get_or_create_system(data: Preset, district: District) -> IndicatorSystem:
    system, new = IndicatorSystem.objects.get_or_create(
        district=district, name=data.system.name, edition=data.system.edition, defaults={"source": data.system.source}
    )
    if new:
        _create_indicators(data, system)
    return system


def _create_indicators(data: Preset, system: IndicatorSystem) -> None:
    order = iter(range(1, 10_000))
    made: dict[str, Indicator] = {}

    def add(
        row: presets.Section | presets.Item | presets.Checkpoint, level: IndicatorLevel, parent: Indicator | None
    ) -> Indicator:
        fields: dict[str, Any] = {}
        if isinstance(row, presets.Checkpoint):
            fields = {"proof": row.proof, "official_wording": row.wording, "kinds": list(row.kinds)}
        clause = "" if isinstance(row, presets.Section) else _in_full(data.system.source, row.clause)
        made[row.code] = Indicator.objects.create(
            system=system,
            parent=parent,
            level=level,
            code=row.code,
            key=row.key,
            order=next(order),
            title=row.title,
            clause=clause,
            **fields,
        )
        return made[row.code]

    for section in data.sections:
        top = add(section, IndicatorLevel.SECTION, None)
        for item in section.items:
            middle = add(item, IndicatorLevel.ITEM, top)
            for checkpoint in item.checkpoints:
                add(checkpoint, IndicatorLevel.CHECKPOINT, middle)
    Measure.objects.bulk_create(_build_measure(row, made[row.checkpoint]) for row in data.measures)


def _build_measure(row: presets.MeasurePreset, indicator: Indicator) -> Measure:
    return Measure(
        indicator=indicator,
        name=row.name,
        kind=row.kind.value,
        numerator=row.numerator,
        denominator=row.denominator,
        unit=row.unit,
        comparator=row.comparator.value,
        target=row.target,
        target_month_day=row.target_month_day,
        period=row.period,
        note=row.note,
        may_exceed=row.may_exceed,
    )


def _create_phases(data: Preset, campaign: Campaign, units: dict[str, Unit]) -> None:
    for row in data.phases:
        starts, ends = row.dates(campaign.year) or (None, None)
        phase = Phase.objects.create(
            campaign=campaign, kind=row.kind, name=row.short_name, order=row.order, starts=starts, ends=ends
        )
        for each in row.actions:
            _create_action(each, phase, units, campaign.system.source)


def _in_full(source: str, clause: str) -> str:
    """Return the clause with its document."""
    return f"《{source}》{clause}" if source else clause


def _create_action(row: presets.ActionPreset, phase: Phase, units: dict[str, Unit], source: str) -> None:
    action = Action.objects.create(
        phase=phase,
        code=row.code,
        title=row.title,
        text=row.text,
        source=_in_full(source, row.clause),
        audience=row.audience,
        modes=list(row.modes),
        days_before_end=row.days_before_phase_end,
        personal_act=row.personal_act,
    )
    action.units.set(units[name] for name in row.units)


def _create_assignments(data: Preset, campaign: Campaign, units: dict[str, Unit]) -> None:
    codes = dict(campaign.system.indicators.checkpoints().values_list("code", "pk"))
    Assignment.objects.bulk_create(_assignment_rows(data, campaign, units, codes), batch_size=500)


def _assignment_rows(
    data: Preset, campaign: Campaign, units: dict[str, Unit], codes: dict[str, int]
) -> Iterable[Assignment]:
    for code, row in data.assignments.items():
        for name in (row.lead, *row.assists):
            role = AssignmentRole.LEAD if name == row.lead else AssignmentRole.ASSIST
            yield Assignment(
                campaign=campaign, indicator_id=codes[code], unit=units[name], role=role, example=data.example
            )
