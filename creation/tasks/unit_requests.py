"""A unit asks for more time (延期) or objects to an assignment (异议). The office decides; a decision is final."""

from datetime import date

from django.db import IntegrityError, transaction

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns import task_generation
from creation.campaigns.due_dates import change_due_date
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    Action,
    Assignment,
    AssignmentRole,
    Audience,
    Campaign,
    DueDateOrigin,
    Holiday,
    NoticeKind,
    OrderChange,
    RequestKind,
    SupervisionOrder,
    Task,
    TaskRequest,
    TaskStatus,
    Unit,
    Urgency,
)
from creation.models.district import UnitQuerySet
from creation.people import credentials, ownership
from creation.people.notifications import notify_about_task
from creation.people.recipients import coordinators, liaisons
from creation.rules.deadlines import due_day_text, former_due_note

NO_REASON = "请写明理由，供创建办判断。"
NO_WISH = "请填写希望延至的日期。"
NO_ANSWER = "请写明不同意的理由，申请人会看到。"


def submit_request(
    task: Task, actor: Actor, kind: RequestKind, reason: str, wanted_on: date | None = None
) -> TaskRequest:
    """Submit a request.

    Raises Refusal without a reason, without a later day, and while an earlier request of the same kind is undecided.
    """
    _require_open(task)
    require_text(reason, NO_REASON)
    if kind == RequestKind.EXTENSION and (sentence := wrong_wish(task, wanted_on, actor.today)):
        raise Refusal(sentence)
    with transaction.atomic():
        try:
            with transaction.atomic():
                request = TaskRequest.objects.create(
                    task=task,
                    kind=kind,
                    reason=reason,
                    wanted_on=wanted_on,
                    created_by=actor.human,
                    created_at=actor.at,
                )
        except IntegrityError:
            raise Refusal(f"已有一份{kind.label}等待创建办答复，不必重复提交。") from None
        day = f"，申请延至 {wanted_on:%Y-%m-%d}" if wanted_on else ""
        _record_event(task, actor, kind, f"{kind.label}{day}", reason)
        text = f"{task.unit}{kind.label}{day}：{task}。{reason}"
        notify_about_task(
            coordinators(task, actor),
            NoticeKind.REQUEST,
            text,
            task,
            actor,
            urgency=Urgency.AT_ONCE,
            dedup_key=f"request {request.pk}",
        )
    return request


def grant_extension(request: TaskRequest, actor: Actor, new_due_on: date, answer: str = "") -> None:
    """Grant more time: change the due day, and with it the reminders. Raises Refusal."""
    task = request.task
    if sentence := wrong_extension(task, new_due_on, actor.today):
        raise Refusal(sentence)
    with transaction.atomic():
        _decide(request, actor, True, answer)
        waiting = Task.objects.active().filter(pk=task.pk).exclude(status=TaskStatus.APPROVED)
        reason = answer or f"同意延期申请：{request.reason}"
        if not change_due_date(waiting, new_due_on, DueDateOrigin.EXTENSION, reason, actor):
            raise Refusal("任务已经通过或撤销，不需要再延期；请选“不同意”并说明。")
        until = due_day_text(new_due_on, Holiday.objects.calendar())
        _record_decision(
            request,
            actor,
            f"同意延至 {new_due_on:%Y-%m-%d}",
            answer + former_due_note(task.due_on),
            f"同意延至 {until}",
        )


def refuse_request(request: TaskRequest, actor: Actor, answer: str) -> None:
    """Refuse the request: no more time, or the assignment is kept (维持分工). Raises Refusal."""
    require_text(answer, NO_ANSWER)
    with transaction.atomic():
        _decide(request, actor, False, answer)
        label = "不同意延期" if request.kind == RequestKind.EXTENSION else "维持原分工"
        _record_decision(request, actor, label, answer)


def reassign_task(request: TaskRequest, actor: Actor, unit: Unit, answer: str = "") -> Task:
    """Uphold the objection: assign the task to another unit and return the new task.

    Raises Refusal, also for a task that has been answered.
    """
    old = request.task
    if not takers(old, actor.today).filter(pk=unit.pk).exists():
        raise Refusal(f"{unit}不是本区其他在用单位，请改选。")
    with transaction.atomic():
        _decide(request, actor, True, answer)
        _drop_task(old, actor)
        _change_assignment(old, unit, actor)
        new = _create_task(old, unit, actor)
        _record_decision(request, actor, f"改由{unit}承担", answer)
        note = f"由{old.unit}改派。{answer}"
        _record_event(new, actor, RequestKind.OBJECTION, "改派", note)
        text = f"新任务（由{old.unit}改派）：{new}"
        notify_about_task(
            liaisons(new, actor),
            NoticeKind.ASSIGNED,
            text,
            new,
            actor,
            urgency=Urgency.AT_ONCE,
            dedup_key=f"request {request.pk}",
        )
    return new


def may_be_reassigned(task: Task) -> bool:
    """Return whether the task may be reassigned: not if it is every unit's or the office's own, or has been answered."""
    return is_movable(task) and not task.submissions.exists()


def is_movable(task: Task) -> bool:
    """Return whether the task is one that may be another unit's: not every unit's, nor the office's own."""
    return task.action is None or task.action.audience == Audience.CHOSEN


def takers(task: Task, today: date) -> UnitQuerySet:
    """Return the units that may take over the task: the other active units of the district."""
    return Unit.objects.active(today).filter(district=task.campaign.district_id).exclude(pk=task.unit_id)


def wrong_wish(task: Task, wanted_on: date | None, today: date) -> str:
    """Return why no extension can be requested until this day, or ""."""
    if wanted_on is None:
        return NO_WISH
    return "希望延至的日期须晚于今天和现在的时限。" if wanted_on <= max(today, task.due_on or today) else ""


def wrong_extension(task: Task, day: date | None, today: date) -> str:
    """Return why an extension cannot be granted until this day, or ""."""
    if day is None:
        return "同意延期时请填写新的完成时限。"
    if day < today:
        return "完成时限不能早于今天。"
    if task.due_on and day <= task.due_on:
        return f"现在的时限已是 {task.due_on:%Y-%m-%d}，延期须晚于这一天。"
    return ""


def _require_open(task: Task) -> None:
    task.campaign.require_open("不能再提申请")
    if task.status == TaskStatus.APPROVED:
        raise Refusal("任务已通过，不需要再提申请。")


def _decide(request: TaskRequest, actor: Actor, granted: bool, answer: str) -> None:
    Campaign.objects.get(pk=request.task.campaign_id).require_not_closed()
    if request.created_by_id == actor.human.pk:
        raise Refusal("不能答复本人提出的申请，请由其他综合协调组人员答复。")
    if credentials.issued_link_of(request.created_by, actor.human):
        raise Refusal("申请人的密码是用您签发的一次性链接设置的，不能由您答复，请由其他综合协调组人员答复。")
    open_ones = TaskRequest.objects.filter(pk=request.pk, granted=None)
    if not open_ones.update(granted=granted, answer=answer, decided_by=actor.human, decided_at=actor.at):
        now = TaskRequest.objects.select_related("decided_by").get(pk=request.pk)
        raise Refusal(f"{now.decided_by} 已经答复过这份申请（{'同意' if now.granted else '不同意'}），请刷新查看。")


def _record_decision(request: TaskRequest, actor: Actor, result: str, answer: str, said: str = "") -> None:
    """Record the decision and notify. ``result`` labels the event; ``said`` is a longer text for the notice."""
    task, kind = request.task, RequestKind(request.kind)
    _record_event(task, actor, kind, result, answer)
    text = f"{kind.label}已答复：{task}，{said or result}。{answer}"
    notify_about_task(
        liaisons(task, actor),
        NoticeKind.CHANGED,
        text,
        task,
        actor,
        urgency=Urgency.AT_ONCE,
        dedup_key=f"request {request.pk}",
    )


def _record_event(task: Task, actor: Actor, kind: RequestKind, label: str, note: str) -> None:
    task_events.record_event(task, actor, kind.value, label, note)
    audit_log.record(actor, f"task.{kind.value}", task, detail=f"{label}。{note}")


def _drop_task(task: Task, actor: Actor) -> None:
    untouched = Task.objects.active().filter(pk=task.pk).never_submitted()
    if not may_be_reassigned(task) or not untouched.bump(dropped_on=actor.today):
        raise Refusal("该任务面向所有单位，或已有答复，不能改派；请维持原分工。")


def _change_assignment(task: Task, unit: Unit, actor: Actor) -> None:
    """Give the assignment to the unit, replacing any other role it has in the checkpoint, so that the lead is never missing.

    Raises Refusal when an assist, or the rectification of a finding, would go to a unit that has one already.
    """
    if task.action:
        task.action.units.remove(task.unit)
        task.action.units.add(unit)
        Action.objects.filter(pk=task.action.pk, lead=task.unit).update(lead=unit)
        _change_lead_of_order(task, unit, actor)
        return
    if task.finding_id:
        if Task.objects.active().filter(finding=task.finding_id, unit=unit).exists():
            raise Refusal(f"{unit}已有这个问题的整改任务，请改选其他单位。")
        return
    rows = Assignment.objects.filter(campaign=task.campaign, indicator=task.indicator)
    if task.role == AssignmentRole.ASSIST and rows.filter(unit=unit).exists():
        raise Refusal(f"{unit}已承担此指标的任务，请改选其他单位。")
    rows.filter(unit=unit).delete()
    rows.filter(unit=task.unit).update(unit=unit, example=False)


def _change_lead_of_order(task: Task, unit: Unit, actor: Actor) -> None:
    """Let the unit lead the supervision order that the other one led, with a record of the change."""
    for order in SupervisionOrder.objects.select_for_update().filter(action=task.action, lead=task.unit):
        SupervisionOrder.objects.filter(pk=order.pk).bump(lead=unit)
        old, new = {"牵头单位": str(task.unit)}, {"牵头单位": str(unit)}
        OrderChange.objects.create(order=order, old=old, new=new, changed_by=actor.human, changed_at=actor.at)


def _create_task(old: Task, unit: Unit, actor: Actor) -> Task:
    calendar = Holiday.objects.calendar()
    due_on = old.due_on  # of a rectification, and of a reply of a period
    if not old.finding_id and not old.period:
        due_on = task_generation.default_due(old.phase, old.role, old.action, calendar)
    owner = ownership.task_owners(old.campaign, actor.today).get(unit.pk)
    new, created = Task.objects.get_or_create(
        campaign=old.campaign,
        unit=unit,
        indicator=old.indicator,
        action=old.action,
        finding=old.finding,
        period=old.period,
        defaults={"role": old.role, "phase": old.phase, "owner": owner, "due_on": due_on, "given_on": actor.today},
    )
    if not created:
        Task.objects.filter(pk=new.pk).bump(role=old.role, dropped_on=None)
        new.refresh_from_db()
    return new
