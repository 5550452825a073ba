"""Database triggers that refuse to change or delete rows of the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("creation_auditentry", "creation_auditseal", "creation_auditarchive")
REFUSAL = "audit rows are append-only"
FUNCTION = "creation_refuse_change"
MISSING, ALTERED, FOREIGN = "缺失", "被改动", "不是平台的"
POSTGRESQL_TYPES = {"update": 1 | 2 | 16, "delete": 1 | 2 | 8, "truncate": 2 | 32}  # row, before, operation


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
    return [name for name, fault in faults(connection).items() if fault == MISSING]


def faults(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return what is wrong with the triggers of the audit tables: name → MISSING, ALTERED or FOREIGN, which may swallow rows."""
    if TABLES[0] not in connection.introspection.table_names():
        return {}
    expected = set(trigger_names(connection.vendor))
    there = _postgresql_triggers(connection) if connection.vendor == "postgresql" else _sqlite_triggers(connection)
    found = dict.fromkeys(expected - set(there), MISSING)
    found |= {name: ALTERED if name in expected else FOREIGN for name, sound in there.items() if not sound}
    return dict(sorted(found.items()))


def _sqlite_triggers(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Return the triggers of the audit tables, with whether each is as we create it."""
    expected = {
        name: _create_statements("sqlite", name, table, name.rsplit("_", 1)[1])[-1]
        for name, table in trigger_names("sqlite").items()
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: expected.get(name) == text for name, table, text in cursor.fetchall() if table in TABLES}


def _postgresql_triggers(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Return the triggers of the audit tables, with whether each is as we create it: no condition, no columns, enabled, our function."""
    tables = trigger_names("postgresql")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, relname, tgtype, tgenabled IN ('O', 'A') AND tgqual IS NULL AND tgattr = '' AND proname = %s"
            " AND strpos(prosrc, %s) > 0 FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND relname = ANY(%s)",
            [FUNCTION, f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END", list(TABLES)],
        )
        return {
            name: bool(sound) and tables.get(name) == table and kind == POSTGRESQL_TYPES[name.rsplit("_", 1)[1]]
            for name, table, kind, sound in cursor.fetchall()
        }


_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def _create_statements(vendor: str, name: str, table: str, operation: str) -> list[str]:
    if vendor == "postgresql":
        each = "STATEMENT" if operation == "truncate" else "ROW"
        body = f"BEFORE {operation} ON {table} FOR EACH {each} EXECUTE FUNCTION {FUNCTION}()"
    else:
        body = f"BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [drop_statement(vendor, name, table), f"CREATE TRIGGER {name} {body}"]


def drop_statement(vendor: str, name: str, table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")
