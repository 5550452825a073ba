"""What inspectors note on a visit. Each note has a key that the browser made: a repeated send changes nothing and is not kept twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Task, Verdict, Visit, VisitCheck
from creation.supervision.rounds import require_open

MAX_ABOUT = 100
MAX_REMARK = 2000
CANCELLED = "这次走访已经取消，没有记下。内容还在本机，请改记到另一次走访。"
SIGNED = "反馈意见已经签收，原来记下的不能再改。内容还在本机；如有补充，请记在“其他情况”里。"
OTHERS = "这一条是 {person} 记下的，只有本人能改。"
NO_TASK = "这一项不在本次走访的单位名下，没有记下。请刷新页面后重试。"


@dataclass(frozen=True, slots=True)
class Noted:
    """What was noted: about a task of the unit, or about something else."""

    task: Task | None
    about: str
    verdict: str
    remark: str


def note_check(visit: Visit, key: UUID, noted: Noted, actor: Actor) -> VisitCheck:
    """Keep what was noted, or correct it, if its author sends other words under the same key. Raises Refusal."""
    if noted.verdict not in ("", *Verdict.values):
        raise Refusal("请选择看到、未看到或不符。")
    if noted.task and noted.task.unit_id != visit.unit_id:
        raise Refusal(NO_TASK, 404)
    about = "" if noted.task else noted.about.strip()[:MAX_ABOUT]
    if not noted.task and not about:
        raise Refusal("请写明查看的是什么。")
    values: dict[str, object] = {
        "verdict": noted.verdict,
        "remark": noted.remark.strip()[:MAX_REMARK],
        "task": noted.task,
        "about": about,
    }
    try:
        with transaction.atomic():
            return _keep(visit, key, values, actor)
    except IntegrityError:  # the same words from a second request that was faster
        return VisitCheck.objects.get(visit=visit, key=key)


def _keep(visit: Visit, key: UUID, values: Mapping[str, object], actor: Actor) -> VisitCheck:
    require_open(visit.round.campaign)
    now = Visit.objects.select_for_update().get(pk=visit.pk)
    if now.cancelled_on:
        raise Refusal(CANCELLED)
    existing = VisitCheck.objects.filter(visit=now, key=key).select_related("created_by").first()
    if existing is None:
        made = VisitCheck.objects.create(visit=now, key=key, created_by=actor.human, created_at=actor.at, **values)
        audit_log.record(actor, "visit.record", visit, detail=str(made))
        return made
    if all(getattr(existing, name) == value for name, value in values.items()):
        return existing
    if existing.created_by_id != actor.human.pk:
        raise Refusal(OTHERS.format(person=existing.created_by))
    if now.signed_at:
        raise Refusal(SIGNED)
    before = str(existing)
    for name, value in values.items():
        setattr(existing, name, value)
    existing.save(update_fields=list(values))
    audit_log.record(actor, "visit.correct", visit, detail=f"{before} → {existing}")
    return existing
