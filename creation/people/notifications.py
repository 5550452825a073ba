"""Creates notices: one row in the inbox for each message to a person."""

from collections.abc import Iterable
from typing import Any

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Evidence, Notice, NoticeKind, Task, Urgency, User

UNIQUE_FIELDS = ["person", "kind", "subject", "slot"]


def notify(person: User, kind: NoticeKind, text: str, actor: Actor, **about: Any) -> None:
    """Notify a person. ``about`` as for ``notify_all``."""
    notify_all([person], kind, text, actor, **about)


def notify_all(
    people: Iterable[User],
    kind: NoticeKind,
    text: str,
    actor: Actor,
    *,
    subject: str,
    dedup_key: str,
    task: Task | None = None,
    evidence: Evidence | None = None,
    urgency: str = Urgency.DAILY,
) -> None:
    """Notify each person once: with the same person, kind, subject and ``dedup_key``, no second row is created.

    ``evidence``: the piece that the text names, so that the text is withheld from readers who may not see the piece.
    """
    rows = [
        Notice(
            person=person,
            kind=kind,
            subject=subject,
            slot=dedup_key,
            text=shorten(text),
            created_at=actor.at,
            task=task,
            evidence=evidence,
            urgency=urgency,
        )
        for person in dict.fromkeys(people)  # PostgreSQL writes a row once in a statement
    ]
    Notice.objects.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE_FIELDS, update_fields=["kind"])


def notify_about_task(
    people: Iterable[User],
    kind: NoticeKind,
    text: str,
    task: Task,
    actor: Actor,
    *,
    urgency: str = Urgency.DAILY,
    dedup_key: str = "",
) -> None:
    """Notify people about a task. ``dedup_key`` defaults to the task's version."""
    key = dedup_key or f"v{task.version}"
    notify_all(people, kind, text, actor, subject=f"task/{task.pk}", dedup_key=key, task=task, urgency=urgency)
