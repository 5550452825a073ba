"""Compare a journal of acknowledged writes with the raw database and files: `python benchmarks/losses.py JOURNAL DATABASE FILES`.

Imports nothing of the application. DATABASE is an SQLite file or a postgres:// URL. Prints what is missing; then exit code 1.
"""

import hashlib
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

Query = Callable[[str], list[tuple[Any, ...]]]
Found = set[str] | dict[str, str]
DISK_FULL = "磁盘空间不足"  # an export that failed with this sentence to the person is not lost


def main(journal: str, database: str, files: str) -> int:
    lost, count = missing(Path(journal), database, Path(files))
    for kind, keys in lost.items():
        print(f"lost {kind}: {len(keys)}: {' '.join(keys[:10])}")
    print(f"{count} acknowledged writes, {sum(map(len, lost.values()))} lost")
    return int(bool(lost))


def missing(journal: Path, database: str, files: Path) -> tuple[dict[str, list[str]], int]:
    """Return kind → the keys that are not found, and the number of keys. The journal is read first, as it may be growing."""
    wanted = read(journal)
    with closing(connect(database)) as connection:
        ask = query_of(connection)
        lost = {kind: lacking(texts, FINDERS[kind](ask, files, texts)) for kind, texts in wanted.items()}
    return {kind: keys for kind, keys in lost.items() if keys}, sum(map(len, wanted.values()))


def read(journal: Path) -> dict[str, dict[str, str]]:
    """Return kind → key → text."""
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for line in journal.read_text("utf-8").splitlines():
        entry = json.loads(line)
        wanted[entry["kind"]][entry["key"]] = entry["text"]
    return wanted


def lacking(texts: dict[str, str], found: Found) -> list[str]:
    if isinstance(found, dict):
        return [key for key, text in texts.items() if text not in found.get(key, "")]
    return [key for key in texts if key not in found]


def connect(database: str) -> Any:
    if database.startswith("postgres"):
        import psycopg

        return psycopg.connect(database)
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)


def query_of(connection: Any) -> Query:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        cursor.execute(sql)
        return list(cursor.fetchall())

    return ask


def notes(ask: Query, files: Path, texts: dict[str, str]) -> set[str]:
    return {text for (text,) in ask("SELECT text FROM creation_progress")}


def pictures(ask: Query, files: Path, texts: dict[str, str]) -> set[str]:
    """Return the digests of rows whose file has them."""
    rows = ask("SELECT sha256, blob FROM creation_evidenceversion WHERE blob <> ''")
    return {sha256 for sha256, blob in rows if sha256 in texts and has_digest(files / blob, sha256)}


def has_digest(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def exports(ask: Query, files: Path, texts: dict[str, str]) -> set[str]:
    known = "SELECT id, state, message FROM creation_job"
    return {str(key) for key, state, said in ask(known) if state in {"queued", "running", "done"} or DISK_FULL in said}


def drafts(ask: Query, files: Path, texts: dict[str, str]) -> dict[str, str]:
    """Return task and login → what the draft says."""
    people = "JOIN creation_user ON creation_user.id = creation_draft.person_id"
    rows = ask(f"SELECT task_id, username, content FROM creation_draft {people}")
    return {f"{task} {login}": as_text(content) for task, login, content in rows}


def as_text(content: Any) -> str:
    return " ".join(map(str, (content if isinstance(content, dict) else json.loads(content)).values()))


def answers(ask: Query, files: Path, texts: dict[str, str]) -> set[str]:
    return {text for (text,) in ask("SELECT statement FROM creation_submission")}


def reviews(ask: Query, files: Path, texts: dict[str, str]) -> set[str]:
    return {text for (text,) in ask("SELECT comment FROM creation_review WHERE verdict = 'approve'")}


FINDERS: dict[str, Callable[[Query, Path, dict[str, str]], Found]] = {
    "note": notes,
    "picture": pictures,
    "export": exports,
    "draft": drafts,
    "answer": answers,
    "review": reviews,
}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
