"""The numbers that the database has given to rows of a table."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model

CHUNK = 10_000


def last_number(model: type[Model]) -> int:
    """Return the last number that was given out, 0 if none."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)", [table])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def unused_numbers(model: type[Model], after: int) -> Iterator[int]:
    """Yield the numbers above ``after`` that were given out and have no row now. Rows may be added meanwhile."""
    previous, last = after, last_number(model)
    for key in model._default_manager.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True).iterator(CHUNK):
        yield from range(previous + 1, key)
        previous = key
    yield from range(previous + 1, last + 1)
