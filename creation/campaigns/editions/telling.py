"""Whoever answers for tasks that a new edition touched hears of it once, in one notice."""

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.editions.carrying import Carried
from creation.models import EditionChange, NoticeKind, Task
from creation.people.hearers import listeners

NAMED = 6  # checkpoints a notice names


def tell(change: EditionChange, carried: Carried, actor: Actor) -> None:
    tasks = [*carried.touched, *carried.ended]
    for person, theirs in listeners(tasks, actor).values():
        text = _words(change, [t for t in theirs if t in carried.touched], [t for t in theirs if t in carried.ended])
        subject = f"edition/{change.pk}"
        trail.notify(person, NoticeKind.CHANGED, text, actor, subject=subject, slot="confirmed")


def _words(change: EditionChange, touched: list[Task], ended: list[Task]) -> str:
    told = []
    if touched:
        told.append(f"{len(touched)} 项任务的要点改了名称、编号或要求（原 {_codes(touched)}），答复和资料照旧，请核对")
    if ended:
        told.append(f"{len(ended)} 项任务已终止（原 {_codes(ended)}），资料仍在资料库")
    return f"{change.campaign}的指标体系换为“{change.edition}”：" + "；".join(told) + "。"


def _codes(tasks: list[Task]) -> str:
    codes = list(dict.fromkeys(task.code for task in tasks))
    return "、".join(codes[:NAMED]) + (" 等" if len(codes) > NAMED else "")
