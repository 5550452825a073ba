"""Who of a unit hears of a visit, and telling them."""

from creation.audit.actor import Actor
from creation.models import Membership, NoticeKind, Urgency, User, Visit
from creation.people.notifications import notify
from creation.rules.policy import Role


def people_of(visit: Visit, actor: Actor) -> list[User]:
    """Return the liaisons and leaders of the unit."""
    held = Membership.objects.recipients(actor.today, Role.LIAISON, Role.UNIT_LEADER)
    return held.for_campaign(visit.round.campaign).filter(unit=visit.unit).people()


def tell(visit: Visit, text: str, dedup_key: str, actor: Actor) -> None:
    for person in people_of(visit, actor):
        notify(
            person,
            NoticeKind.ANNOUNCEMENT,
            text,
            actor,
            subject=f"visit/{visit.pk}",
            dedup_key=dedup_key,
            urgency=Urgency.DAILY,
        )
