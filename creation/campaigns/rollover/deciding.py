"""What a roll left to the office: listed with what now stands at the point, ticked off when it has been seen to."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import Assignment, AssignmentRole, Campaign, Undecided, Unit


@dataclass(frozen=True, slots=True)
class Open:
    """``now``: who has a part in the checkpoint by now, in words; empty where it is about something else."""

    row: Undecided
    now: str


def waiting(campaign: Campaign) -> list[Open]:
    rows = list(campaign.undecided.waiting().select_related("indicator", "action"))
    leads: dict[int, Unit] = {}
    assists: Counter[int] = Counter()
    at = Assignment.objects.filter(campaign=campaign, indicator__in={row.indicator_id for row in rows} - {None})
    for part in at.select_related("unit"):
        if part.role == AssignmentRole.LEAD:
            leads[part.indicator_id] = part.unit
        else:
            assists[part.indicator_id] += 1
    return [
        Open(row, _now(leads.get(row.indicator_id), assists[row.indicator_id]) if row.indicator_id else "")
        for row in rows
    ]


def _now(lead: Unit | None, assists: int) -> str:
    return f"牵头 {lead or '（缺）'}，配合 {assists} 个单位"


def settle(row: Undecided, actor: Actor) -> None:
    """Raises Refusal in a closed campaign. Doing it twice is doing it once."""
    with transaction.atomic():
        if sentence := Campaign.objects.get(pk=row.campaign_id).ended:
            raise Refusal(sentence)
        rows = Undecided.objects.waiting().filter(pk=row.pk)
        if rows.update(settled_at=actor.at, settled_by=actor.human):
            trail.audit(actor, "undecided.settle", row.campaign, detail=row.text)
