"""A chain of seals over committed audit entries, written by the scheduler so that actions do not wait for one another.

A seal covers its entry and the previous seal, so that a changed, deleted, added or reordered entry is detected.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from creation.audit.audit_chain.links import ChainHead, current_head, next_head
from creation.models import AuditEntry, AuditSeal

__all__ = ["SEALING_DEADLINE", "ChainHead", "count_overdue", "current_head", "seal"]

SEALING_DEADLINE = timedelta(minutes=5)  # an entry without a seal after this time causes an alarm
SEALS_PER_TRANSACTION = 2000  # entries
RECENT_KEYS = (
    10_000  # keys below the last sealed one that are checked each minute; the whole table is checked once an hour
)


def seal(now: datetime, *, full_scan: bool = False) -> int:
    """Seal committed entries that have no seal and return their number.

    An entry of a long transaction may have a lower key than a sealed one: the last RECENT_KEYS keys are checked each time, with
    ``full_scan`` the whole table. If two schedulers run at once, the unique number lets one continue; the other leaves the rest
    to the next minute.
    """
    count, after = 0, 0 if full_scan else _first_recent_key()
    while True:
        try:
            last = _seal_batch(AuditEntry.objects.unsealed(after), now)
        except IntegrityError:
            return count
        if not last:
            return count
        count, after = count + last[0], last[1]


@transaction.atomic
def _seal_batch(waiting: QuerySet[AuditEntry], now: datetime) -> tuple[int, int] | None:
    """Seal one batch. Return the number sealed and the last key, or None if no entry is waiting."""
    entries = list(waiting.only("pk", "mac")[:SEALS_PER_TRANSACTION])
    end, seals = current_head(), []
    for entry in entries:
        end = next_head(end, entry, now)
        seals.append(AuditSeal(entry=entry, seq=end.seq, at=now, mac=end.mac))
    AuditSeal.objects.bulk_create(seals)
    return (len(entries), entries[-1].pk) if entries else None


def count_overdue(now: datetime) -> int:
    """Return the number of entries that have waited for their seal for too long."""
    return AuditEntry.objects.unsealed(_first_recent_key()).filter(at__lt=now - SEALING_DEADLINE).count()


def _first_recent_key() -> int:
    last = AuditSeal.objects.order_by("-seq").values_list("entry", flat=True).first()
    return max(0, (last or 0) - RECENT_KEYS)
