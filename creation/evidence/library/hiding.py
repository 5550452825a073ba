"""紧急隐藏: from this moment nobody but the coordinator sees anything of the piece. Recorded, and taken back with a reason."""

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import Evidence, Membership, NoticeKind, Urgency
from creation.rules.policy import Role

NO_HIDING, NO_SHOWING = "请写明隐藏原因，审计时要用。", "请写明解除隐藏的原因，审计时要用。"


def hide(piece: Evidence, reason: str, actor: Actor) -> bool:
    """False when somebody was quicker. The unit's liaisons hear of it, without the title. Raises Refusal without a reason."""
    if not reason.strip():
        raise Refusal(NO_HIDING)
    with transaction.atomic():
        rows = Evidence.objects.filter(pk=piece.pk, hidden_at=None)
        if not rows.bump(hidden_at=actor.at, hide_reason=reason):
            return False
        trail.audit(actor, "evidence.hide", piece, detail=reason)
        _tell(
            piece,
            f"创建办紧急隐藏了本单位的一份印证资料{_numbers(piece)}，原因：{reason}。如有疑问请与创建办联系。",
            actor,
        )
    return True


def show(piece: Evidence, reason: str, actor: Actor) -> bool:
    """Undo it; where the piece was cited, it counts again. Raises Refusal without a reason."""
    if not reason.strip():
        raise Refusal(NO_SHOWING)
    with transaction.atomic():
        rows = Evidence.objects.filter(pk=piece.pk).exclude(hidden_at=None)
        if not rows.bump(hidden_at=None, hide_reason=""):
            return False
        trail.audit(actor, "evidence.show", piece, detail=reason)
        _tell(piece, f"印证资料“{piece.title}”已解除紧急隐藏，说明：{reason}。", actor)
    return True


def _numbers(piece: Evidence) -> str:
    numbers = "、".join(map(str, piece.numbers.order_by("pk")[:5]))
    return f"（编号 {numbers}）" if numbers else ""


def _tell(piece: Evidence, text: str, actor: Actor) -> None:
    for person in Membership.objects.recipients(actor.today, Role.LIAISON).filter(unit=piece.unit_id).people():
        slot = f"hidden/{actor.at:%Y%m%d%H%M%S%f}"
        trail.notify(
            person, NoticeKind.CHANGED, text, actor, subject=f"evidence/{piece.pk}", slot=slot, urgency=Urgency.AT_ONCE
        )
