"""Notes of progress: added any time before and after the answer; the latest fills 进展情况 and 存在问题 of the ledger."""

from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import NoticeKind, Progress, Task
from creation.people.notifications import notify_about_task
from creation.people.recipients import coordinators

NO_TEXT = "请写一句进展情况。"


def wrong_day(day: date, today: date) -> str:
    """Return why the day is refused, or "": a note is about what has happened."""
    return "进展记录的日期不能晚于今天。" if day > today else ""


def add_note(
    task: Task, actor: Actor, day: date, text: str, *, problem: str = "", help_wanted: str = "", next_step: str = ""
) -> Progress:
    """Add a dated note. A request for help is sent to the coordinators. Adding the same note twice adds one. Raises Refusal."""
    if sentence := wrong_day(day, actor.today) or ("" if text.strip() else NO_TEXT):
        raise Refusal(sentence)
    task.campaign.require_open("不能再填写进展")
    fields = {"day": day, "text": text, "problem": problem, "help_wanted": help_wanted, "next_step": next_step}
    with transaction.atomic():
        duplicate = Progress.objects.filter(task=task, created_by=actor.human, **fields).first()
        if duplicate:
            return duplicate
        created = Progress.objects.create(task=task, created_by=actor.human, created_at=actor.at, **fields)
        audit_log.record(actor, "task.note", task, detail=text)
        if help_wanted:
            wish = f"{task.unit}请求协调：{task}。{help_wanted}"
            notify_about_task(
                coordinators(task, actor), NoticeKind.REQUEST, wish, task, actor, dedup_key=f"note {created.pk}"
            )
    return created
