"""The act: one transaction from the outline to a new campaign in preparation. The old one stays as it is."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.db import models, transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns import phasing
from creation.campaigns.opening import LAST_YEAR
from creation.campaigns.rollover import dates, survey
from creation.campaigns.rollover.dates import Wish
from creation.campaigns.rollover.points import Point
from creation.campaigns.rollover.survey import Outline
from creation.lib.refusals import Refusal
from creation.lib.relations import Stays
from creation.models import (
    Action,
    Campaign,
    CampaignState,
    Indicator,
    IndicatorLevel,
    IndicatorSystem,
    Phase,
    Undecided,
)
from creation.models.copying import anew
from creation.notices import holidays

BATCH = 500
FARTHEST = 366  # days between the wished start and the day that the years alone give
NO_NAME = "请填写新活动的名称。"
Dates = Mapping[str, tuple[date | None, date | None]]  # kind of phase → first and last day


def why_not(previous: Campaign, wish: Wish) -> str:
    """The sentence that stands against it, else empty."""
    if previous.state == CampaignState.DRAFT:
        return f"“{previous}”还在筹备，没有可以沿用的内容。请直接修改它，或按预置方案筹备。"
    if not previous.year < wish.year <= LAST_YEAR:
        return f"年度须晚于“{previous}”的 {previous.year} 年，不晚于 {LAST_YEAR} 年，请改正。"
    if same := _same_year(previous, wish.year):
        return f"{wish.year} 年度已有活动“{same}”，请直接在那里筹备，或改填其他年度。"
    return "" if wish.name.strip() else NO_NAME


def wrong_start(previous: Campaign, year: int, starts: date | None) -> str:
    """Why the campaign of ``year`` cannot start on this day; "" when it can, and for a year that ``why_not`` refuses."""
    if not starts or not previous.year < year <= LAST_YEAR:
        return ""
    usual = dates.wished_start(previous, year)
    if usual is None:
        return "上一年度的各阶段都没有定时间，请把开始日期留空，以后到“阶段时间”填写。"
    if abs((starts - usual).days) > FARTHEST:
        return f"开始日期 {starts} 与 {year} 年度相差一年以上，请核对年度和日期。"
    return ""


def wrong_days(name: str, starts: date | None, ends: date | None) -> str:
    """Why the phase of this name cannot have these days; "" when it can."""
    try:
        phasing.check_dates(starts, ends)
    except Refusal as refused:
        return f"“{name}”：{refused}"
    return ""


def made(previous: Campaign, year: int) -> Campaign | None:
    """The campaign of that year that was rolled forward from this one."""
    return Campaign.objects.filter(previous=previous, year=year).first()


def _same_year(previous: Campaign, year: int) -> Campaign | None:
    there = Campaign.objects.filter(district=previous.district_id, year=year, system__name=previous.system.name)
    return there.exclude(previous=previous).first()


def roll(previous: Campaign, wish: Wish, days: Dates, actor: Actor) -> Campaign:
    """Prepare the campaign of another year; doing it twice makes one. Raises Refusal."""
    with transaction.atomic():
        previous = Campaign.objects.select_for_update(of=("self",)).select_related("system").get(pk=previous.pk)
        if there := made(previous, wish.year):
            return there
        if sentence := why_not(previous, wish) or wrong_start(previous, wish.year, wish.starts):
            raise Refusal(sentence)
        holidays.fill(wish.year, actor)
        outline = survey.of(previous, wish, actor.today)
        for offer in outline.offers:
            if sentence := wrong_days(offer.phase.name, *days.get(offer.phase.kind, (None, None))):
                raise Refusal(sentence)
        campaign = _campaign(previous, wish, outline)
        _fill(campaign, outline, days)
        trail.audit(actor, "campaign.roll", campaign, detail=_words(previous, outline))
    return campaign


def _campaign(previous: Campaign, wish: Wish, outline: Outline) -> Campaign:
    years = wish.year - previous.year
    system = anew(previous.system, edition=_edition(previous.system, wish.year))
    system.save(force_insert=True)
    campaign = anew(
        previous,
        name=wish.name,
        year=wish.year,
        state=CampaignState.DRAFT,
        system_id=system.pk,
        previous_id=previous.pk,
        host_id=outline.host.pk,
        window_from=previous.window_from and dates.later(previous.window_from, years),
        window_to=previous.window_to and dates.later(previous.window_to, years),
        version=1,
    )
    campaign.save(force_insert=True)
    return campaign


def _edition(system: IndicatorSystem, year: int) -> str:
    """``2021（2027年度）``: the copy that this year's campaign may change without touching last year's."""
    bare = re.sub(r"（\d{4}年度(·\d+)?）$", "", system.edition)[:28]
    there = set(IndicatorSystem.objects.filter(district=system.district_id).values_list("edition", flat=True))
    names = (f"{bare}（{year}年度{f'·{number}' if number > 1 else ''}）" for number in range(1, len(there) + 2))
    return next(name for name in names if name not in there)


def _fill(campaign: Campaign, outline: Outline, days: Dates) -> None:
    at = _structure(campaign.system_id, outline)
    _insert(anew(each, indicator_id=at[each.indicator_id].pk) for each in outline.measures)
    actions = _work(campaign, outline, days)
    _insert(anew(each, campaign_id=campaign.pk, indicator_id=at[each.indicator_id].pk) for each in outline.assignments)
    for rows in (outline.rules, outline.memberships):
        _insert(anew(each, campaign_id=campaign.pk) for each in rows)
    _insert(anew(each, campaign_id=campaign.pk, number=1) for each in outline.templates)
    points = {("", each.key): each for each in at.values()}
    _insert(
        Undecided(
            campaign=campaign,
            indicator=points.get(gap.point) if gap.point else None,
            action=actions.get(gap.point) if gap.point else None,
            text=trail.shorten(gap.text, 300),
        )
        for gap in outline.gaps
    )


def _structure(system: int, outline: Outline) -> dict[int, Indicator]:
    """Old indicator → its copy, level by level, since a copy names its parent's copy."""
    at: dict[int, Indicator] = {}
    for level in IndicatorLevel.values:
        old = [each for each in outline.indicators if each.level == level]
        copies = [anew(each, system_id=system, parent_id=each.parent_id and at[each.parent_id].pk) for each in old]
        _insert(copies)
        at |= {each.pk: copy for each, copy in zip(old, copies, strict=True)}
    return at


def _work(campaign: Campaign, outline: Outline, days: Dates) -> dict[Point, Action]:
    """Phases and what is to be done in them; gives the actions. Attached files are named again, not stored again."""
    phases: dict[int, Phase] = {}
    for offer in outline.offers:
        starts, ends = days.get(offer.phase.kind, (offer.starts, offer.ends))
        phases[offer.phase.pk] = anew(offer.phase, campaign_id=campaign.pk, starts=starts, ends=ends, version=1)
    _insert(phases.values())
    actions = {
        each.pk: anew(
            each, phase_id=phases[each.phase_id].pk, due_on=outline.move.end(each.due_on) if each.due_on else None
        )
        for each in outline.actions
    }
    _insert(actions.values())
    chosen: type[models.Model] = Action.units.through
    _insert(
        chosen(action_id=actions[pk].pk, unit_id=unit.pk) for pk, units in outline.audience.items() for unit in units
    )
    _insert(anew(each, action_id=actions[each.action_id].pk) for each in outline.files)
    return {(each.phase.kind, each.code): actions[each.pk] for each in outline.actions}


def _insert(rows: Iterable[models.Model]) -> None:
    fresh = list(rows)
    if fresh:
        type(fresh[0])._default_manager.bulk_create(fresh, batch_size=BATCH)


def _words(previous: Campaign, outline: Outline) -> str:
    return (
        f"沿用 {previous}：要点 {outline.checkpoints}，分工 {len(outline.assignments)}，事项 {len(outline.actions)}，"
        f"任职 {len(outline.memberships)}，提醒规则 {len(outline.rules)}，模板 {len(outline.templates)}，"
        f"待确认资料 {outline.pieces}，待定 {len(outline.gaps)}"
    )


_PROGRESS = Stays("what was done in the old campaign is its history; the new one starts without")
_FROM_ASSIGNMENTS = Stays("tasks of the new campaign are created from its assignments and actions when it starts")
_WRITTEN = Stays("communication of the old campaign")
_PAPERS = Stays("papers and figures of the old campaign")
_EVIDENCE = Stays("evidence of the old campaign waits for the unit's word, see ``heritage``")

# The decision about every key to what a campaign consists of: the function that copies the rows, or why they stay.
CAMPAIGN_KEYS: dict[str, Callable[..., object] | Stays] = {
    "Campaign.system": _campaign,
    "Campaign.previous": _campaign,
    "Indicator.system": _structure,
    "Indicator.parent": _structure,
    "Measure.indicator": _fill,
    "Assignment.campaign": _fill,
    "Assignment.indicator": _fill,
    "ReminderRule.campaign": _fill,
    "Membership.campaign": _fill,
    "PaperTemplate.campaign": _fill,
    "Undecided.campaign": _fill,
    "Undecided.indicator": _fill,
    "Undecided.action": _fill,
    "Phase.campaign": _work,
    "Action.phase": _work,
    "ActionFile.action": _work,
    "ActionChange.action": _PROGRESS,
    "Task.campaign": _FROM_ASSIGNMENTS,
    "Task.phase": _FROM_ASSIGNMENTS,
    "Task.indicator": _FROM_ASSIGNMENTS,
    "Task.action": _FROM_ASSIGNMENTS,
    "EvidenceNumber.campaign": _EVIDENCE,
    "NumberCounter.campaign": _EVIDENCE,
    "ApplicationEntry.campaign": _PROGRESS,
    "ApplicationEntry.indicator": _PROGRESS,
    "Intake.campaign": _PROGRESS,
    "EditionChange.campaign": _PROGRESS,
    "EditionChange.before": _PROGRESS,
    "EditionChange.after": _PROGRESS,
    "Succession.before": _PROGRESS,
    "Succession.after": _PROGRESS,
    "TaskCarry.before": _PROGRESS,
    "TaskCarry.after": _PROGRESS,
    "Announcement.campaign": _WRITTEN,
    "Reply.campaign": _WRITTEN,
    "Reply.indicator": _WRITTEN,
    "Reply.action": _WRITTEN,
    "PhoneCall.campaign": _WRITTEN,
    "AssessmentText.campaign": _PAPERS,
    "Paper.campaign": _PAPERS,
    "Snapshot.campaign": _PAPERS,
}
