"""What a restored database must be told before the house opens: what was said meanwhile is not said again.

After the backup was taken the house went on for a while: reminders were planned, letters sent, links used. The database knows
nothing of it. So every reminder that was due by then is noted in the inbox and goes nowhere else, no letter that was due is
sent, links and logins of before are void. The trail's last entries had no seal yet when the backup was taken: they get one here.
"""

from collections import Counter
from datetime import datetime, time

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from creation.audit import sealing, trail
from creation.audit.trail import Actor
from creation.models import (
    Delivery,
    DeliveryState,
    Digest,
    Holiday,
    Notice,
    OneTimeLink,
    Urgency,
    UserSession,
)
from creation.notices import delivery, reminders

ANSWER = "备份之后可能已经发出，恢复数据时不再发送。"


@transaction.atomic
def settle(made_at: datetime, until: datetime, now: datetime) -> Counter[str]:
    """``until``: when the house stopped working on the data that is lost. Gives what was done, in numbers."""
    actor, told = Actor(None, now), Counter[str]()
    told["reminders"] = _note_reminders(until)
    told["people"] = _file(actor)
    told["letters"] = _stop_letters(until)
    OneTimeLink.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    UserSession.objects.live().update(ended_at=now)
    Session.objects.all().delete()
    lost = f"{local(made_at)} 至 {local(until)}"
    trail.audit(actor, "backup.restore", detail=f"恢复 {local(made_at)} 的备份，丢失 {lost} 的操作。")
    sealing.seal(now, everywhere=True)
    return told


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _note_reminders(until: datetime) -> int:
    """Those of the last round that the lost house may have made: its rungs, and all below them, count as said."""
    calendar, day = Holiday.objects.calendar(), timezone.localdate(until)
    if not delivery.speaking_hours(until, calendar):
        day = calendar.shift(day, -1)
    at = timezone.make_aware(datetime.combine(day, time(delivery.OPENING_HOUR)))
    return reminders.remind(Actor(None, at))


def _file(actor: Actor) -> int:
    """Whatever waits goes into the inboxes as a digest of its own, so that the day's digest stays free for what is new."""
    people = sorted(set(Notice.objects.filter(digest=None).values_list("person", flat=True)))
    today = Digest.objects.filter(day=actor.today, urgency=Urgency.AT_ONCE, person__in=people)
    said = dict(today.values_list("person").annotate(Max("number")))
    digests = Digest.objects.bulk_create(
        Digest(
            person_id=each, day=actor.today, urgency=Urgency.AT_ONCE, number=said.get(each, 0) + 1, created_at=actor.at
        )
        for each in people
    )
    for digest in digests:
        Notice.objects.filter(person=digest.person_id, digest=None).update(digest=digest)
    Delivery.objects.bulk_create(
        Delivery(
            digest=each, channel=delivery.INBOX, state=DeliveryState.SENT, attempts=1, sent_at=actor.at, answer=ANSWER
        )
        for each in digests
    )
    return len(digests)


def _stop_letters(until: datetime) -> int:
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=until)
    return due.update(state=DeliveryState.STOPPED, answer=ANSWER, doubtful=True, lease_until=None)
