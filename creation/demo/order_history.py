"""Supervision orders of the demonstration, with the replies of their leads."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from creation.audit.actor import Actor
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import OPENED, DemoTimeline
from creation.models import AnswerMode, Campaign, ReplyCycle, SupervisionOrder, Task, Unit
from creation.rules.policy import Role
from creation.supervision import order_changes, orders
from creation.supervision.orders import OrderText
from creation.tasks import workflow

ANSWERED, REVIEWED = 2, 3  # workdays after a reply is asked for


class OrderHistory:
    """Plans what ``words/orders.toml`` tells."""

    def __init__(self, campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
        self.campaign, self.people, self.timeline = campaign, people, timeline

    def plan(self) -> None:
        for number in range(OPENED, 0):
            self.timeline.plan(
                self.timeline.at(number, 8, 5), lambda at: orders.ask_for_period_replies(Actor(None, at))
            )
        for said in texts("orders")["orders"]:
            self.timeline.plan(self.timeline.at(said["day"], 9, 40), self._issue, said)

    def _issue(self, said: dict[str, Any], at: datetime) -> None:
        units = {unit.short_name: unit for unit in Unit.objects.filter(district=self.campaign.district)}
        text = OrderText(
            title=said["title"],
            text=said["text"],
            instruction=said.get("instruction", ""),
            lead=units[said["lead"]],
            assists=[units[name] for name in said["assists"]],
            cycle=said.get("cycle", ReplyCycle.ONCE),
            due_on=self.timeline.day(said["due"]) if "due" in said else None,
        )
        order = orders.issue_order(self.campaign, text, Actor(self.people[Role.INSPECTOR][0], at))
        if said["replies"]:
            self.timeline.plan(self._later(at, ANSWERED), self._reply, order, said["replies"][0])
            self.timeline.plan(self._later(at, REVIEWED), self._approve, order)
        if "changed" in said:
            day, words = said["changed"]
            self.timeline.plan(self.timeline.at(day, 11, 20), self._change, order, words)
        if "closed" in said:
            day, note = said["closed"]
            self.timeline.plan(self.timeline.at(day, 16, 10), self._close, order, note)

    def _later(self, at: datetime, workdays: int) -> datetime:
        return self.timeline.at(self.timeline.number(self.timeline.calendar.shift(at.date(), workdays)), 10, 30)

    def _first_reply(self, order: SupervisionOrder) -> Task:
        rows = Task.objects.active().filter(action=order.action, unit=order.lead).for_table()
        return rows.order_by("period")[0]

    def _reply(self, order: SupervisionOrder, statement: str, at: datetime) -> None:
        task = self._first_reply(order)
        said = {"mode": AnswerMode.STATEMENT, "statement": statement}
        workflow.perform(workflow.MOVES["submit"], task, Actor(task.owner, at), task.version, said)

    def _approve(self, order: SupervisionOrder, at: datetime) -> None:
        task = self._first_reply(order)
        workflow.perform(workflow.MOVES["approve"], task, Actor(self.people[Role.REVIEWER][0], at), task.version, {})

    def _change(self, order: SupervisionOrder, instruction: str, at: datetime) -> None:
        now = SupervisionOrder.objects.for_table().get(pk=order.pk)
        text = replace(order_changes.text_of(now), instruction=instruction)
        order_changes.edit_order(now, text, Actor(self.people[Role.INSPECTOR][0], at), now.version)

    def _close(self, order: SupervisionOrder, note: str, at: datetime) -> None:
        now = SupervisionOrder.objects.get(pk=order.pk)
        orders.close_order(now, note, Actor(self.people[Role.INSPECTOR][0], at), now.version)
