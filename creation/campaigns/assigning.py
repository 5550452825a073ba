"""Who leads and who assists a checkpoint. Changes are prepared here and reach the units when they are distributed."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.distribution import missing
from creation.lib.refusals import Refusal, Stale
from creation.models import Assignment, AssignmentRole, Campaign, Indicator, IndicatorLevel, Unit

NO_UNITS = "请至少选择一个单位。"
Parts = Mapping[int, str]  # unit → lead or assist


def parts_of(campaign: Campaign, point: Indicator) -> dict[int, str]:
    """Who has which part in the checkpoint now."""
    return dict(Assignment.objects.filter(campaign=campaign, indicator=point).values_list("unit", "role"))


def state_of(parts: Parts) -> str:
    """The parts as a short text: what a page carries to say which state it showed."""
    return ",".join(f"{unit}:{role}" for unit, role in sorted(parts.items()))


def assign(
    campaign: Campaign,
    point: Indicator,
    lead: Unit | None,
    assists: Collection[Unit],
    actor: Actor,
    seen: str | None = None,
) -> bool:
    """Give the checkpoint this lead and these assists. Gives whether anything changed. Raises Refusal without a lead.

    ``seen``: the ``state_of`` what the person had on screen; None when no screen was involved.
    """
    if lead is None:
        raise Refusal(f"{point.code} 没有牵头单位。每个要点须有且只有一个牵头单位，请选择。")
    wanted = {unit.pk: AssignmentRole.ASSIST for unit in assists if unit.pk != lead.pk} | {lead.pk: AssignmentRole.LEAD}
    _refuse_strangers(campaign, (lead, *assists))
    with transaction.atomic():
        _lock(campaign)
        there = parts_of(campaign, point)
        _refuse_stale(point, there, seen)
        if there == wanted:
            return False
        _replace(campaign, point, there, wanted)
        trail.audit(
            actor, "assignment.set", campaign, detail=f"{point.code} 牵头 {lead}，配合 {len(wanted) - 1} 个单位"
        )
    return True


def _refuse_strangers(campaign: Campaign, units: Collection[Unit]) -> None:
    strangers = [unit for unit in units if unit.district_id != campaign.district_id]
    if strangers:
        raise Refusal(f"{strangers[0]} 不是本区单位，请重新选择。")


def _lock(campaign: Campaign) -> None:
    """One change of assignments at a time, and none once the campaign is closed."""
    if sentence := Campaign.objects.select_for_update().get(pk=campaign.pk).ended:
        raise Refusal(sentence)


def _refuse_stale(point: Indicator, there: Parts, seen: str | None) -> None:
    if seen is not None and seen != state_of(there):
        raise Stale(f"{point.code} 的分工刚刚被他人改过，现为：{words(there)}。您的改动没有保存，请刷新核对后再改。")


def words(parts: Parts) -> str:
    """牵头 城管局，配合 老街街道、政府办"""
    names = dict(Unit.objects.filter(pk__in=parts).order_by("order", "pk").values_list("pk", "short_name"))
    of_role = {
        role: "、".join(name for pk, name in names.items() if parts[pk] == role) for role in AssignmentRole.values
    }
    return f"牵头 {of_role['lead'] or '（缺）'}，配合 {of_role['assist'] or '无'}"


def _replace(campaign: Campaign, point: Indicator, there: dict[int, str], wanted: dict[int, AssignmentRole]) -> None:
    """Rows that stay as they are keep their 示例 mark; the rest is written anew, the lead last so that there are never two."""
    rows = Assignment.objects.filter(campaign=campaign, indicator=point)
    rows.filter(unit__in=[unit for unit, role in there.items() if wanted.get(unit) != role]).delete()
    fresh = [unit for unit, role in wanted.items() if there.get(unit) != role]
    Assignment.objects.bulk_create(
        Assignment(campaign=campaign, indicator=point, unit_id=unit, role=wanted[unit]) for unit in fresh
    )


def assign_many(campaign: Campaign, wanted: Mapping[int, Parts], actor: Actor) -> int:
    """Many checkpoints at once, as a table gives them: indicator → unit → lead or assist. Gives how many changed."""
    with transaction.atomic():
        _lock(campaign)
        rows = list(Assignment.objects.filter(campaign=campaign, indicator__in=wanted))
        gone = [row.pk for row in rows if wanted[row.indicator_id].get(row.unit_id) != row.role]
        stay = {(row.indicator_id, row.unit_id) for row in rows} - {
            (row.indicator_id, row.unit_id) for row in rows if row.pk in set(gone)
        }
        fresh = [
            Assignment(campaign=campaign, indicator_id=point, unit_id=unit, role=role)
            for point, parts in wanted.items()
            for unit, role in parts.items()
            if (point, unit) not in stay
        ]
        Assignment.objects.filter(pk__in=gone).delete()
        Assignment.objects.bulk_create(fresh, batch_size=500)
        changed = {row.indicator_id for row in fresh} | {row.indicator_id for row in rows if row.pk in set(gone)}
        if changed:
            trail.audit(actor, "assignment.set", campaign, detail=f"从表格调整 {len(changed)} 个要点的分工")
    return len(changed)


def add_to_item(campaign: Campaign, item: Indicator, units: Collection[Unit], actor: Actor) -> int:
    """The units assist every checkpoint of the item that they have no part in yet. Gives the number of new assignments.

    Raises Refusal.
    """
    if not units:
        raise Refusal(NO_UNITS)
    _refuse_strangers(campaign, units)
    with transaction.atomic():
        _lock(campaign)
        points = list(item.children.filter(level=IndicatorLevel.CHECKPOINT))
        there = set(Assignment.objects.filter(campaign=campaign, indicator__in=points).values_list("indicator", "unit"))
        rows = list(_missing(campaign, points, units, there))
        Assignment.objects.bulk_create(rows)
        if rows:
            names = "、".join(unit.short_name for unit in units)
            trail.audit(actor, "assignment.add", campaign, detail=f"{item.code} 增加配合：{names}")
    return len(rows)


def _missing(
    campaign: Campaign, points: Iterable[Indicator], units: Collection[Unit], there: set[tuple[int, int]]
) -> Iterable[Assignment]:
    for point in points:
        for unit in units:
            if (point.pk, unit.pk) not in there:
                yield Assignment(campaign=campaign, indicator=point, unit=unit, role=AssignmentRole.ASSIST)


def copy(campaign: Campaign, source: Indicator, target: Indicator, actor: Actor, seen: str | None = None) -> bool:
    """Give ``target`` the lead and assists of ``source``."""
    rows = Assignment.objects.filter(campaign=campaign, indicator=source).select_related("unit")
    lead = next((row.unit for row in rows if row.role == AssignmentRole.LEAD), None)
    return assign(campaign, target, lead, [row.unit for row in rows if row.role == AssignmentRole.ASSIST], actor, seen)


def confirm(campaign: Campaign, actor: Actor) -> None:
    """The office has checked the preset's guess: the 示例 marks go. Raises Refusal while a checkpoint has no lead."""
    bare = missing(campaign)
    if bare:
        raise Refusal(f"还有 {len(bare)} 个要点没有牵头单位（{bare[0].code} 等），请先补齐再确认。")
    with transaction.atomic():
        _lock(campaign)
        Assignment.objects.filter(campaign=campaign, example=True).update(example=False)
        Campaign.objects.filter(pk=campaign.pk).update(assignments_confirmed=True)
        campaign.refresh_from_db()
        trail.audit(actor, "assignment.confirm", campaign)
