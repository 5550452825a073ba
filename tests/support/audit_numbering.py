"""The numbers that the database gives to audit entries and seals. A test that empties the tables leaves them as they were."""

import pytest
from django.db import connection

TABLES = ("creation_auditentry", "creation_auditseal")


def continue_after_last_row() -> None:
    """Let the database go on after the last row, as if no later ones had ever been."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest(max(id), 1), coalesce(max(id), 0) > 0)"
                    f" FROM {table}"
                )
            else:
                last = f"(SELECT coalesce(max(id), 0) FROM {table})"
                cursor.execute(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = '{table}'")


@pytest.fixture(autouse=True)
def numbering(db: None) -> None:
    """Forget the rows of other tests. Imported by files whose tests verify the trail."""
    continue_after_last_row()
