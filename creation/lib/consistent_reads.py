"""Reads a whole document from one state of the database while others write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def consistent_snapshot() -> Iterator[None]:
    """Open a transaction that reads one snapshot and does not block writers. Inside another transaction, do nothing."""
    if connection.in_atomic_block:
        yield
        return
    database: Any = connection
    mode = getattr(database, "transaction_mode", None)
    if connection.vendor == "sqlite":
        database.transaction_mode = "DEFERRED"  # IMMEDIATE would block every writer until the last row is read
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            database.in_consistent_snapshot = True
            yield
    finally:
        database.in_consistent_snapshot = False
        if connection.vendor == "sqlite":
            database.transaction_mode = mode


def in_consistent_snapshot() -> bool:
    """Return whether this thread is inside ``consistent_snapshot``, where nothing may be written."""
    return bool(getattr(connection, "in_consistent_snapshot", False))
