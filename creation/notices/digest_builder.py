"""Builds digests from notices: one per person and day, urgent ones at once.

A notice appears in the inbox as soon as its row exists. The deliveries of a digest, to the inbox and outside, are rows written
in one transaction; ``dispatch`` sends the outside ones.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Delivery, DeliveryState, Digest, Holiday, Notice, Urgency, User
from creation.notices import dispatch, escalation, reminders
from creation.rules.deadlines import Workdays

INBOX = "inbox"
DIGEST_HOUR = 9  # local time; no daily digest earlier, or on days off
PEOPLE_PER_TRANSACTION = 500  # people


def run_daily(actor: Actor) -> int:
    """Create the day's reminders, then one digest for everybody with notices. Return the number of digests.

    The reminders come first, so that the digest includes them.
    """
    if not is_digest_time(actor.at, Holiday.objects.calendar()):
        return 0
    reminders.remind(actor)
    escalation.escalate(actor)
    return build_digests(actor, Urgency.DAILY)


def run_urgent(actor: Actor) -> int:
    """Create digests of urgent notices: returned tasks, requested signatures, escalations."""
    return build_digests(actor, Urgency.AT_ONCE)


def run_all(actor: Actor) -> int:
    """Create digests of all waiting notices at any hour. For the operator."""
    return build_digests(actor, Urgency.AT_ONCE) + build_digests(actor, Urgency.DAILY)


def is_digest_time(at: datetime, calendar: Workdays) -> bool:
    local = timezone.localtime(at)
    return calendar.is_workday(local.date()) and local.hour >= DIGEST_HOUR


def build_digests(actor: Actor, urgency: Urgency) -> int:
    """Collect waiting notices in digests of the actor's day and deliver them to the inbox. Return the number of digests.

    A person who already got the day's daily digest receives later notices in the next one.
    """
    count = 0
    while people := list(_recipients(actor, urgency)[:PEOPLE_PER_TRANSACTION]):
        with transaction.atomic():
            _build_chunk(people, actor, urgency)
        count += len(people)
    return count


def _not_digested(actor: Actor) -> QuerySet[Notice]:
    """Return the notices without a digest up to the end of the actor's day, including later ones of a concurrent run."""
    midnight = timezone.make_aware(datetime.combine(actor.today + timedelta(days=1), time.min))
    return Notice.objects.filter(digest=None, created_at__lt=midnight)


def _waiting(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    return _not_digested(actor).filter(urgency=urgency)


def _to_include(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    """Return the notices to include. The daily digest also includes waiting urgent notices, so that one message is sent instead of two."""
    return _not_digested(actor) if urgency == Urgency.DAILY else _waiting(actor, urgency)


def _recipients(actor: Actor, urgency: Urgency) -> QuerySet[User, int]:
    """Return the keys of people with waiting notices, always in the same order, so that concurrent runs do not deadlock."""
    waiting = _waiting(actor, urgency).filter(person=OuterRef("pk"))
    people = User.objects.filter(Exists(waiting), is_active=True)
    if urgency == Urgency.DAILY:
        people = people.exclude(Exists(_digests(actor, urgency).filter(person=OuterRef("pk"))))
    return people.order_by("pk").values_list("pk", flat=True)


def _digests(actor: Actor, urgency: Urgency) -> QuerySet[Digest]:
    return Digest.objects.filter(day=actor.today, urgency=urgency)


def _build_chunk(people: list[int], actor: Actor, urgency: Urgency) -> None:
    """Build the digests of these people. A concurrent run waits for the locks on the people's rows and then finds no waiting notices."""
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk").values_list("pk"))
    waiting = list(_recipients(actor, urgency).filter(pk__in=people))
    last_numbers = dict(
        _digests(actor, urgency).filter(person__in=waiting).values_list("person").annotate(Max("number"))
    )
    digests = Digest.objects.bulk_create(
        Digest(
            person_id=each, day=actor.today, urgency=urgency, number=last_numbers.get(each, 0) + 1, created_at=actor.at
        )
        for each in waiting
    )
    own_digest = Digest.objects.filter(pk__in=[each.pk for each in digests], person=OuterRef("person")).values("pk")
    _to_include(actor, urgency).filter(person__in=waiting).update(digest=Subquery(own_digest))
    Delivery.objects.bulk_create(
        [_inbox_delivery(each, actor) for each in digests]
        + dispatch.build_deliveries(digests, actor.at, Holiday.objects.calendar())
    )


def _inbox_delivery(digest: Digest, actor: Actor) -> Delivery:
    return Delivery(digest=digest, channel=INBOX, state=DeliveryState.SENT, attempts=1, sent_at=actor.at)
