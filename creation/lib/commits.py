"""How soon a commit has to be on the disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# By database: the setting as it is, and its value for a commit that does not wait.
SETTINGS = {"sqlite": ("PRAGMA synchronous", "NORMAL"), "postgresql": ("SHOW synchronous_commit", "off")}


@contextmanager
def unhurried() -> Iterator[None]:
    """Commits that return before the disk has them: a process that is killed loses none, a power cut may undo the last ones.

    For marks whose loss is noticed and made good. Inside a transaction it changes nothing: that one is as safe as it was begun.
    """
    if connection.in_atomic_block:
        yield
        return
    question, relaxed = SETTINGS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(question)
        usual = cursor.fetchone()[0]
    _set(question, relaxed)
    try:
        yield
    finally:
        _set(question, usual)


def _set(question: str, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{question.replace('SHOW', 'SET')} = {value}")
