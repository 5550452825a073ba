"""Digests on their way to the outside: claimed with a lease, sent, marked. Nothing is lost; what may be there twice is flagged.

A batch is claimed in one transaction that is on the disk before the first message leaves; each one is marked as soon as its answer is
there. A sender who is killed leaves leases behind: when they have run out the next one sends those messages, with the same Message-IDs,
and flags them. One of them at most had arrived.
"""

from creation.notices.dispatch.leases import claim_deliveries
from creation.notices.dispatch.message_text import SITE_NAME
from creation.notices.dispatch.outcomes import BACKOFF_MINUTES, retry, retry_all
from creation.notices.dispatch.routing import build_deliveries, due_at, is_quiet
from creation.notices.dispatch.run import dispatch_due

__all__ = [
    "BACKOFF_MINUTES",
    "SITE_NAME",
    "build_deliveries",
    "claim_deliveries",
    "dispatch_due",
    "due_at",
    "is_quiet",
    "retry",
    "retry_all",
]
