"""From notices to digests, and from digests to the people: one digest a person and day, urgent ones at once.

The inbox shows a notice as soon as its row is there; its delivery is recorded together with the digest, in one transaction.
The deliveries to the outside are rows of the same transaction; `posting` sends them.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from creation.audit.trail import Actor
from creation.models import Delivery, DeliveryState, Digest, Holiday, Notice, Urgency, User
from creation.notices import escalating, posting, reminders
from creation.rules.deadlines import Workdays

INBOX = "inbox"
OPENING_HOUR = 9  # local time; before it, and on days off, nobody gets a daily digest
CHUNK = 500  # people a transaction


def daily_round(actor: Actor) -> int:
    """The day's reminders, then one digest for everybody with something to hear; gives the number of digests.

    In this order within one round, so that no reminder of the day comes too late for the day's digest.
    """
    if not speaking_hours(actor.at, Holiday.objects.calendar()):
        return 0
    reminders.remind(actor)
    escalating.escalate(actor)
    return digest(actor, Urgency.DAILY)


def urgent_round(actor: Actor) -> int:
    """What cannot wait: returned tasks, signatures asked for, escalations."""
    return digest(actor, Urgency.AT_ONCE)


def digest_all(actor: Actor) -> int:
    """Whatever waits, without asking the hour: for the operator."""
    return digest(actor, Urgency.AT_ONCE) + digest(actor, Urgency.DAILY)


def speaking_hours(at: datetime, calendar: Workdays) -> bool:
    local = timezone.localtime(at)
    return calendar.is_workday(local.date()) and local.hour >= OPENING_HOUR


def digest(actor: Actor, urgency: Urgency) -> int:
    """Gather what waits into digests of the actor's day and deliver them to the inbox; gives their number.

    Who had the day's daily digest hears what came later in the next one.
    """
    count = 0
    while people := list(_listeners(actor, urgency)[:CHUNK]):
        with transaction.atomic():
            _gather(people, actor, urgency)
        count += len(people)
    return count


def _said(actor: Actor) -> QuerySet[Notice]:
    """What is in no digest yet, up to the end of the actor's day: of two rounds at once the one that began later has said some of it."""
    midnight = timezone.make_aware(datetime.combine(actor.today + timedelta(days=1), time.min))
    return Notice.objects.filter(digest=None, at__lt=midnight)


def _waiting(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    return _said(actor).filter(urgency=urgency)


def _taken_along(actor: Actor, urgency: Urgency) -> QuerySet[Notice]:
    """The day's digest takes along what is urgent and waits at that moment: one message instead of two."""
    return _said(actor) if urgency == Urgency.DAILY else _waiting(actor, urgency)


def _listeners(actor: Actor, urgency: Urgency) -> QuerySet[User, int]:
    """Keys of the people with something waiting, always in the same order: two rounds at once do not lock each other out."""
    waiting = _waiting(actor, urgency).filter(person=OuterRef("pk"))
    people = User.objects.filter(Exists(waiting), is_active=True)
    if urgency == Urgency.DAILY:
        people = people.exclude(Exists(_digests(actor, urgency).filter(person=OuterRef("pk"))))
    return people.order_by("pk").values_list("pk", flat=True)


def _digests(actor: Actor, urgency: Urgency) -> QuerySet[Digest]:
    return Digest.objects.filter(day=actor.today, urgency=urgency)


def _gather(people: list[int], actor: Actor, urgency: Urgency) -> None:
    """Of two rounds at once the second waits for the first at the people's rows and then finds nothing left to gather."""
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk").values_list("pk"))
    waiting = list(_listeners(actor, urgency).filter(pk__in=people))
    said = dict(_digests(actor, urgency).filter(person__in=waiting).values_list("person").annotate(Max("number")))
    digests = Digest.objects.bulk_create(
        Digest(person_id=each, day=actor.today, urgency=urgency, number=said.get(each, 0) + 1, created_at=actor.at)
        for each in waiting
    )
    its_own = Digest.objects.filter(pk__in=[each.pk for each in digests], person=OuterRef("person")).values("pk")
    _taken_along(actor, urgency).filter(person__in=waiting).update(digest=Subquery(its_own))
    Delivery.objects.bulk_create(
        [_delivered(each, actor) for each in digests] + posting.address(digests, actor.at, Holiday.objects.calendar())
    )


def _delivered(digest: Digest, actor: Actor) -> Delivery:
    return Delivery(digest=digest, channel=INBOX, state=DeliveryState.SENT, attempts=1, sent_at=actor.at)
