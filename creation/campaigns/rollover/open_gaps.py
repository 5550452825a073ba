"""What a rollover left for the office to decide: listed with the current state, marked as resolved by hand."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.models import Assignment, AssignmentRole, Campaign, RolloverGap, Unit


@dataclass(frozen=True, slots=True)
class OpenGap:
    """An open gap. ``current_roles`` names who has a part in the checkpoint now; empty when the gap is not about a checkpoint."""

    row: RolloverGap
    current_roles: str


def open_gaps(campaign: Campaign) -> list[OpenGap]:
    rows = list(campaign.gaps.waiting().select_related("indicator", "action"))
    leads: dict[int, Unit] = {}
    assists: Counter[int] = Counter()
    at = Assignment.objects.filter(campaign=campaign, indicator__in={row.indicator_id for row in rows} - {None})
    for part in at.select_related("unit"):
        if part.role == AssignmentRole.LEAD:
            leads[part.indicator_id] = part.unit
        else:
            assists[part.indicator_id] += 1
    return [
        OpenGap(row, _current_roles(leads.get(row.indicator_id), assists[row.indicator_id]) if row.indicator_id else "")
        for row in rows
    ]


def _current_roles(lead: Unit | None, assists: int) -> str:
    return f"牵头 {lead or '（缺）'}，配合 {assists} 个单位"


def resolve_gap(row: RolloverGap, actor: Actor) -> None:
    """Mark the gap as resolved; repeating it changes nothing. Raises Refusal in a closed campaign."""
    with transaction.atomic():
        Campaign.objects.get(pk=row.campaign_id).require_not_closed()
        rows = RolloverGap.objects.waiting().filter(pk=row.pk)
        if rows.update(settled_at=actor.at, settled_by=actor.human):
            audit_log.record(actor, "undecided.settle", row.campaign, detail=row.text)
