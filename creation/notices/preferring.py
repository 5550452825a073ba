"""How a person wants to be told outside, and the key to the own calendar feed."""

import hashlib
import secrets
from collections.abc import Iterable

from django.db import transaction

from creation.audit.trail import Actor, audit
from creation.models import Channel, FeedToken, Preference, User


@transaction.atomic
def choose(rhythm: str, chosen: Iterable[Channel], actor: Actor) -> None:
    person = actor.human
    wish, _ = Preference.objects.update_or_create(person=person, defaults={"rhythm": rhythm, "changed_at": actor.at})
    wish.channels.set(chosen)
    audit(actor, "preference.set", person, detail=wish.get_rhythm_display())


@transaction.atomic
def make_feed(actor: Actor) -> str:
    """A new key; the one before no longer opens anything. This is the only time it is seen."""
    token = secrets.token_urlsafe(32)
    FeedToken.objects.update_or_create(person=actor.human, defaults={"digest": digest_of(token), "made_at": actor.at})
    audit(actor, "feed.make", actor.human)
    return token


@transaction.atomic
def revoke_feed(actor: Actor) -> bool:
    gone, _ = FeedToken.objects.filter(person=actor.human).delete()
    if gone:
        audit(actor, "feed.revoke", actor.human)
    return bool(gone)


def holder(token: str) -> User | None:
    """Whose feed this key opens; a disabled person's opens nothing."""
    found = FeedToken.objects.filter(digest=digest_of(token), person__is_active=True).select_related("person__unit")
    return next((each.person for each in found), None)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
