"""Digests on their way to the outside: claimed with a lease, sent, marked. Nothing is lost; what may be there twice is flagged.

A batch is claimed in one transaction that is on the disk before the first message leaves; each one is marked as soon as its answer is
there. A sender who is killed leaves leases behind: when they have run out the next one sends those messages, with the same Message-IDs,
and flags them. One of them at most had arrived.
"""

from creation.notices.posting.addressing import address, due_at, is_quiet
from creation.notices.posting.claiming import claim
from creation.notices.posting.marking import BACKOFF, try_again, try_all_again
from creation.notices.posting.rounds import post_due
from creation.notices.posting.writing import SITE

__all__ = [
    "BACKOFF",
    "SITE",
    "address",
    "claim",
    "due_at",
    "is_quiet",
    "post_due",
    "try_again",
    "try_all_again",
]
