"""Adjust a restored database before the server starts, so that messages already sent are not sent again.

After the backup was made, the application kept running: it created reminders, sent messages, and links were used. The restored
database does not know this. So every reminder that was due is put into the inbox only, pending deliveries that were due are
stopped, and earlier links and logins become invalid. The last entries of the audit trail are sealed, as they were not yet in the backup.
"""

from collections import Counter
from datetime import datetime, time

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from creation.audit import audit_chain, audit_log
from creation.audit.actor import Actor
from creation.audit.audit_chain.verifying import RESTORE_ACT, RESTORED_PREFIX
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
from creation.notices import digest_builder, reminders

ANSWER = "备份之后可能已经发出，恢复数据时不再发送。"


@transaction.atomic
def settle_restored_data(made_at: datetime, until: datetime, now: datetime) -> Counter[str]:
    """Adjust the restored data. ``until``: when the application stopped using the data that was lost. Return counts by name."""
    actor, counts = Actor(None, now), Counter[str]()
    counts["reminders"] = _note_reminders(until)
    counts["people"] = _file_waiting_notices(actor)
    counts["letters"] = _stop_deliveries(until)
    OneTimeLink.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    UserSession.objects.active().update(ended_at=now)
    Session.objects.all().delete()
    lost = f"{local_time(made_at)} 至 {local_time(until)}"
    restored = f"{RESTORED_PREFIX}{timezone.localtime(made_at).isoformat(' ')}"
    detail = f"恢复 {local_time(made_at)} 的备份，丢失 {lost} 的操作。"
    audit_log.record(actor, RESTORE_ACT, restored, detail=detail)
    audit_chain.seal(now, full_scan=True)
    return counts


def local_time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _note_reminders(until: datetime) -> int:
    """Create the reminders of the last round that the lost installation may have sent, so that they are not sent again."""
    calendar, day = Holiday.objects.calendar(), timezone.localdate(until)
    if not digest_builder.is_digest_time(until, calendar):
        day = calendar.shift(day, -1)
    at = timezone.make_aware(datetime.combine(day, time(digest_builder.DIGEST_HOUR)))
    return reminders.remind(Actor(None, at))


def _file_waiting_notices(actor: Actor) -> int:
    """Put unsent notices into an extra digest each, so that the regular digest of the day holds only new notices."""
    people = sorted(set(Notice.objects.filter(digest=None).values_list("person", flat=True)))
    today = Digest.objects.filter(day=actor.today, urgency=Urgency.AT_ONCE, person__in=people)
    digest_numbers = dict(today.values_list("person").annotate(Max("number")))
    digests = Digest.objects.bulk_create(
        Digest(
            person_id=each,
            day=actor.today,
            urgency=Urgency.AT_ONCE,
            number=digest_numbers.get(each, 0) + 1,
            created_at=actor.at,
        )
        for each in people
    )
    for digest in digests:
        Notice.objects.filter(person=digest.person_id, digest=None).update(digest=digest)
    Delivery.objects.bulk_create(
        Delivery(
            digest=each,
            channel=digest_builder.INBOX,
            state=DeliveryState.SENT,
            attempts=1,
            sent_at=actor.at,
            answer=ANSWER,
        )
        for each in digests
    )
    return len(digests)


def _stop_deliveries(until: datetime) -> int:
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=until)
    return due.update(state=DeliveryState.STOPPED, answer=ANSWER, doubtful=True, lease_until=None)
