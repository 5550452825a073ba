"""What the tables of a database are, to compare two databases: without the names that Django makes up, and the order of the columns."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

POSTGRESQL = (
    "SELECT table_name, column_name || ' ' || data_type || coalesce(character_maximum_length::text, '') || ' ' || is_nullable"
    " || ' ' || coalesce(column_default, '') || ' ' || is_identity FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT conrelid::regclass::text, contype::text || ' ' || pg_get_constraintdef(oid) || ' '"
    " || CASE WHEN contype IN ('c', 'u') THEN conname ELSE '' END FROM pg_constraint WHERE conrelid <> 0",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
)
MADE_UP = re.compile(r"\bcreation_\w+_[0-9a-f]{8}(?:_like|_uniq|_pk)?\b|\bcreation_\w+_pkey\b|\bcreation_\w+_key\b")


def definitions(connection: Any) -> dict[str, list[str]]:
    """Return of each of our tables its columns, keys, checks, indexes and triggers, each as a text, sorted."""
    found: dict[str, list[str]] = {}
    with closing(connection.cursor()) as cursor:
        for table, text in _sqlite(cursor) if _is_sqlite(connection) else _postgresql(cursor):
            if table.startswith("creation_"):
                found.setdefault(table, []).append(MADE_UP.sub("…", text))
    return {table: sorted(texts) for table, texts in sorted(found.items())}


def _is_sqlite(connection: Any) -> bool:
    return isinstance(connection, sqlite3.Connection) or connection.vendor == "sqlite"


def _postgresql(cursor: Any) -> Iterator[tuple[str, str]]:
    for query in POSTGRESQL:
        cursor.execute(query)
        yield from cursor.fetchall()


def _sqlite(cursor: Any) -> Iterator[tuple[str, str]]:
    cursor.execute("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    for kind, table, text in cursor.fetchall():
        if kind != "table":
            yield table, text
            continue
        for part in _parts(text[text.index("(") + 1 : text.rindex(")")]):
            yield table, part


def _parts(inside: str) -> Iterator[str]:
    """Split the definition of a table at the commas that are in no bracket."""
    depth, start = 0, 0
    for at, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield inside[start:at].strip()
            start = at + 1
    yield inside[start:].strip()
