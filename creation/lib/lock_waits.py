"""How a statement waits for another writer of an SQLite database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

SHORT_WAIT = 200  # milliseconds
LONG_WAIT = 10  # seconds


@contextmanager
def give_up_when_locked(wait: int = SHORT_WAIT) -> Iterator[None]:
    """Leave out a write that can be done later when the database is locked for ``wait`` milliseconds, instead of waiting for the usual
    20 seconds.

    PostgreSQL locks rows, not the database, and waits as usual.
    """
    if connection.vendor != "sqlite":
        yield
        return
    database: Any = connection  # a wrapper of `config/sqlite/base.py`
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual, usual_turn = int(cursor.fetchone()[0]), database.longest_wait
        database.longest_wait = wait / 1000
        cursor.execute(f"PRAGMA busy_timeout = {wait}")
        try:
            yield
        except OperationalError as error:
            if "locked" not in str(error):
                raise
        finally:
            database.longest_wait = usual_turn
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


_turn = threading.Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let the threads of this process write to an SQLite database one after the other.

    A connection that finds the database locked looks again after up to 100 ms: where many threads write at once, most of the time nobody
    does, and who is unlucky gives up after 20 seconds. A thread that got no turn in LONG_WAIT seconds tries without.
    """
    got = connection.vendor == "sqlite" and _turn.acquire(timeout=LONG_WAIT)
    try:
        yield
    finally:
        if got:
            _turn.release()
