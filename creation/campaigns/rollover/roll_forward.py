"""Roll a campaign forward: one transaction that creates a draft campaign from the outline. The old campaign is not changed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.db import models, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns import phase_dates
from creation.campaigns.campaign_lifecycle import LAST_YEAR
from creation.campaigns.editions import edition_copy
from creation.campaigns.rollover import dates, outlines
from creation.campaigns.rollover.dates import RolloverTarget
from creation.campaigns.rollover.outlines import RolloverOutline
from creation.campaigns.rollover.work_items import WorkItemKey
from creation.lib import strings
from creation.lib.refusals import Refusal
from creation.lib.relations import Stays
from creation.models import (
    Action,
    Campaign,
    CampaignState,
    Phase,
    RolloverGap,
)
from creation.models.copying import copy_instance
from creation.notices import holidays

BATCH = 500
FARTHEST = 366  # days between the requested start and the date that the years alone yield
NO_NAME = "请填写新活动的名称。"
DatesByPhase = Mapping[str, tuple[date | None, date | None]]  # kind of phase → first and last day


def refusal_reason(previous: Campaign, target: RolloverTarget) -> str:
    """Return the sentence that says why the campaign cannot be rolled forward, or ""."""
    if previous.state == CampaignState.DRAFT:
        return f"“{previous}”还在筹备，没有可以沿用的内容。请直接修改它，或按预置方案筹备。"
    if not previous.year < target.year <= LAST_YEAR:
        return f"年度须晚于“{previous}”的 {previous.year} 年，不晚于 {LAST_YEAR} 年，请改正。"
    if same := _other_campaign_of_year(previous, target.year):
        return f"{target.year} 年度已有活动“{same}”，请直接在那里筹备，或改填其他年度。"
    return "" if target.name.strip() else NO_NAME


def wrong_start(previous: Campaign, year: int, starts: date | None) -> str:
    """Return why the campaign of ``year`` cannot start on this day, or "" when it can or ``refusal_reason`` already refuses the year."""
    if not starts or not previous.year < year <= LAST_YEAR:
        return ""
    usual = dates.default_start(previous, year)
    if usual is None:
        return "上一年度的各阶段都没有定时间，请把开始日期留空，以后到“阶段时间”填写。"
    if abs((starts - usual).days) > FARTHEST:
        return f"开始日期 {starts} 与 {year} 年度相差一年以上，请核对年度和日期。"
    return ""


def wrong_days(name: str, starts: date | None, ends: date | None) -> str:
    """Return why the phase of this name cannot have these dates, or "" when it can."""
    try:
        phase_dates.check_dates(starts, ends)
    except Refusal as refused:
        return f"“{name}”：{refused}"
    return ""


def existing_rollover(previous: Campaign, year: int) -> Campaign | None:
    """Return the campaign of that year that was rolled forward from this one."""
    return Campaign.objects.filter(previous=previous, year=year).first()


def _other_campaign_of_year(previous: Campaign, year: int) -> Campaign | None:
    existing = Campaign.objects.filter(district=previous.district_id, year=year, system__name=previous.system.name)
    return existing.exclude(previous=previous).first()


def roll_forward(previous: Campaign, target: RolloverTarget, days: DatesByPhase, actor: Actor) -> Campaign:
    """Prepare the campaign of another year. A second call returns the campaign of the first. Raises Refusal."""
    with transaction.atomic():
        previous = Campaign.objects.select_for_update(of=("self",)).select_related("system").get(pk=previous.pk)
        if existing := existing_rollover(previous, target.year):
            return existing
        if sentence := refusal_reason(previous, target) or wrong_start(previous, target.year, target.starts):
            raise Refusal(sentence)
        holidays.fill_year(target.year, actor)
        outline = outlines.outline_rollover(previous, target, actor.today)
        for dated_phase in outline.phase_dates:
            if sentence := wrong_days(dated_phase.phase.name, *days.get(dated_phase.phase.kind, (None, None))):
                raise Refusal(sentence)
        campaign = _create_campaign(previous, target, outline)
        _copy_contents(campaign, outline, days)
        audit_log.record(actor, "campaign.roll", campaign, detail=_audit_detail(previous, outline))
    return campaign


def _create_campaign(previous: Campaign, target: RolloverTarget, outline: RolloverOutline) -> Campaign:
    years = target.year - previous.year
    system = copy_instance(previous.system, edition=edition_copy.unused_edition_name(previous.system, target.year))
    system.save(force_insert=True)
    campaign = copy_instance(
        previous,
        name=target.name,
        year=target.year,
        state=CampaignState.DRAFT,
        system_id=system.pk,
        previous_id=previous.pk,
        host_id=outline.host.pk,
        window_from=previous.window_from and dates.add_years(previous.window_from, years),
        window_to=previous.window_to and dates.add_years(previous.window_to, years),
        version=1,
    )
    campaign.save(force_insert=True)
    return campaign


def _copy_contents(campaign: Campaign, outline: RolloverOutline, days: DatesByPhase) -> None:
    copies_by_key = edition_copy.copy_indicators(outline.indicators, campaign.system_id)
    _bulk_insert(copy_instance(each, indicator_id=copies_by_key[each.indicator_id].pk) for each in outline.measures)
    actions = _copy_phases_and_actions(campaign, outline, days)
    _bulk_insert(
        copy_instance(each, campaign_id=campaign.pk, indicator_id=copies_by_key[each.indicator_id].pk)
        for each in outline.assignments
    )
    for rows in (outline.rules, outline.memberships):
        _bulk_insert(copy_instance(each, campaign_id=campaign.pk) for each in rows)
    _bulk_insert(copy_instance(each, campaign_id=campaign.pk, number=1) for each in outline.templates)
    indicators_by_key = {("", each.key): each for each in copies_by_key.values()}
    _bulk_insert(
        RolloverGap(
            campaign=campaign,
            indicator=indicators_by_key.get(gap.key) if gap.key else None,
            action=actions.get(gap.key) if gap.key else None,
            text=strings.shorten(gap.text, 300),
        )
        for gap in outline.gaps
    )


def _copy_phases_and_actions(
    campaign: Campaign, outline: RolloverOutline, days: DatesByPhase
) -> dict[WorkItemKey, Action]:
    """Copy phases and actions; return the actions by work item. Copied attachments refer to the same stored files."""
    phases: dict[int, Phase] = {}
    for dated_phase in outline.phase_dates:
        starts, ends = days.get(dated_phase.phase.kind, (dated_phase.starts, dated_phase.ends))
        phases[dated_phase.phase.pk] = copy_instance(
            dated_phase.phase, campaign_id=campaign.pk, starts=starts, ends=ends, version=1
        )
    _bulk_insert(phases.values())
    actions = {
        each.pk: copy_instance(
            each,
            phase_id=phases[each.phase_id].pk,
            due_on=outline.date_shifter.end(each.due_on) if each.due_on else None,
            lead_id=each.lead_id if each.lead_id in {unit.pk for unit in outline.audience[each.pk]} else None,
        )
        for each in outline.actions
    }
    _bulk_insert(actions.values())
    chosen: type[models.Model] = Action.units.through
    _bulk_insert(
        chosen(action_id=actions[pk].pk, unit_id=unit.pk) for pk, units in outline.audience.items() for unit in units
    )
    _bulk_insert(copy_instance(each, action_id=actions[each.action_id].pk) for each in outline.files)
    return {(each.phase.kind, each.code): actions[each.pk] for each in outline.actions}


def _bulk_insert(rows: Iterable[models.Model]) -> None:
    fresh = list(rows)
    if fresh:
        type(fresh[0])._default_manager.bulk_create(fresh, batch_size=BATCH)


def _audit_detail(previous: Campaign, outline: RolloverOutline) -> str:
    return (
        f"沿用 {previous}：要点 {outline.checkpoints}，分工 {len(outline.assignments)}，事项 {len(outline.actions)}，"
        f"任职 {len(outline.memberships)}，提醒规则 {len(outline.rules)}，模板 {len(outline.templates)}，"
        f"待确认资料 {outline.evidence_count}，待定 {len(outline.gaps)}"
    )


_PROGRESS = Stays("what was done in the old campaign is its history; the new one starts without")
_FROM_ASSIGNMENTS = Stays("tasks of the new campaign are created from its assignments and actions when it starts")
_WRITTEN = Stays("communication of the old campaign")
_PAPERS = Stays("papers and figures of the old campaign")
_EVIDENCE = Stays("evidence of the old campaign waits for the unit's word, see ``heritage``")

# The decision about every key to what a campaign consists of: the function that copies the rows, or why they stay.
CAMPAIGN_KEYS: dict[str, Callable[..., object] | Stays] = {
    "Campaign.system": _create_campaign,
    "Campaign.previous": _create_campaign,
    "Indicator.system": edition_copy.copy_indicators,
    "Indicator.parent": edition_copy.copy_indicators,
    "Measure.indicator": _copy_contents,
    "Assignment.campaign": _copy_contents,
    "Assignment.indicator": _copy_contents,
    "ReminderRule.campaign": _copy_contents,
    "Membership.campaign": _copy_contents,
    "PaperTemplate.campaign": _copy_contents,
    "RolloverGap.campaign": _copy_contents,
    "RolloverGap.indicator": _copy_contents,
    "RolloverGap.action": _copy_contents,
    "Phase.campaign": _copy_phases_and_actions,
    "Action.phase": _copy_phases_and_actions,
    "ActionFile.action": _copy_phases_and_actions,
    "ActionChange.action": _PROGRESS,
    "Task.campaign": _FROM_ASSIGNMENTS,
    "Task.phase": _FROM_ASSIGNMENTS,
    "Task.indicator": _FROM_ASSIGNMENTS,
    "Task.action": _FROM_ASSIGNMENTS,
    "EvidenceNumber.campaign": _EVIDENCE,
    "NumberCounter.campaign": _EVIDENCE,
    "ApplicationEntry.campaign": _PROGRESS,
    "ApplicationEntry.indicator": _PROGRESS,
    "ImportUpload.campaign": _PROGRESS,
    "EditionChange.campaign": _PROGRESS,
    "EditionChange.before": _PROGRESS,
    "EditionChange.after": _PROGRESS,
    "Succession.before": _PROGRESS,
    "Succession.after": _PROGRESS,
    "TaskCarry.before": _PROGRESS,
    "TaskCarry.after": _PROGRESS,
    "Announcement.campaign": _WRITTEN,
    "Question.campaign": _WRITTEN,
    "Instruction.campaign": _WRITTEN,
    "Instruction.action": _WRITTEN,
    "Reply.campaign": _WRITTEN,
    "Reply.indicator": _WRITTEN,
    "Reply.action": _WRITTEN,
    "PhoneCall.campaign": _WRITTEN,
    "AssessmentText.campaign": _PAPERS,
    "FinalAssessment.campaign": _PAPERS,
    "CampaignArchive.campaign": _PAPERS,
    "Paper.campaign": _PAPERS,
    "Bulletin.campaign": _PAPERS,
    "Snapshot.campaign": _PAPERS,
    "Appraisal.campaign": _PROGRESS,
    "AppraisalPoint.indicator": _PROGRESS,
    "Publicity.campaign": _WRITTEN,
    "TypicalCase.campaign": _WRITTEN,
    "Survey.campaign": _PROGRESS,
    "Commendation.campaign": _PROGRESS,
    "Finding.campaign": _PROGRESS,
    "Finding.indicator": _PROGRESS,
    "SupervisionRound.campaign": _PROGRESS,
    "SupervisionRound.points": _PROGRESS,
    "SupervisionOrder.campaign": _PROGRESS,
    "SupervisionOrder.action": _PROGRESS,
    "Meeting.campaign": _WRITTEN,
    "MeetingDecision.action": _WRITTEN,
}
