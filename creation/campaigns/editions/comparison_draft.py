"""A comparison that is not finished: started by an import, edited any number of times, discarded or confirmed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_not_closed
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, EditionChange, IndicatorSystem


def start_comparison(campaign: Campaign, file_name: str, points: list[dict[str, Any]], actor: Actor) -> EditionChange:
    """Start a comparison; it replaces an earlier unfinished one. The caller must hold the lock of the campaign's row."""
    EditionChange.objects.under_way().filter(campaign=campaign).update(dropped_at=actor.at)
    return EditionChange.objects.create(
        campaign=campaign,
        before=campaign.system,
        file_name=file_name,
        points=points,
        created_by=actor.human,
        created_at=actor.at,
    )


@dataclass(frozen=True, slots=True)
class EditionChoices:
    """Name, date and source of the new edition, and what was chosen for each pair: ``{"new": {code: choice}, "old": {key: choice}}``."""

    edition: str
    dated_on: date | None
    source: str
    choices: Mapping[str, Mapping[str, str]]


def save_choices(change: EditionChange, seen: int, chosen: EditionChoices, actor: Actor) -> None:
    """Save the decisions about the pairs. Raises Stale when somebody else has saved some since."""
    with transaction.atomic():
        lock_not_closed(change.campaign_id)
        taken = IndicatorSystem.objects.filter(
            district=change.campaign.district_id, name=change.campaign.system.name, edition=chosen.edition
        )
        if chosen.edition and taken.exists():
            raise Refusal(f"已有“{chosen.edition}”这个版本，请换一个版本名称。")
        if not EditionChange.objects.under_way().change(change.pk, seen, **asdict(chosen)):
            raise Stale("这份对照刚刚被他人改过、确认或放弃，您的选择没有保存。请核对下面的最新内容。")
        audit_log.record(
            actor, "edition.choose", change.campaign, detail=f"{change.file_name}，{chosen.edition or '未填版本名称'}"
        )


def discard(change: EditionChange, actor: Actor) -> None:
    """Discard the comparison. The campaign is not changed."""
    with transaction.atomic():
        if not EditionChange.objects.under_way().filter(pk=change.pk).update(dropped_at=actor.at):
            raise Stale("这份对照已经确认或放弃过了。")
        audit_log.record(actor, "edition.drop", change.campaign, detail=change.file_name)
