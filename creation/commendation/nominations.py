"""Nominations by units: made, changed and withdrawn until the term."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from creation import access
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.commendation.commendations import locked
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import Commendation, Nomination, NominationKind, Unit
from creation.rules.policy import Permission, Scope

NO_NAME, NO_MERITS, NO_REASON = "请填写名称或姓名。", "请填写主要事迹。", "请填写推荐理由。"
NO_POST = "请填写职务。"
MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class NominationText:
    """What the form of a nomination asks for. ``post``: of a person; "" for a collective."""

    kind: str
    name: str
    post: str
    merits: str
    reason: str


def nominate(commendation: Commendation, unit: Unit, text: NominationText, actor: Actor) -> Nomination:
    """Nominate for the unit. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        _require_own(now, unit, actor)
        _require_term(now, actor)
        _require_valid(now, unit, text)
        last = now.nominations.aggregate(last=Max("serial"))["last"] or 0
        made = Nomination.objects.create(
            commendation=now,
            serial=last + 1,
            unit=unit,
            created_by=actor.human,
            created_at=actor.at,
            **_columns(text),
        )
        audit_log.record(actor, "commendation.nominate", made, detail=str(now))
    return made


def change_nomination(nomination: Nomination, text: NominationText, seen: int, actor: Actor) -> None:
    """Change the words before the term. Raises Refusal and Stale."""
    with transaction.atomic():
        now = locked(nomination.commendation)
        _require_own(now, nomination.unit, actor)
        _require_term(now, actor)
        _require_valid(now, nomination.unit, text, nomination)
        if not Nomination.objects.active().change(nomination.pk, seen, **_columns(text)):
            current = Nomination.objects.get(pk=nomination.pk)
            raise Stale("这份提名刚刚被他人修改或撤回，没有保存。", current.merits)
        audit_log.record(actor, "commendation.nomination_edit", nomination, detail=str(now))


def withdraw_nomination(nomination: Nomination, actor: Actor) -> None:
    """Withdraw before the term. Raises Refusal."""
    with transaction.atomic():
        now = locked(nomination.commendation)
        _require_own(now, nomination.unit, actor)
        _require_term(now, actor)
        if not Nomination.objects.active().filter(pk=nomination.pk).bump(withdrawn_at=actor.at):
            raise Refusal("这份提名已经撤回。")
        audit_log.record(actor, "commendation.nomination_withdraw", nomination, detail=str(now))


def own_units(commendation: Commendation, actor: Actor) -> list[Unit]:
    """Return the units for which this person may nominate."""
    grants = [grant for grant, _ in actor.human.grants_for(Permission.COMMENDATION_NOMINATE)]
    near = [grant.unit for grant in grants if grant.campaign in (None, commendation.campaign_id)]
    units = Unit.objects.active(actor.today).filter(district=commendation.campaign.district_id)
    return list(units.filter(pk__in=[unit for unit in near if unit]).order_by("order", "pk"))


@dataclass(frozen=True, slots=True)
class _Place:
    """A unit in a campaign, to ask for a right there."""

    commendation: Commendation
    unit: Unit

    def scope(self) -> Scope:
        campaign = self.commendation.campaign
        return Scope(campaign.district_id, campaign=campaign.pk, unit=self.unit.pk)


def _require_own(commendation: Commendation, unit: Unit, actor: Actor) -> None:
    if not access.may(actor.human, Permission.COMMENDATION_NOMINATE, _Place(commendation, unit)):
        raise Refusal(f"您不能替{unit}提名，请由该单位的联络员或分管领导办理。", 403)


def _require_term(commendation: Commendation, actor: Actor) -> None:
    if not commendation.takes_nominations(actor.today):
        raise Refusal(
            f"“{commendation}”的提名已于 {commendation.nominate_until:%Y-%m-%d} 截止，不能再提名、修改或撤回。如有需要，请与创建办联系。"
        )


def _require_valid(
    commendation: Commendation, unit: Unit, text: NominationText, existing: Nomination | None = None
) -> None:
    if commendation.quota_of(text.kind) < 1:
        raise Refusal(f"这次评选没有{NominationKind(text.kind).label}名额，请改选类别。", field="kind")
    require_text(text.name, NO_NAME, "name")
    require_text(text.merits, NO_MERITS, "merits")
    require_text(text.reason, NO_REASON, "reason")
    if text.kind == NominationKind.PERSON:
        require_text(text.post, NO_POST, "post")
    same = commendation.nominations.active().filter(unit=unit, kind=text.kind, name=text.name.strip())
    if same.exclude(pk=existing.pk if existing else 0).exists():
        raise Refusal(f"{unit}已提名过“{text.name.strip()}”，请修改原来的提名。", field="name")


def _columns(text: NominationText) -> dict[str, str]:
    post = text.post.strip() if text.kind == NominationKind.PERSON else ""
    return {
        "kind": text.kind,
        "name": text.name.strip(),
        "post": post,
        "merits": text.merits.strip(),
        "reason": text.reason.strip(),
    }
