"""Notes of progress: reportable any time before and after the answer; the latest fills 进展情况 and 存在问题 of the ledger."""

from datetime import date

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import NoticeKind, Progress, Task
from creation.people.hearers import coordinators, tell

NO_TEXT = "请写一句进展情况。"


def wrong_day(day: date, today: date) -> str:
    """Progress is noted of what has happened."""
    return "进展记录的日期不能晚于今天。" if day > today else ""


def note(
    task: Task, actor: Actor, day: date, text: str, problem: str = "", help_wanted: str = "", next_step: str = ""
) -> Progress:
    """Add a dated note; a wish for help reaches the coordinators. The same note sent twice is one note. Raises Refusal."""
    if sentence := wrong_day(day, actor.today) or ("" if text.strip() else NO_TEXT):
        raise Refusal(sentence)
    if not task.campaign.is_open:
        raise Refusal(f"“{task.campaign}”{task.campaign.get_state_display()}，不能再填写进展。")
    words = {"day": day, "text": text, "problem": problem, "help_wanted": help_wanted, "next_step": next_step}
    with transaction.atomic():
        twin = Progress.objects.filter(task=task, by=actor.human, **words).first()
        if twin:
            return twin
        written = Progress.objects.create(task=task, by=actor.human, at=actor.at, **words)
        trail.audit(actor, "task.note", task, detail=text)
        if help_wanted:
            ask = f"{task.unit}请求协调：{task}。{help_wanted}"
            tell(coordinators(task, actor), NoticeKind.REQUEST, ask, task, actor, slot=f"note {written.pk}")
    return written
