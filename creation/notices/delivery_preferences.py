"""A person's notification preferences, and the key to their calendar feed."""

import hashlib
import secrets
from collections.abc import Iterable

from django.db import transaction

from creation.audit.actor import Actor
from creation.audit.audit_log import record
from creation.models import Channel, FeedToken, Preference, User


@transaction.atomic
def save_preference(rhythm: str, chosen: Iterable[Channel], actor: Actor) -> None:
    person = actor.human
    preference, _ = Preference.objects.update_or_create(
        person=person, defaults={"rhythm": rhythm, "changed_at": actor.at}
    )
    preference.channels.set(chosen)
    record(actor, "preference.set", person, detail=preference.get_rhythm_display())


@transaction.atomic
def create_feed(actor: Actor) -> str:
    """Create a new key, which invalidates the former one. It is returned only here."""
    token = secrets.token_urlsafe(32)
    FeedToken.objects.update_or_create(
        person=actor.human, defaults={"digest": token_digest(token), "made_at": actor.at}
    )
    record(actor, "feed.make", actor.human)
    return token


@transaction.atomic
def revoke_feed(actor: Actor) -> bool:
    count, _ = FeedToken.objects.filter(person=actor.human).delete()
    if count:
        record(actor, "feed.revoke", actor.human)
    return bool(count)


def feed_owner(token: str) -> User | None:
    """Return the person whose feed this key opens. A disabled account has no feed."""
    found = FeedToken.objects.filter(digest=token_digest(token), person__is_active=True).select_related("person__unit")
    return next((each.person for each in found), None)


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
