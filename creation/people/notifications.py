"""Creates notices: one row in the inbox for each message to a person."""

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Evidence, Notice, NoticeKind, Task, Urgency, User


def notify(
    person: User,
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
    """Notify a person once: with the same person, kind, subject and ``dedup_key``, no second row is created.

    ``evidence``: the piece that the text names, so that the text is withheld from readers who may not see the piece.
    """
    Notice.objects.get_or_create(
        person=person,
        kind=kind,
        subject=subject,
        slot=dedup_key,
        defaults={
            "text": shorten(text),
            "created_at": actor.at,
            "task": task,
            "evidence": evidence,
            "urgency": urgency,
        },
    )


def notify_about_task(
    people: list[User],
    kind: NoticeKind,
    text: str,
    task: Task,
    actor: Actor,
    urgency: str = Urgency.DAILY,
    dedup_key: str = "",
) -> None:
    """Notify people about a task. ``dedup_key`` defaults to the task's version."""
    for person in people:
        notify(
            person,
            kind,
            text,
            actor,
            subject=f"task/{task.pk}",
            dedup_key=dedup_key or f"v{task.version}",
            task=task,
            urgency=urgency,
        )
