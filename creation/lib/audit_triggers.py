"""Database triggers that refuse to change or delete rows of the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("creation_auditentry", "creation_auditseal", "creation_auditarchive")
REFUSAL = "audit rows are append-only"


def trigger_names(vendor: str) -> dict[str, str]:
    """Return the names of the triggers, mapped to their tables."""
    operations = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
    return {f"{table}_no_{operation}": table for table in TABLES for operation in operations}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers again. A migration that rebuilds a table drops its triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for name, table in trigger_names(connection.vendor).items():
            for statement in _create_statements(connection.vendor, name, table, name.rsplit("_", 1)[1]):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name, table in trigger_names(connection.vendor).items():
            cursor.execute(drop_statement(connection.vendor, name, table))


@contextmanager
def disabled(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Remove the triggers for the block and install them again. Call it inside a transaction, which restores them on failure."""
    were_installed = not missing(connection)
    remove(connection)
    yield
    if were_installed:
        install(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of missing triggers. Before the tables exist, none are expected."""
    if TABLES[0] not in connection.introspection.table_names():
        return []
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(set(trigger_names(connection.vendor)) - there)


_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION creation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def _create_statements(vendor: str, name: str, table: str, operation: str) -> list[str]:
    if vendor == "postgresql":
        each = "STATEMENT" if operation == "truncate" else "ROW"
        body = f"BEFORE {operation} ON {table} FOR EACH {each} EXECUTE FUNCTION creation_refuse_change()"
    else:
        body = f"BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [drop_statement(vendor, name, table), f"CREATE TRIGGER {name} {body}"]


def drop_statement(vendor: str, name: str, table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")
