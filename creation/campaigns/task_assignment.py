"""Assign lead and assisting units to checkpoints. Changes reach the units when the tasks are generated."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Count

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_not_closed
from creation.campaigns.task_generation import checkpoints_without_lead
from creation.lib.refusals import Refusal, Stale
from creation.models import Assignment, AssignmentRole, Campaign, Indicator, IndicatorLevel, Unit

NO_UNITS = "请至少选择一个单位。"
RoleByUnit = Mapping[int, str]  # unit → lead or assist


def roles_of(campaign: Campaign, checkpoint: Indicator) -> dict[int, str]:
    """Return the current roles of units in the checkpoint."""
    return dict(Assignment.objects.filter(campaign=campaign, indicator=checkpoint).values_list("unit", "role"))


def roles_fingerprint(parts: RoleByUnit) -> str:
    """Return the roles as a short text, with which a page says which state it showed."""
    return ",".join(f"{unit}:{role}" for unit, role in sorted(parts.items()))


def assign(
    campaign: Campaign,
    checkpoint: Indicator,
    lead: Unit | None,
    assists: Collection[Unit],
    actor: Actor,
    seen: str | None = None,
) -> bool:
    """Set lead and assists of the checkpoint. Return whether anything changed. Raises Refusal without a lead.

    ``seen`` is the ``roles_fingerprint`` on screen; None when no screen was involved.
    """
    if lead is None:
        raise Refusal(f"{checkpoint.code} 没有牵头单位。每个要点须有且只有一个牵头单位，请选择。")
    wanted = {unit.pk: AssignmentRole.ASSIST for unit in assists if unit.pk != lead.pk} | {lead.pk: AssignmentRole.LEAD}
    campaign.require_own_units((lead, *assists))
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        current = roles_of(campaign, checkpoint)
        _require_unchanged(checkpoint, current, seen)
        if current == wanted:
            return False
        _replace(campaign, checkpoint, current, wanted)
        audit_log.record(
            actor, "assignment.set", campaign, detail=f"{checkpoint.code} 牵头 {lead}，配合 {len(wanted) - 1} 个单位"
        )
    return True


def _require_unchanged(checkpoint: Indicator, current: RoleByUnit, seen: str | None) -> None:
    if seen is not None and seen != roles_fingerprint(current):
        raise Stale(
            f"{checkpoint.code} 的分工刚刚被他人改过，现为：{describe_roles(current)}。您的改动没有保存，请刷新核对后再改。"
        )


def describe_roles(parts: RoleByUnit) -> str:
    """Return the roles in words: 牵头 城管局，配合 老街街道、政府办"""
    names = dict(Unit.objects.filter(pk__in=parts).order_by("order", "pk").values_list("pk", "short_name"))
    of_role = {
        role: "、".join(name for pk, name in names.items() if parts[pk] == role) for role in AssignmentRole.values
    }
    return f"牵头 {of_role['lead'] or '（缺）'}，配合 {of_role['assist'] or '无'}"


def _replace(
    campaign: Campaign, checkpoint: Indicator, current: dict[int, str], wanted: dict[int, AssignmentRole]
) -> None:
    """Replace the assignments. Unchanged rows keep their 示例 mark; the lead is written last, so that there are never two."""
    rows = Assignment.objects.filter(campaign=campaign, indicator=checkpoint)
    rows.filter(unit__in=[unit for unit, role in current.items() if wanted.get(unit) != role]).delete()
    added = [unit for unit, role in wanted.items() if current.get(unit) != role]
    Assignment.objects.bulk_create(
        Assignment(campaign=campaign, indicator=checkpoint, unit_id=unit, role=wanted[unit]) for unit in added
    )


def assign_many(campaign: Campaign, wanted: Mapping[int, RoleByUnit], actor: Actor) -> int:
    """Assign many checkpoints, as an imported table lists them: indicator → unit → lead or assist. Return how many changed."""
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        rows = list(Assignment.objects.filter(campaign=campaign, indicator__in=wanted))
        removed = [row.pk for row in rows if wanted[row.indicator_id].get(row.unit_id) != row.role]
        unchanged = {(row.indicator_id, row.unit_id) for row in rows} - {
            (row.indicator_id, row.unit_id) for row in rows if row.pk in set(removed)
        }
        added = [
            Assignment(campaign=campaign, indicator_id=checkpoint, unit_id=unit, role=role)
            for checkpoint, parts in wanted.items()
            for unit, role in parts.items()
            if (checkpoint, unit) not in unchanged
        ]
        Assignment.objects.filter(pk__in=removed).delete()
        Assignment.objects.bulk_create(added, batch_size=500)
        changed = {row.indicator_id for row in added} | {row.indicator_id for row in rows if row.pk in set(removed)}
        if changed:
            audit_log.record(actor, "assignment.set", campaign, detail=f"从表格调整 {len(changed)} 个要点的分工")
    return len(changed)


def add_assists_to_item(campaign: Campaign, item: Indicator, units: Collection[Unit], actor: Actor) -> int:
    """Make the units assist every checkpoint of the item in which they have no role. Return the number of new assignments.

    Raises Refusal.
    """
    if not units:
        raise Refusal(NO_UNITS)
    campaign.require_own_units(units)
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        checkpoints = list(item.children.filter(level=IndicatorLevel.CHECKPOINT))
        current = set(
            Assignment.objects.filter(campaign=campaign, indicator__in=checkpoints).values_list("indicator", "unit")
        )
        rows = list(_new_assists(campaign, checkpoints, units, current))
        Assignment.objects.bulk_create(rows)
        if rows:
            names = "、".join(unit.short_name for unit in units)
            audit_log.record(actor, "assignment.add", campaign, detail=f"{item.code} 增加配合：{names}")
    return len(rows)


def _new_assists(
    campaign: Campaign, checkpoints: Iterable[Indicator], units: Collection[Unit], current: set[tuple[int, int]]
) -> Iterable[Assignment]:
    for checkpoint in checkpoints:
        for unit in units:
            if (checkpoint.pk, unit.pk) not in current:
                yield Assignment(campaign=campaign, indicator=checkpoint, unit=unit, role=AssignmentRole.ASSIST)


def copy_assignment(
    campaign: Campaign, source: Indicator, target: Indicator, actor: Actor, seen: str | None = None
) -> bool:
    """Give ``target`` the lead and assists of ``source``."""
    rows = Assignment.objects.filter(campaign=campaign, indicator=source).select_related("unit")
    lead = next((row.unit for row in rows if row.role == AssignmentRole.LEAD), None)
    return assign(campaign, target, lead, [row.unit for row in rows if row.role == AssignmentRole.ASSIST], actor, seen)


def confirm_section(campaign: Campaign, section: Indicator, actor: Actor) -> int:
    """Confirm the assignments of the preset in a section by removing their 示例 marks. Return their number.

    Raises Refusal while a checkpoint of the section has no lead. With the last mark the campaign counts as confirmed.
    """
    items = set(section.children.values_list("pk", flat=True))
    without_lead = [each for each in checkpoints_without_lead(campaign) if each.parent_id in items]
    if without_lead:
        raise Refusal(f"还有 {len(without_lead)} 个要点没有牵头单位（{without_lead[0].code} 等），请先补齐再确认。")
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        examples = Assignment.objects.filter(campaign=campaign, example=True)
        count = examples.filter(indicator__parent__parent=section).update(example=False)
        if count and not examples.exists():
            Campaign.objects.filter(pk=campaign.pk).update(assignments_confirmed=True)
            campaign.refresh_from_db()
        if count:
            audit_log.record(actor, "assignment.confirm", campaign, detail=f"{section.code}，{count} 条")
    return count


def examples_by_section(campaign: Campaign) -> dict[int, int]:
    """Return section → number of assignments that still bear the 示例 mark."""
    rows = Assignment.objects.filter(campaign=campaign, example=True).order_by()
    return dict(rows.values_list("indicator__parent__parent").annotate(Count("pk")))
