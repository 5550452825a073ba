"""Changing a supervision order while it is open: what it says, who answers it, how often and until when.

A reply whose day has passed is not taken back by a change: it stays missed (未回复), and the unit can still hand it in.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns.due_dates import change_due_date
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    ActionChange,
    AssignmentRole,
    DueDateOrigin,
    Holiday,
    NoticeKind,
    OrderChange,
    ReplyCycle,
    SupervisionOrder,
    Task,
    Unit,
)
from creation.people.notifications import notify_about_task
from creation.people.recipients import liaisons
from creation.supervision import orders
from creation.supervision.orders import OrderText

ENDED = "督办单有修改"  # how the end of a reply begins that a change has ended; only such a reply is asked for again
LABELS = {
    "title": "督办事项",
    "text": "办理要求",
    "instruction": "领导批示",
    "cycle": "报送周期",
    "due_on": "办结时限",
    "lead": "牵头单位",
    "assists": "配合单位",
}


def edit_order(order: SupervisionOrder, said: OrderText, actor: Actor, seen: int) -> SupervisionOrder:
    """Change an open order. Keeps what it said, moves, ends and asks for replies as it now says, and tells the units.

    Raises Refusal and Stale.
    """
    with transaction.atomic():
        lock_open(order.campaign, "不能修改督办单")
        now = SupervisionOrder.objects.select_for_update(of=("self",)).for_table().get(pk=order.pk)
        if now.closed_on:
            raise Refusal(f"{now.number}已于 {now.closed_on:%Y-%m-%d} 办结，不能修改。")
        before = text_of(now)
        orders.require_valid(now.campaign, said, actor.today, before.due_on)
        old, new = as_data(before), as_data(said)
        changed = [LABELS[name] for name in LABELS if old[name] != new[name]]
        values: dict[str, Any] = {"lead": said.lead, "cycle": said.cycle, "instruction": _plain(said.instruction)}
        if said.cycle != now.cycle:
            values["cycle_since"] = actor.today
        if not SupervisionOrder.objects.change(now.pk, seen, **values):
            raise Stale("这份督办单刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。", as_text(before))
        if changed:
            OrderChange.objects.create(
                order=now, old=_labelled(old), new=_labelled(new), changed_by=actor.human, changed_at=actor.at
            )
            audit_log.record(actor, "order.edit", now, detail="、".join(changed))
            _Replies(SupervisionOrder.objects.for_table().get(pk=now.pk), before, said, changed, actor).follow()
    return SupervisionOrder.objects.for_table().get(pk=now.pk)


def text_of(order: SupervisionOrder) -> OrderText:
    """Return what the order says now."""
    return OrderText(
        title=order.action.title,
        lead=order.lead,
        assists=[unit for unit in order.action.units.order_by("order", "pk") if unit.pk != order.lead_id],
        text=order.action.text,
        instruction=order.instruction,
        cycle=order.cycle,
        due_on=order.action.due_on,
    )


def as_data(said: OrderText) -> dict[str, str]:
    """Return the text as JSON, as a person reads it."""
    once = said.cycle == ReplyCycle.ONCE
    assists = sorted(said.assists, key=lambda unit: (unit.order, unit.pk))
    return {
        "title": said.title.strip(),
        "text": _plain(said.text),
        "instruction": _plain(said.instruction),
        "cycle": ReplyCycle(said.cycle).label,
        "due_on": str(said.due_on) if once and said.due_on else "",
        "lead": str(said.lead),
        "assists": "、".join(map(str, assists)),
    }


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _labelled(data: dict[str, str]) -> dict[str, str]:
    return {LABELS[name]: value for name, value in data.items()}


def as_text(said: OrderText) -> str:
    """Return the text as lines of label and value, for the page that compares two versions."""
    return "\n".join(f"{LABELS[name]}：{value}" for name, value in as_data(said).items() if value)


@dataclass(frozen=True, slots=True)
class _Replies:
    """How the replies follow a change. ``order`` is the changed order, ``before`` and ``said`` what it said and says."""

    order: SupervisionOrder
    before: OrderText
    said: OrderText
    changed: list[str]
    actor: Actor

    def follow(self) -> None:
        self._keep_wording()
        units = {self.said.lead, *self.said.assists}
        added = units - {self.before.lead, *self.before.assists}
        self.order.action.units.set(units)
        open_ones = Task.objects.active().filter(action=self.order.action).unanswered()
        self._end(open_ones.exclude(unit__in=units), "本单位不再承办")
        if self.said.cycle != self.before.cycle:
            to_come = Q(due_on=None) | Q(due_on__gte=self.actor.today)
            self._end(open_ones.filter(to_come), f"报送周期改为{ReplyCycle(self.said.cycle).label}")
            added = units
        elif self.due_on != self.before.due_on:
            self._move(open_ones)
        open_ones.filter(unit=self.said.lead).exclude(role=AssignmentRole.LEAD).bump(role=AssignmentRole.LEAD)
        open_ones.exclude(unit=self.said.lead).exclude(role=AssignmentRole.ASSIST).bump(role=AssignmentRole.ASSIST)
        asked = self._ask(added)
        self._tell(units, asked)

    @property
    def due_on(self) -> date | None:
        return self.said.due_on if self.said.cycle == ReplyCycle.ONCE else None

    def _keep_wording(self) -> None:
        action, before = self.order.action, self.before
        action.title, action.text, action.due_on = self.said.title.strip(), _plain(self.said.text), self.due_on
        if (action.title, action.text, action.due_on) != (before.title, before.text, before.due_on):
            action.save(update_fields=["title", "text", "due_on"])
            ActionChange.objects.create(
                action=action,
                old_title=before.title,
                old_text=before.text,
                old_due_on=before.due_on,
                new_title=action.title,
                new_text=action.text,
                new_due_on=action.due_on,
                changed_by=self.actor.person,
                changed_at=self.actor.at,
            )

    def _end(self, rows: Any, why: str) -> None:
        tasks = list(rows.for_table())
        for task in tasks:
            self._record(task, f"不用再报：{why}")
            text = f"督办单有修改，不用再报：{task}。{why}。"
            notify_about_task(liaisons(task, self.actor), NoticeKind.CHANGED, text, task, self.actor)
        ended = Task.objects.filter(pk__in=[task.pk for task in tasks])
        ended.bump(dropped_on=self.actor.today, ended=f"{ENDED}：{why}"[:200])

    def _move(self, open_ones: Any) -> None:
        """Give the replies that had the former due day the new one; one with another day has been extended and keeps it."""
        note = f"督办单办结时限改为 {self.due_on}"
        rows = open_ones.filter(due_on=self.before.due_on)
        moved = change_due_date(rows, self.due_on, DueDateOrigin.ACTION, note, self.actor)
        for task in Task.objects.filter(pk__in=moved).order_by("pk"):
            self._record(task, note)

    def _ask(self, units: set[Unit]) -> set[int]:
        """Ask these units for the reply that the order wants now; return those that were asked."""
        if not units:
            return set()
        day, period, due_on = orders.first_reply(self.order, self.actor.today)
        ended = Task.objects.filter(action=self.order.action, period=period, unit__in=units, ended__startswith=ENDED)
        revived = list(ended.unanswered().order_by("pk").values_list("pk", flat=True))
        Task.objects.filter(pk__in=revived).bump(dropped_on=None, ended="")
        change_due_date(
            Task.objects.filter(pk__in=revived), due_on, DueDateOrigin.ACTION, ENDED, self.actor, new_version=False
        )
        calendar = Holiday.objects.calendar()
        for task in Task.objects.filter(pk__in=revived).for_table():
            self._record(task, "重新要求报送")
            orders.tell_to_reply(task, calendar, self.actor)
        asked = set(Task.objects.filter(pk__in=revived).values_list("unit", flat=True))
        return asked | {unit.pk for unit in orders.ask_for_replies(self.order, day, self.actor, units)}

    def _tell(self, units: set[Unit], asked: set[int]) -> None:
        """Tell the units that were not asked anew, by their last reply."""
        rows = Task.objects.active().filter(action=self.order.action, unit__in=units).exclude(unit__in=asked)
        last = {task.unit_id: task for task in rows.for_table().order_by("period", "pk")}
        for task in last.values():
            self._record(task, f"修改了{'、'.join(self.changed)}")
            text = f"督办单有修改（{'、'.join(self.changed)}）：{task}。请到督办单查看最新要求。"
            key = f"order/{self.order.version}"
            notify_about_task(liaisons(task, self.actor), NoticeKind.CHANGED, text, task, self.actor, dedup_key=key)

    def _record(self, task: Task, note: str) -> None:
        task_events.record_event(task, self.actor, "order.edit", "督办修改", note)
