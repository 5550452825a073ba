"""The tour of the first login, shown to each person once."""

from creation.audit.actor import Actor
from creation.models import User


def remember(actor: Actor) -> None:
    """Remember that the person has seen the tour. No audit entry and no new version: it changes nothing that anybody decides by."""
    User.objects.filter(pk=actor.human.pk, toured_at=None).update(toured_at=actor.at)
