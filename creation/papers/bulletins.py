"""简报: an issue goes out as it was previewed, under a number that no other issue of the campaign has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import filenames, storage
from creation.lib.refusals import Refusal
from creation.models import Bulletin, Campaign
from creation.papers import stamped_papers

HIGHEST_NUMBER = 9999


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """An issue that is to go out. ``first`` and ``last``: the days that it reports on."""

    campaign: Campaign
    number: int
    title: str
    first: date
    last: date


def next_number(campaign: Campaign) -> int:
    """Return the number that follows the highest one given so far."""
    return (campaign.bulletins.aggregate(last=Max("number"))["last"] or 0) + 1


def taken_sentence(campaign: Campaign, number: int) -> str:
    """Return why this number cannot be given; empty when it can."""
    issued = campaign.bulletins.filter(number=number).first()
    if issued is None:
        return ""
    day = timezone.localdate(issued.created_at)
    return f"第 {number} 期已于 {day:%Y-%m-%d} 发出，期号不重复使用。请改为第 {next_number(campaign)} 期。"


def issue(draft: IssueDraft, write: Callable[[], Path], name: str, media_type: str, actor: Actor) -> Bulletin:
    """Store the file that ``write`` returns as this issue. Raises Refusal when its number was given to another one."""
    _require_free(draft)
    path = write()
    key, sha256 = stamped_papers.store_copy(path)
    facts = {"blob": key, "sha256": sha256, "size": path.stat().st_size, "media_type": media_type}
    kept = False
    try:
        with transaction.atomic():
            row = Bulletin.objects.create(
                campaign=draft.campaign,
                number=draft.number,
                title=draft.title,
                first=draft.first,
                last=draft.last,
                name=filenames.clean(name),
                created_by=actor.human,
                created_at=actor.at,
                **facts,
            )
            audit_log.record(actor, "bulletin.issue", row, detail=f"{row}，sha256 {sha256}")
        kept = True
    except IntegrityError:
        _require_free(draft)
        raise
    finally:
        if not kept:
            storage.delete_blob(key)
    return row


def _require_free(draft: IssueDraft) -> None:
    if sentence := taken_sentence(draft.campaign, draft.number):
        raise Refusal(sentence)
