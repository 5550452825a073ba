"""Confirm a new edition: one transaction that moves the whole campaign to it."""

from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.editions import comparison, edition_tree, notifications, task_migration
from creation.campaigns.editions.comparison import Comparison
from creation.campaigns.open_campaigns import lock_not_closed
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, EditionChange, IndicatorSystem

CHANGED_SINCE = "对照之后又有了变化（分工、任务或指标），结果会与您看到的不同，所以没有换版。请核对下面的最新内容。"
ASK_AGREEMENT = "新版会终止 {count} 个要点的任务。请先勾选“我已核对”，再确认。"


def confirm_change(change: EditionChange, seen: str, agreed: bool, actor: Actor) -> EditionChange:
    """Carry out the change that was shown (``seen`` is its digest). ``agreed``: the person expressly accepted that checkpoints end.

    Raises Stale when something changed since, Refusal when a problem prevents the change.
    """
    try:
        with transaction.atomic():
            return _apply_change(change, seen, agreed, actor)
    except IntegrityError:
        raise Stale(CHANGED_SINCE) from None


def _apply_change(change: EditionChange, seen: str, agreed: bool, actor: Actor) -> EditionChange:
    campaign = lock_not_closed(change.campaign_id)
    fresh = EditionChange.objects.under_way().select_for_update().filter(pk=change.pk).first()
    if fresh is None:
        raise Stale("这份对照已经确认或放弃过了。")
    fresh.campaign = campaign
    task_migration.lock_tasks(campaign)
    compared = comparison.compare(fresh)
    _require_confirmable(compared, seen, agreed)
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
    tree = edition_tree.create_nodes(compared, system)
    edition_tree.record_successions(tree, fresh, {row.new.code: row.basis for row in compared.rows})
    result = task_migration.migrate_tasks(fresh, tree, actor)
    Campaign.objects.filter(pk=campaign.pk).bump(system=system)
    audit_log.record(actor, "edition.confirm", campaign, detail=_audit_detail(compared, result))
    notifications.notify_owners(fresh, result, actor)
    return fresh


def _require_confirmable(compared: Comparison, seen: str, agreed: bool) -> None:
    if compared.digest != seen:
        raise Stale(CHANGED_SINCE)
    if compared.problems:
        raise Refusal(compared.problems[0])
    if compared.removed and not agreed:
        raise Refusal(ASK_AGREEMENT.format(count=len(compared.removed)))


def _audit_detail(compared: Comparison, result: task_migration.MigrationResult) -> str:
    counts = "，".join(f"{state.label} {count}" for state, count in compared.counts.items())
    change = compared.change
    return (
        f"“{compared.before.edition}”换为“{change.edition}”（{change.file_name}）：{counts}；"
        f"任务有变化 {len(result.changed)} 项，终止 {len(result.ended)} 项"
    )
