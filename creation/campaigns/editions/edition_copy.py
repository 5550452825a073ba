"""Copies of an edition, and the edition of its own that a draft campaign gets before its indicators are changed."""

import re
from collections.abc import Iterable

from django.db import models

from creation import access
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import (
    ApplicationEntry,
    AppraisalPoint,
    Assignment,
    Campaign,
    CampaignState,
    Finding,
    Indicator,
    IndicatorLevel,
    IndicatorSystem,
    Measure,
    Reply,
    RolloverGap,
    SupervisionRound,
    Task,
)
from creation.models.copying import copy_instance
from creation.rules.policy import Permission

BATCH = 500
SHARED = "“{other}”（{state}）也在使用这一版指标体系，不能在这里改动它。请到“任务分工”点“导入新版指标体系”：新版只用于“{campaign}”。"
GONE = "“{code}”已不在本活动的指标体系里，没有保存。请回到“任务分工”再打开要改的要点。"
COPY_NOTE = "{others}也在使用这一版指标体系。确认导入时为“{campaign}”另立一份再改，别的活动不变。"
DRAFTS_NOTE = "筹备中的{others}也在使用这一版指标体系，会一起改动。"
# Models with rows of a campaign that refer to an indicator → the path to the campaign.
MODELS_OF_CAMPAIGN: dict[type[models.Model], str] = {
    Assignment: "campaign",
    Task: "campaign",
    Reply: "campaign",
    ApplicationEntry: "campaign",
    RolloverGap: "campaign",
    Finding: "campaign",
    AppraisalPoint: "appraisal__campaign",
    SupervisionRound.points.through: "supervisionround__campaign",
}


def lock_to_change(campaign: Campaign, checkpoint: Indicator) -> Indicator:
    """Lock the campaign and return its checkpoint: after the page was loaded it may have got an edition of its own.

    ``campaign`` is read again. Raises Refusal for a campaign that has ended and for a checkpoint that is not in the edition any more.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    campaign.refresh_from_db()
    campaign.require_not_closed()
    found = campaign.system.indicators.select_for_update().filter(code=checkpoint.code).first()
    if found is None:
        raise Refusal(GONE.format(code=checkpoint.code))
    return found


def make_editable(campaign: Campaign, actor: Actor) -> bool:
    """Make sure that a change of the campaign's indicators changes no campaign that units already work in.

    A draft that shares its edition gets a copy; return True then, and ``campaign.system`` is the copy. A campaign that shares its edition
    with drafts only changes them too. Call it in the transaction of the change. Raises Refused when the actor may not manage a campaign
    that would change, and Refusal when an open campaign shares its edition with another one that is not a draft.
    """
    sharing = list(campaigns_sharing_edition(campaign).select_for_update())
    if campaign.state == CampaignState.DRAFT and sharing:
        _copy_edition(campaign, actor)
        return True
    for other in sharing:
        if other.state != CampaignState.DRAFT:
            raise Refusal(SHARED.format(other=other, state=other.get_state_display(), campaign=campaign))
        access.require(actor.human, Permission.CAMPAIGN_MANAGE, other)
    return False


def sharing_notes(campaign: Campaign) -> list[str]:
    """Return what to tell a person before the campaign's indicators are changed; empty unless another campaign shares its edition."""
    sharing = list(campaigns_sharing_edition(campaign))
    others = "、".join(f"“{other}”" for other in sharing)
    if not sharing:
        return []
    if campaign.state == CampaignState.DRAFT:
        return [COPY_NOTE.format(others=others, campaign=campaign)]
    running = [other for other in sharing if other.state != CampaignState.DRAFT]
    if running:
        return [SHARED.format(other=running[0], state=running[0].get_state_display(), campaign=campaign)]
    return [DRAFTS_NOTE.format(others=others)]


def campaigns_sharing_edition(campaign: Campaign) -> models.QuerySet[Campaign]:
    return Campaign.objects.filter(system=campaign.system_id).exclude(pk=campaign.pk).order_by("pk")


def unused_edition_name(system: IndicatorSystem, year: int) -> str:
    """Return ``2021（2027年度）``: the name of the copy that this year's campaign may change without changing another year's."""
    base_name = re.sub(r"（\d{4}年度(·\d+)?）$", "", system.edition)[:28]
    existing = set(IndicatorSystem.objects.filter(district=system.district_id).values_list("edition", flat=True))
    names = (f"{base_name}（{year}年度{f'·{number}' if number > 1 else ''}）" for number in range(1, len(existing) + 2))
    return next(name for name in names if name not in existing)


def copy_indicators(indicators: Iterable[Indicator], system: int) -> dict[int, Indicator]:
    """Return old indicator → its copy. Copied level by level, because a copy refers to its parent's copy."""
    by_level: dict[int, list[Indicator]] = {level: [] for level in IndicatorLevel.values}
    for each in indicators:
        by_level[each.level].append(each)
    copies: dict[int, Indicator] = {}
    for old in by_level.values():
        made = [
            copy_instance(each, system_id=system, parent_id=each.parent_id and copies[each.parent_id].pk)
            for each in old
        ]
        Indicator.objects.bulk_create(made, batch_size=BATCH)
        copies |= {each.pk: copy for each, copy in zip(old, made, strict=True)}
    return copies


def _copy_edition(campaign: Campaign, actor: Actor) -> None:
    shared = campaign.system
    system = copy_instance(shared, edition=unused_edition_name(shared, campaign.year))
    system.save(force_insert=True)
    copies = copy_indicators(shared.indicators.all(), system.pk)
    measures = Measure.objects.filter(indicator__system=shared).order_by("pk")
    Measure.objects.bulk_create(
        [copy_instance(each, indicator_id=copies[each.indicator_id].pk) for each in measures], batch_size=BATCH
    )
    for model, path in MODELS_OF_CAMPAIGN.items():
        _move_rows(model, path, campaign, copies)
    Campaign.objects.filter(pk=campaign.pk).bump(system=system)
    campaign.refresh_from_db()
    audit_log.record(actor, "edition.copy", campaign, detail=f"“{shared}”另有活动在用，为本活动另立“{system.edition}”")


def _move_rows(model: type[models.Model], path: str, campaign: Campaign, copies: dict[int, Indicator]) -> None:
    rows = list(model._default_manager.filter(**{path: campaign}, indicator__in=copies))
    for row in rows:
        row.indicator = copies[row.indicator_id]  # type: ignore[attr-defined]
    model._default_manager.bulk_update(rows, ["indicator"], batch_size=BATCH)
