"""Sends digests outside: deliveries are leased, sent and marked. Nothing is lost; a possible duplicate is flagged.

A batch is leased in a transaction that is committed before the first message is sent; each delivery is marked as soon as its
response arrives. If a sender is killed, its leases expire and the next run sends those messages again, with the same
Message-IDs, and flags them. At most one of them had been delivered.
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
