"""Notify the owners of tasks that a new edition affected: one notice for each person."""

from creation.audit.actor import Actor
from creation.campaigns.editions.task_migration import MigrationResult
from creation.models import EditionChange, NoticeKind, Task
from creation.people import notifications
from creation.people.recipients import tasks_by_recipient

MAX_NAMED = 6  # checkpoints named in one notice


def notify_owners(change: EditionChange, result: MigrationResult, actor: Actor) -> None:
    tasks = [*result.changed, *result.ended]
    for person, own_tasks in tasks_by_recipient(tasks, actor).values():
        text = _text(change, [t for t in own_tasks if t in result.changed], [t for t in own_tasks if t in result.ended])
        subject = f"edition/{change.pk}"
        notifications.notify(person, NoticeKind.CHANGED, text, actor, subject=subject, dedup_key="confirmed")


def _text(change: EditionChange, changed: list[Task], ended: list[Task]) -> str:
    parts = []
    if changed:
        parts.append(f"{len(changed)} 项任务的要点改了名称、编号或要求（原 {_codes(changed)}），答复和资料照旧，请核对")
    if ended:
        parts.append(f"{len(ended)} 项任务已终止（原 {_codes(ended)}），资料仍在资料库")
    return f"{change.campaign}的指标体系换为“{change.edition}”：" + "；".join(parts) + "。"


def _codes(tasks: list[Task]) -> str:
    codes = list(dict.fromkeys(task.code for task in tasks))
    return "、".join(codes[:MAX_NAMED]) + (" 等" if len(codes) > MAX_NAMED else "")
