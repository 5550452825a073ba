"""Everything a paper says is read from one state of the database, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def consistent_snapshot() -> Iterator[None]:
    """A transaction that reads one snapshot and holds up no writer. Inside another transaction it is that one's reading."""
    if connection.in_atomic_block:
        yield
        return
    database: Any = connection
    mode = getattr(database, "transaction_mode", None)
    if connection.vendor == "sqlite":
        database.transaction_mode = "DEFERRED"  # IMMEDIATE would keep every writer waiting until the last row is read
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
    """Is this thread inside ``consistent_snapshot``, where nothing may be written?"""
    return bool(getattr(connection, "in_consistent_snapshot", False))
