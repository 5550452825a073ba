"""Emergency hiding (紧急隐藏): only the coordinator sees the piece until it is shown again. Both are recorded with a reason."""

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import require_text
from creation.models import Evidence, Membership, NoticeKind, Urgency
from creation.models.notice import HIDING_SLOT, SHOWING_SLOT
from creation.people import notifications
from creation.rules.policy import Role

NO_HIDING, NO_SHOWING = "请写明隐藏原因，审计时要用。", "请写明解除隐藏的原因，审计时要用。"


def hide(evidence: Evidence, reason: str, actor: Actor) -> bool:
    """Hide the piece and notify the unit's liaisons, without the title.

    Return False if it is hidden already. Raises Refusal without a reason.
    """
    require_text(reason, NO_HIDING)
    with transaction.atomic():
        rows = Evidence.objects.filter(pk=evidence.pk, hidden_at=None)
        if not rows.bump(hidden_at=actor.at, hide_reason=reason):
            return False
        audit_log.record(actor, "evidence.hide", evidence, detail=reason)
        _notify_liaisons(
            evidence,
            HIDING_SLOT,
            f"创建办紧急隐藏了本单位的一份印证资料{_numbers(evidence)}，原因：{reason}。如有疑问请与创建办联系。",
            actor,
        )
    return True


def show(evidence: Evidence, reason: str, actor: Actor) -> bool:
    """Show a hidden piece again; its citations count again. Raises Refusal without a reason."""
    require_text(reason, NO_SHOWING)
    with transaction.atomic():
        rows = Evidence.objects.filter(pk=evidence.pk).exclude(hidden_at=None)
        if not rows.bump(hidden_at=None, hide_reason=""):
            return False
        audit_log.record(actor, "evidence.show", evidence, detail=reason)
        _notify_liaisons(evidence, SHOWING_SLOT, f"印证资料“{evidence.title}”已解除紧急隐藏，说明：{reason}。", actor)
    return True


def _numbers(evidence: Evidence) -> str:
    numbers = "、".join(map(str, evidence.numbers.order_by("pk")[:5]))
    return f"（编号 {numbers}）" if numbers else ""


def _notify_liaisons(evidence: Evidence, slot: str, text: str, actor: Actor) -> None:
    for person in Membership.objects.recipients(actor.today, Role.LIAISON).filter(unit=evidence.unit_id).people():
        dedup_key = f"{slot}{actor.at:%Y%m%d%H%M%S%f}"
        notifications.notify(
            person,
            NoticeKind.CHANGED,
            text,
            actor,
            subject=f"evidence/{evidence.pk}",
            dedup_key=dedup_key,
            evidence=evidence,
            urgency=Urgency.AT_ONCE,
        )
