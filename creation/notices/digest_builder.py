"""From notices to digests, and from digests to the people: one digest a person and day, urgent ones at once.

The inbox shows a notice as soon as its row is there; its delivery is recorded together with the digest, in one transaction.
The deliveries to the outside are rows of the same transaction; `posting` sends them.
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
DIGEST_HOUR = 9  # local time; before it, and on days off, nobody gets a daily digest
PEOPLE_PER_TRANSACTION = 500  # people a transaction


def run_daily(actor: Actor) -> int:
    """The day's reminders, then one digest for everybody with something to hear; gives the number of digests.

    In this order within one round, so that no reminder of the day comes too late for the day's digest.
    """
    if not is_digest_time(actor.at, Holiday.objects.calendar()):
        return 0
    reminders.remind(actor)
    escalation.escalate(actor)
    return build_digests(actor, Urgency.DAILY)


def run_urgent(actor: Actor) -> int:
    """What cannot wait: returned tasks, signatures asked for, escalations."""
    return build_digests(actor, Urgency.AT_ONCE)


def run_all(actor: Actor) -> int:
    """Whatever waits, without asking the hour: for the operator."""
    return build_digests(actor, Urgency.AT_ONCE) + build_digests(actor, Urgency.DAILY)


def is_digest_time(at: datetime, calendar: Workdays) -> bool:
    local = timezone.localtime(at)
    return calendar.is_workday(local.date()) and local.hour >= DIGEST_HOUR


def build_digests(actor: Actor, urgency: Urgency) -> int:
    """Gather what waits into digests of the actor's day and deliver them to the inbox; gives their number.

    Who had the day's daily digest hears what came later in the next one.
    """
    count = 0
    while people := list(_recipients(actor, urgency)[:PEOPLE_PER_TRANSACTION]):
        with transaction.atomic():
            _build_chunk(people, actor, urgency)
        count += len(people)
    return count


def _not_digested(actor: Actor) -> QuerySet[Notice]:
    """What is in no digest yet, up to the end of the actor's day: of two rounds at once the one that began later has said some of it."""
    midnight = timezone.make_aware(datetime.combine(actor.today + timedelta(days=1), time.min))
    return Notice.objects.filter(digest=None, created_at__lt=midnight)


def _waiting(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    return _not_digested(actor).filter(urgency=urgency)


def _to_include(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    """The day's digest takes along what is urgent and waits at that moment: one message instead of two."""
    return _not_digested(actor) if urgency == Urgency.DAILY else _waiting(actor, urgency)


def _recipients(actor: Actor, urgency: Urgency) -> QuerySet[User, int]:
    """Keys of the people with something waiting, always in the same order: two rounds at once do not lock each other out."""
    waiting = _waiting(actor, urgency).filter(person=OuterRef("pk"))
    people = User.objects.filter(Exists(waiting), is_active=True)
    if urgency == Urgency.DAILY:
        people = people.exclude(Exists(_digests(actor, urgency).filter(person=OuterRef("pk"))))
    return people.order_by("pk").values_list("pk", flat=True)


def _digests(actor: Actor, urgency: Urgency) -> QuerySet[Digest]:
    return Digest.objects.filter(day=actor.today, urgency=urgency)


def _build_chunk(people: list[int], actor: Actor, urgency: Urgency) -> None:
    """Of two rounds at once the second waits for the first at the people's rows and then finds nothing left to gather."""
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
