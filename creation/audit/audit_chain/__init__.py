"""The clock seals committed audit entries into a chain, so that acts need not wait for one another.

A seal covers its entry and the seal before it: what is changed, dropped, added or put into another order no longer fits.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from creation.audit.audit_chain.links import ChainHead, current_head, next_head
from creation.models import AuditEntry, AuditSeal

__all__ = ["SEALING_DEADLINE", "ChainHead", "count_overdue", "current_head", "seal"]

SEALING_DEADLINE = timedelta(minutes=5)  # an entry that has no seal after that is an alarm
SEALS_PER_TRANSACTION = 2000  # entries a transaction
RECENT_KEYS = 10_000  # keys below the last sealed one that are looked at each minute; the whole table once an hour


def seal(now: datetime, *, full_scan: bool = False) -> int:
    """Seal what is committed and has no seal; gives their number.

    Entries whose transaction ended late have lower keys than sealed ones: the last RECENT_KEYS keys are looked through each time,
    ``full_scan`` the whole table. Of two clocks at once the unique number lets one go on; the other leaves it to the next minute.
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
    """How many were sealed, and the last one's key; None when nothing waits."""
    entries = list(waiting.only("pk", "mac")[:SEALS_PER_TRANSACTION])
    end, seals = current_head(), []
    for entry in entries:
        end = next_head(end, entry, now)
        seals.append(AuditSeal(entry=entry, seq=end.seq, at=now, mac=end.mac))
    AuditSeal.objects.bulk_create(seals)
    return (len(entries), entries[-1].pk) if entries else None


def count_overdue(now: datetime) -> int:
    """Entries that have waited for their seal longer than they should."""
    return AuditEntry.objects.unsealed(_first_recent_key()).filter(at__lt=now - SEALING_DEADLINE).count()


def _first_recent_key() -> int:
    last = AuditSeal.objects.order_by("-seq").values_list("entry", flat=True).first()
    return max(0, (last or 0) - RECENT_KEYS)
