"""How long a statement waits for another writer of an SQLite database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

SHORT_WAIT = 200  # milliseconds


@contextmanager
def give_up_when_locked() -> Iterator[None]:
    """Leave out a write that can be done later when the database is locked, instead of waiting for the usual 20 seconds.

    PostgreSQL locks rows, not the database, and waits as usual.
    """
    if connection.vendor != "sqlite":
        yield
        return
    database: Any = connection  # a wrapper of `config/sqlite/base.py`
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual, usual_turn = int(cursor.fetchone()[0]), database.longest_wait
        database.longest_wait = SHORT_WAIT / 1000
        cursor.execute(f"PRAGMA busy_timeout = {SHORT_WAIT}")
        try:
            yield
        except OperationalError as error:
            if "locked" not in str(error):
                raise
        finally:
            database.longest_wait = usual_turn
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
