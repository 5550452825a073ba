"""The four personal acts (四个亲自) of a unit's head: recorded one by one with day and proof, in the task that asks for them.

They fill the answer: 工作措施 has a line for each act that it does not tell yet.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import citing
from creation.lib.refusals import Refusal
from creation.models import Citation, PersonalAct, Task, User
from creation.models.personal_act import in_words

MAX_WHAT, MAX_WHERE = 300, 100
NO_WHAT = "请写明主要负责人做了什么，如：主持召开党组会，部署创建任务。"
NO_PROOF = "请选证明材料，或写明证明存放在哪里。"
AHEAD = "日期不能晚于今天，请在做了以后再登记。"
SAME = "这一天的这件事已经登记过。"
NOT_HERE = "所选的材料不在这项任务的印证资料里，请先在“材料”里上传或引用。"
SUBMITTED = "答复已经报送，登记过的不能再删除。"


def asks_for_acts(task: Task) -> bool:
    return bool(task.action and task.action.personal_act)


def acts_of(task: Task) -> list[PersonalAct]:
    """Return what is recorded in the task, by day. Reads nothing for other tasks."""
    if not asks_for_acts(task):
        return []
    rows = PersonalAct.objects.filter(task=task).select_related("citation__number", "citation__evidence", "recorded_by")
    return list(rows.order_by("done_on", "pk"))


def proofs_of(task: Task, reader: User) -> Any:
    """Return the task's material that this person may read."""
    rows = Citation.objects.counting().filter(task=task).readable_by(reader)
    return rows.select_related("number", "evidence").order_by("number__serial", "pk")


def record_act(
    task: Task, done_on: date, what: str, actor: Actor, citation: Citation | None = None, where: str = ""
) -> PersonalAct:
    """Record an act, also after the answer was submitted: the head goes on. Raises Refusal."""
    words, place = " ".join(what.split())[:MAX_WHAT], where.strip()[:MAX_WHERE]
    if not asks_for_acts(task):
        raise Refusal("这项任务不登记主要负责人的亲自事项。")
    if not words:
        raise Refusal(NO_WHAT, field="what")
    if done_on > actor.today:
        raise Refusal(AHEAD, field="done_on")
    if citation is None and not place:
        raise Refusal(NO_PROOF, field="citation")
    if citation and citation.task_id != task.pk:
        raise Refusal(NOT_HERE, field="citation")
    task.campaign.require_open("不能再登记")
    try:
        with transaction.atomic():
            made = PersonalAct.objects.create(
                task=task,
                done_on=done_on,
                what=words,
                citation=citation,
                where=place,
                recorded_by=actor.human,
                recorded_at=actor.at,
            )
            audit_log.record(actor, "personal_act.record", task, detail=f"{made}；证明 {made.proof}")
    except IntegrityError:
        raise Refusal(SAME, field="what") from None
    return made


def remove_act(act: PersonalAct, actor: Actor) -> None:
    """Remove an act that was recorded by mistake, while the answer may still change. Raises Refusal."""
    with transaction.atomic():
        now = Task.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=act.task_id)
        if not citing.accepts_changes(now):
            raise Refusal(SUBMITTED)
        audit_log.record(actor, "personal_act.remove", now, detail=f"{act}；证明 {act.proof}")
        act.delete()


def with_acts(measures: str, acts: Iterable[PersonalAct]) -> str:
    """Return the text with a line for each act that it does not tell yet. An act is told by its line, or by its day: a person may have
    put it in other words."""
    text, lines = measures.rstrip(), []
    by_day: dict[date, list[str]] = {}
    for act in acts:
        by_day.setdefault(act.done_on, []).append(line_of(act))
    for day, said in by_day.items():
        untold = [line for line in said if line not in text]
        lines += untold[: max(0, len(said) - text.count(in_words(day)))]
    return "\n".join(filter(None, [text, *lines]))


def line_of(act: PersonalAct) -> str:
    return f"{act}（证明：{act.proof or '—'}）。"
