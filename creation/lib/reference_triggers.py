"""Database triggers that give the reference tables another version with every change, also with one that bypasses our code.

The version is a random token, not a number: a number that a rolled back transaction had counted would come again with other rows.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

VERSION = "creation_referenceversion"
TABLES = ("creation_holiday", "creation_indicator", "creation_phase", "creation_unit")
FUNCTION = "creation_tell_reference_change"
OPERATIONS = ("insert", "update", "delete")
# Not INSERT OR REPLACE: in a trigger SQLite handles a conflict as the statement that fired it says, so that another version was
# left out under INSERT OR IGNORE and refused under ON CONFLICT DO UPDATE (https://www.sqlite.org/lang_createtrigger.html).
_NEW_VERSION = {
    "sqlite": (
        "DELETE FROM creation_referenceversion",
        "INSERT INTO creation_referenceversion (id, token) VALUES (1, lower(hex(randomblob(16))))",
    ),
    "postgresql": (
        "INSERT INTO creation_referenceversion (id, token) VALUES (1, gen_random_uuid()::text)"
        " ON CONFLICT (id) DO UPDATE SET token = EXCLUDED.token",
    ),
}
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN {_NEW_VERSION["postgresql"][0]}; RETURN NULL; END $$
"""


def names(vendor: str) -> dict[str, str]:
    """Return the names of the triggers, mapped to their tables. PostgreSQL takes the three operations in one."""
    if vendor == "postgresql":
        return {f"{table}_tells": table for table in TABLES}
    return {f"{table}_tells_{operation}": table for table in TABLES for operation in OPERATIONS}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers again, and a new version: a migration that rebuilds a table drops its triggers, and may have changed rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name, table in names(connection.vendor).items():
            cursor.execute(_drop(connection.vendor, name, table))
            cursor.execute(_create(connection.vendor, name, table))
        for statement in _NEW_VERSION[connection.vendor]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name, table in names(connection.vendor).items():
            cursor.execute(_drop(connection.vendor, name, table))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of missing triggers. Before the tables exist, none are expected."""
    if VERSION not in connection.introspection.table_names():
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(names(connection.vendor)) - there)


def _create(vendor: str, name: str, table: str) -> str:
    if vendor == "postgresql":
        events = " OR ".join(OPERATIONS)
        return f"CREATE TRIGGER {name} AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
    return (
        f"CREATE TRIGGER {name} AFTER {name.rsplit('_', 1)[1]} ON {table} BEGIN {'; '.join(_NEW_VERSION[vendor])}; END"
    )


def _drop(vendor: str, name: str, table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")
