"""The office confirms: the campaign goes over to the new edition as a whole, or stays as it was."""

from django.db import IntegrityError, transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.editions import carrying, comparison, telling, tree
from creation.campaigns.editions.comparison import Comparison
from creation.campaigns.editions.drafting import refuse_ended
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, EditionChange, IndicatorSystem

MOVED_ON = "对照之后系统中有了变化（分工、任务或指标），结果会与您看到的不同，所以没有换版。请核对下面的最新内容。"
ASK = "新版会终止 {count} 个要点的任务。请先勾选“我已核对”，再确认。"


def confirm(change: EditionChange, seen: str, agreed: bool, actor: Actor) -> EditionChange:
    """Carry out what was shown (``seen``: its digest). ``agreed``: that checkpoints end was expressly said.

    Raises Stale when something changed since, Refusal when something stands in the way.
    """
    try:
        with transaction.atomic():
            return _confirm(change, seen, agreed, actor)
    except IntegrityError:
        raise Stale(MOVED_ON) from None


def _confirm(change: EditionChange, seen: str, agreed: bool, actor: Actor) -> EditionChange:
    campaign = refuse_ended(change.campaign_id)
    fresh = EditionChange.objects.under_way().select_for_update().filter(pk=change.pk).first()
    if fresh is None:
        raise Stale("这份对照已经确认或放弃过了。")
    fresh.campaign = campaign
    carrying.hold(campaign)
    found = comparison.read(fresh)
    _refuse(found, seen, agreed)
    system = IndicatorSystem.objects.create(
        district_id=campaign.district_id,
        name=campaign.system.name,
        edition=fresh.edition,
        source=fresh.source,
        dated_on=fresh.dated_on,
    )
    values = {"after": system, "confirmed_by": actor.human, "confirmed_at": actor.at}
    EditionChange.objects.filter(pk=fresh.pk).update(**values)
    fresh.refresh_from_db()
    fresh.campaign = campaign
    made = tree.write(found, system)
    tree.record(made, fresh, {row.new.code: row.basis for row in found.rows})
    carried = carrying.carry(fresh, made, actor)
    Campaign.objects.filter(pk=campaign.pk).bump(system=system)
    trail.audit(actor, "edition.confirm", campaign, detail=_words(found, carried))
    telling.tell(fresh, carried, actor)
    return fresh


def _refuse(found: Comparison, seen: str, agreed: bool) -> None:
    if found.digest != seen:
        raise Stale(MOVED_ON)
    if found.problems:
        raise Refusal(found.problems[0])
    if found.removed and not agreed:
        raise Refusal(ASK.format(count=len(found.removed)))


def _words(found: Comparison, carried: carrying.Carried) -> str:
    counts = "，".join(f"{state.label} {count}" for state, count in found.counts.items())
    change = found.change
    return (
        f"“{found.before.edition}”换为“{change.edition}”（{change.file_name}）：{counts}；"
        f"任务有变化 {len(carried.touched)} 项，终止 {len(carried.ended)} 项"
    )
