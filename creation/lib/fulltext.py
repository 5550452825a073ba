"""The full-text index of evidence: one table of tokens, with an FTS5 index on SQLite or a GIN index on PostgreSQL.

The table is Django's. The index is created here after every migration, like the triggers of the audit trail. docs/decisions
explains why the two databases differ.
"""

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

from creation.lib.bigrams import is_pair, phrases

TABLE = "creation_searchentry"
TRIGGERS = {
    "creation_searchentry_insert": """AFTER INSERT ON creation_searchentry BEGIN
        INSERT INTO creation_searchentry_fts(rowid, head, body) VALUES (new.evidence_id, new.head, new.body);
    END""",
    "creation_searchentry_delete": """AFTER DELETE ON creation_searchentry BEGIN
        INSERT INTO creation_searchentry_fts(creation_searchentry_fts, rowid, head, body)
        VALUES ('delete', old.evidence_id, old.head, old.body);
    END""",
    "creation_searchentry_update": """AFTER UPDATE ON creation_searchentry BEGIN
        INSERT INTO creation_searchentry_fts(creation_searchentry_fts, rowid, head, body)
        VALUES ('delete', old.evidence_id, old.head, old.body);
        INSERT INTO creation_searchentry_fts(rowid, head, body) VALUES (new.evidence_id, new.head, new.body);
    END""",
}
FTS5 = """CREATE VIRTUAL TABLE IF NOT EXISTS creation_searchentry_fts USING fts5(
    head, body, content='creation_searchentry', content_rowid='evidence_id', tokenize='unicode61 remove_diacritics 0'
)"""
REBUILD = "INSERT INTO creation_searchentry_fts(creation_searchentry_fts) VALUES ('rebuild')"
GIN = """CREATE INDEX IF NOT EXISTS creation_searchentry_words ON creation_searchentry
    USING gin (to_tsvector('simple', head || ' ' || body))"""
ON_SQLITE = "SELECT rowid FROM creation_searchentry_fts WHERE creation_searchentry_fts MATCH %s"
ON_POSTGRESQL = """SELECT evidence_id FROM creation_searchentry
    WHERE to_tsvector('simple', head || ' ' || body) @@ %s::tsquery"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Create what is missing. On SQLite a table that was rebuilt has lost its triggers; the index is then rebuilt."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(GIN)
            return
        cursor.execute(FTS5)
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
        missing = [name for name in TRIGGERS if name not in there]
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        if missing:
            cursor.execute(REBUILD)


def matching_ids(question: str, using: str) -> RawSQL | None:
    """Return the keys of the evidence that contains all words of the question; None if the question contains no word."""
    searched_phrases = phrases(question)
    if not searched_phrases:
        return None
    if connections[using].vendor == "postgresql":
        return RawSQL(ON_POSTGRESQL, [" & ".join(map(_tsquery_phrase, searched_phrases))])  # noqa: S611 (the question is a parameter)
    return RawSQL(ON_SQLITE, [" AND ".join(map(_fts5_phrase, searched_phrases))])  # noqa: S611 (the question is a parameter)


def _fts5_phrase(tokens: list[str]) -> str:
    """Return a quoted phrase. Tokens contain only letters and digits, so nothing in them can end the quotation."""
    return f'"{" ".join(tokens)}"{"" if is_pair(tokens[-1]) else " *"}'


def _tsquery_phrase(tokens: list[str]) -> str:
    quoted = [f"'{token}'" for token in tokens]
    quoted[-1] += "" if is_pair(tokens[-1]) else ":*"
    return f"({' <-> '.join(quoted)})"
