"""指标原文: the words and the source of a checkpoint, entered by hand."""

import hashlib

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.editions import edition_copy
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, Indicator
from creation.models.indicator import CLAUSE_LENGTH, WORDING_LENGTH
from creation.rules import plain_text

TOO_LONG = "{name}有 {length} 字，超过 {limit} 字，没有保存。请删减后再保存。"


def joined(wording: str, clause: str) -> str:
    """Return the wording and its source as they are stored, for people to compare."""
    return f"{wording}（{clause}）" if clause else wording


def fingerprint(checkpoint: Indicator) -> str:
    """Return a short text by which a page says which wording it showed."""
    return hashlib.sha256(f"{checkpoint.official_wording}\0{checkpoint.clause}".encode()).hexdigest()


def save_official_wording(
    campaign: Campaign, checkpoint: Indicator, wording: str, clause: str, actor: Actor, seen: str
) -> Indicator:
    """Save wording and source of the checkpoint, in a copy of the edition where ``edition_copy.make_editable`` makes one.

    ``seen`` is the ``fingerprint`` on screen. Return the checkpoint that was changed. Raises Refusal, Stale, Refused.
    """
    wording, clause = plain_text.cleaned(wording).strip(), plain_text.cleaned(clause).strip()
    for field, name, text, limit in (
        ("official_wording", "指标原文", wording, WORDING_LENGTH),
        ("clause", "依据", clause, CLAUSE_LENGTH),
    ):
        if len(text) > limit:
            raise Refusal(TOO_LONG.format(name=name, length=len(text), limit=limit), field=field)
    with transaction.atomic():
        found = edition_copy.lock_to_change(campaign, checkpoint)
        if fingerprint(found) != seen:
            raise Stale(
                "指标原文刚刚被他人改过，您的修改没有保存。请核对两份内容后再保存。",
                joined(found.official_wording, found.clause),
            )
        if (wording, clause) == (found.official_wording, found.clause):
            return found
        if edition_copy.make_editable(campaign, actor):
            found = campaign.system.indicators.get(code=found.code)
        found.official_wording, found.clause = wording, clause
        found.save(update_fields=["official_wording", "clause"])
        audit_log.record(actor, "indicator.wording", campaign, detail=f"{found}（{len(wording)} 字）")
    return found
