"""Removing what is personal, a term after the decision. What remains is what was published: who was commended, and sums of votes."""

from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.commendation.commendations import tell
from creation.lib.refusals import Refusal
from creation.models import Commendation, Consultation, Membership, Nomination, NominationKind, Objection
from creation.rules.policy import Role


def may_be_purged(commendation: Commendation, today: date) -> bool:
    return commendation.purged_at is None and today >= commendation.purge_from


def remind_due(actor: Actor) -> None:
    """Tell the coordinators, once for each commendation, that what is personal may be removed: nobody remembers it half a year later."""
    for each in Commendation.objects.filter(purged_at=None).select_related("campaign"):
        if may_be_purged(each, actor.today):
            held = Membership.objects.recipients(actor.today, Role.COORDINATOR).for_campaign(each.campaign)
            text = f"{each}的个人信息保留期已满，请确认纸质材料已归档，再到评选的页面清除。"
            tell(held.people(), each, text, actor, "purge")


def purge(commendation: Commendation, actor: Actor) -> int:
    """Remove posts, merits, reasons, opinions and objections, and the names of people who were not commended; return of how many
    nominations.

    Also of a campaign that is closed, and of a commendation that came to no decision. Raises Refusal before the term.
    """
    with transaction.atomic():
        rows = Commendation.objects.select_for_update(of=("self",)).select_related("campaign")
        now = rows.get(pk=commendation.pk)
        if now.purged_at:
            raise Refusal("个人信息已经清除。")
        if not may_be_purged(now, actor.today):
            raise Refusal(f"个人信息保留到 {now.purge_from:%Y-%m-%d}，从那天起才能清除。")
        known = now.nominations.commended() if now.decided_on else now.nominations.none()
        kept = list(known.values_list("pk", flat=True))
        unnamed = now.nominations.filter(kind=NominationKind.PERSON).exclude(pk__in=kept)
        Nomination.objects.filter(pk__in=list(unnamed.values_list("pk", flat=True))).update(name="")
        count = now.nominations.bump(post="", merits="", reason="")
        Consultation.objects.filter(nomination__commendation=now).update(answer="")
        objections = Objection.objects.filter(nomination__commendation=now)
        objections.update(raised_by="", text="", handling="")
        Commendation.objects.filter(pk=now.pk).update(purged_at=actor.at)
        audit_log.record(actor, "commendation.purge", now, detail=f"{count} 份提名")
    return count
