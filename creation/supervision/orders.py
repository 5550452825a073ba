"""Supervision orders (督办单): what a unit has to answer is a task, so that evidence, review, extension and reminders come with it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, When

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    Action,
    AnswerMode,
    AssignmentRole,
    Audience,
    Campaign,
    Finding,
    Holiday,
    NoticeKind,
    NumberCounter,
    ReplyCycle,
    Submission,
    SupervisionOrder,
    Task,
    Unit,
)
from creation.people.notifications import notify_about_task
from creation.people.ownership import task_owners
from creation.people.recipients import liaisons
from creation.rules import periods
from creation.rules.deadlines import Workdays, due_day_text
from creation.supervision.findings import phase_of_supervision

POINT = "DB"  # the counter of orders; the tasks of the third are those of DB-003
NO_MATTER = "请用一句话写明督办事项，它会显示在单位的待办里。"
NO_LEAD = "请选择牵头单位。"
NO_DUE = "请填写办结时限。"
NO_NOTE = "请写明办结情况，各单位会在通知里看到。"


@dataclass(frozen=True, slots=True)
class OrderText:
    """What an order says. ``due_on``: of an order that is answered once; periods have their own due days."""

    title: str
    lead: Unit
    assists: Collection[Unit] = ()
    text: str = ""
    instruction: str = ""
    cycle: str = ReplyCycle.ONCE
    due_on: date | None = None
    finding: Finding | None = None
    task: Task | None = None


def issue_order(campaign: Campaign, said: OrderText, actor: Actor) -> SupervisionOrder:
    """Issue an order with the next number, and ask each unit for its first reply. Raises Refusal."""
    require_valid(campaign, said, actor.today)
    with transaction.atomic():
        now = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not now.is_open:
            raise Refusal(f"“{now}”{now.get_state_display()}，不能下发督办单。")
        serial = NumberCounter.objects.lock(now, POINT).take_next()
        order = SupervisionOrder(campaign=now, serial=serial, lead=said.lead, cycle=said.cycle)
        order.action = Action.objects.create(
            phase=phase_of_supervision(now),
            code=f"{POINT}-{serial:03d}",
            title=said.title.strip(),
            text=said.text,
            source=order.number,
            audience=Audience.CHOSEN,
            modes=list(AnswerMode.values),
            due_on=said.due_on if said.cycle == ReplyCycle.ONCE else None,
        )
        order.action.units.set({said.lead, *said.assists})
        order.instruction, order.finding, order.task = said.instruction.strip(), said.finding, said.task
        order.issued_by, order.issued_at = actor.human, actor.at
        order.save()
        audit_log.record(actor, "order.issue", order, detail="、".join(map(str, [said.lead, *said.assists])))
        ask_for_replies(order, _first_day(order, actor.today), actor)
    return order


def close_order(order: SupervisionOrder, note: str, actor: Actor, seen: int) -> int:
    """Close the order (办结); replies that are still owed end. Return their number. Raises Refusal and Stale."""
    require_text(note, NO_NOTE, "note")
    words = note.strip()[:500]
    with transaction.atomic():
        lock_open(order.campaign, "不能再办结督办单")
        now = (
            SupervisionOrder.objects.select_for_update(of=("self",))
            .select_related("campaign", "action")
            .get(pk=order.pk)
        )
        if now.closed_on:
            raise Refusal(f"{now.number}已于 {now.closed_on:%Y-%m-%d} 办结。")
        closed = {"closed_on": actor.today, "closed_by": actor.human, "close_note": words}
        if not SupervisionOrder.objects.change(now.pk, seen, **closed):
            raise Stale("这份督办单刚刚被他人更新，没有办结。请核对后再办。", now.close_note)
        owed = Task.objects.active().filter(action=now.action).unanswered()
        tasks = list(owed.for_table())
        for task in tasks:
            task_events.record_event(task, actor, "order.close", "督办办结", words)
            text = f"督办单已办结，不用再报：{task}。{words}"
            notify_about_task(liaisons(task, actor), NoticeKind.CHANGED, text, task, actor)
        owed.bump(dropped_on=actor.today, ended=f"督办单已办结：{words}"[:200])
        audit_log.record(actor, "order.close", now, detail=f"{words}；不再要求的答复 {len(tasks)} 份")
    return len(tasks)


def ask_for_period_replies(actor: Actor) -> int:
    """Ask for the replies of the period that has begun, of every open order that is answered in cycles. Return their number.

    Safe to repeat: a unit has one task a period.
    """
    repeated = SupervisionOrder.objects.open().exclude(cycle=ReplyCycle.ONCE)
    count = 0
    for key in repeated.filter(campaign__in=Campaign.objects.open()).values_list("pk", flat=True):
        with transaction.atomic():
            order = (
                SupervisionOrder.objects.select_for_update(of=("self",))
                .select_related("campaign", "action", "lead")
                .get(pk=key)
            )
            if not order.closed_on and actor.today >= _first_day(order, _cycle_since(order)):
                count += len(ask_for_replies(order, actor.today, actor))
    return count


def _cycle_since(order: SupervisionOrder) -> date:
    return order.cycle_since or Actor(None, order.issued_at).today


def first_reply(order: SupervisionOrder, today: date) -> tuple[date, str, date | None]:
    """Return a day of the period of the next reply, the period, and the day by which it is due. ``today`` may be past the period's day."""
    day = _first_day(order, today)
    return day, *_reply_of(order, day)


def _first_day(order: SupervisionOrder, issued_on: date) -> date:
    """Return a day of the first period: that of the issue, or the next when its due day has passed."""
    if not order.is_repeated or periods.due_in_period(order.cycle, issued_on, _calendar()) >= issued_on:
        return issued_on
    return periods.next_period_begins(order.cycle, issued_on)


def _calendar() -> Workdays:
    return Holiday.objects.calendar()


def _reply_of(order: SupervisionOrder, day: date) -> tuple[str, date | None]:
    """Return the period of the reply of that day, "" without a cycle, and the day by which it is due."""
    if not order.is_repeated:
        return "", order.action.due_on
    return periods.period_of(order.cycle, day), periods.due_in_period(order.cycle, day, _calendar())


def ask_for_replies(
    order: SupervisionOrder, day: date, actor: Actor, of_units: Collection[Unit] | None = None
) -> list[Unit]:
    """Give each unit, or each of ``of_units``, its task of the period of ``day``, unless it has it, and tell it. Return who got one."""
    (period, due_on), calendar = _reply_of(order, day), _calendar()
    given = Task.objects.filter(action=order.action, period=period)
    active = order.action.units.filter(active_to=None).order_by("order")
    if of_units is not None:
        active = active.filter(pk__in=[unit.pk for unit in of_units])
    units = _without(active, given.values_list("unit", flat=True))
    owners = task_owners(order.campaign, actor.today)
    Task.objects.bulk_create(
        Task(
            campaign=order.campaign,
            unit=unit,
            action=order.action,
            period=period,
            role=AssignmentRole.LEAD if unit == order.lead else AssignmentRole.ASSIST,
            phase_id=order.action.phase_id,
            due_on=due_on,
            owner=owners.get(unit.pk),
            given_on=actor.today,
        )
        for unit in units
    )
    for task in given.filter(unit__in=units).for_table():
        task_events.record_event(task, actor, "order.issue", "督办", order.number)
        tell_to_reply(task, calendar, actor)
    return units


def tell_to_reply(task: Task, calendar: Workdays, actor: Actor) -> None:
    due = f"请于 {due_day_text(task.due_on, calendar)}前报送办理情况。" if task.due_on else ""
    notify_about_task(liaisons(task, actor), NoticeKind.ASSIGNED, f"督办单：{task}。{due}", task, actor)


def last_reply() -> Subquery:
    """Return the text that a unit handed in last for the task, for ``annotate``."""
    text = Case(
        When(~Q(results=""), then=F("results")), When(~Q(statement=""), then=F("statement")), default=F("measures")
    )
    reports = Submission.objects.filter(task=OuterRef("pk")).order_by("-number")
    return Subquery(reports.annotate(text=text).values("text")[:1])


def _without(units: Iterable[Unit], keys: Iterable[int]) -> list[Unit]:
    known = set(keys)
    return [unit for unit in units if unit.pk not in known]


def require_valid(campaign: Campaign, said: OrderText, today: date, former_due: date | None = None) -> None:
    """Raise Refusal for what an order cannot say. ``former_due``: its due day until now, which may have passed."""
    require_text(said.title, NO_MATTER, "title")
    if said.cycle == ReplyCycle.ONCE and said.due_on is None:
        raise Refusal(NO_DUE, field="due_on")
    if said.due_on and said.due_on < today and said.due_on != former_due:
        raise Refusal(f"办结时限 {said.due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。", field="due_on")
    if said.lead in said.assists:
        raise Refusal(f"{said.lead}已是牵头单位，不用再选为配合单位。", field="assists")
    campaign.require_own_units((said.lead, *said.assists), "lead")
