"""Supervision in the demonstration: what was found, and how far each unit has rectified it. Nothing here is random."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from creation.audit.actor import Actor
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.evidence import items
from creation.models import AnswerMode, Campaign, EvidenceKind, Finding, FindingSource, Indicator, Task, Unit, User
from creation.rules.policy import Role
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import progress_notes, rectification_plans, workflow

PLANNED, REPORTED, JUDGED, RELAPSED = 1, 4, 5, 10  # days after the finding
AGAIN = 14  # days until the next due day, or the next look
NOT_REPORTED = ("open", "planned")
MOVES: Mapping[str, str] = {
    "closed": "close", "relapsed": "close", "returned": "return_rectification", "part": "accept_part", "long_term": "keep",
}  # fmt: skip


class SupervisionHistory:
    """Plans the findings of ``words/supervision.toml`` and what units and the inspection group do about them."""

    def __init__(self, campaign: Campaign, people: People, days: DemoTimeline) -> None:
        self.campaign, self.people, self.days, self.said = campaign, people, days, texts("supervision")
        self.turn = count()

    def plan(self) -> None:
        for each in self.said["findings"]:
            self.days.plan(self.days.at(each["day"], 9), self._record, each)
        self.days.plan(self.days.at(self.said["findings"][0]["day"] + 1, 8), self._correct)

    def _record(self, each: dict[str, Any], at: datetime) -> None:
        district, campaign = self.campaign.district, self.campaign
        text = FindingText(
            title=each["title"],
            source=FindingSource.objects.get(district=district, name=each["source"]),
            text=each["text"],
            source_paper=each["paper"],
            found_on=at.date(),
            indicator=Indicator.objects.filter(system=campaign.system_id, code=each["point"]).first(),
            demand=each["demand"],
            severity=each["severity"],
            is_common=each["common"],
        )
        units = Unit.objects.filter(district=district, short_name__in=each["units"]).order_by("order")
        made = findings.record_finding(
            campaign, text, dict.fromkeys(units, self.days.day(each["due"])), self._inspector(at)
        )
        for task in made.rectifications.for_table().order_by("unit__order"):
            self._plan_rectification(task, made, each["units"][task.unit.short_name], each["day"])

    def _correct(self, at: datetime) -> None:
        first = Finding.objects.filter(campaign=self.campaign).select_related("campaign", "source", "indicator")[0]
        text = replace(findings.text_of(first), title=self.said["corrected"])
        findings.edit_finding(first, text, self._inspector(at), first.version)

    def _plan_rectification(self, task: Task, finding: Finding, state: str, day: int) -> None:
        steps: list[tuple[int, Callable[..., object], tuple[Any, ...]]] = []
        if state != "open":
            steps.append((PLANNED, self._write_plan, (task.pk,)))
        if state not in NOT_REPORTED:
            steps.append((REPORTED, self._report, (task.pk,)))
        if move := MOVES.get(state):
            steps.append((JUDGED, self._judge, (task.pk, move)))
        if state == "relapsed":
            steps.append((RELAPSED, self._judge, (task.pk, "relapse")))
        for after, act, arguments in steps:
            self.days.plan(self.days.at(min(day + after, -1), 9 + after % 8, next(self.turn) % 60), act, *arguments)

    def _write_plan(self, key: int, at: datetime) -> None:
        task = _task(key)
        measures = self._next("plan").format(title=task.title)
        leader, person = task.unit.leader or "", task.owner.name if task.owner else ""
        rectification_plans.set_plan(task, measures, leader, person, 0, self._unit(task, at))
        progress_notes.add_note(_task(key), self._unit(task, at), at.date(), self.said["progress"])

    def _report(self, key: int, at: datetime) -> None:
        task, actor = _task(key), self._unit(_task(key), at)
        facts = {"title": self.said["proof"], "dated_on": at.date(), "issuer": task.unit.name, "declared": True}
        items.add(task, EvidenceKind.BRIEF, {"text": f"{task}：{self._next('report')}"}, facts, actor)
        answer = {"mode": AnswerMode.UPLOAD, "results": self._next("report")}
        task = _task(key)
        workflow.perform(workflow.MOVES["submit"], task, actor, task.version, answer, task.owner is None)

    def _judge(self, key: int, move: str, at: datetime) -> None:
        task, again = _task(key), at.date() + timedelta(days=AGAIN)
        said: dict[str, dict[str, Any]] = {
            "close": {"how": "现场", "comment": self._next("closing")},
            "return_rectification": {"reason": "missing", "comment": self.said["returned"], "new_due_on": again},
            "accept_part": {"comment": self.said["part"], "new_due_on": again},
            "keep": {"comment": self.said["kept"], "new_due_on": again + timedelta(days=300)},
            "relapse": {"comment": self.said["relapsed"], "new_due_on": again},
        }
        workflow.perform(workflow.MOVES[move], task, self._inspector(at), task.version, said[move])

    def _next(self, name: str) -> str:
        sentences: list[str] = self.said[name]
        return sentences[next(self.turn) % len(sentences)]

    def _inspector(self, at: datetime) -> Actor:
        return Actor(self.people[Role.INSPECTOR][0], at)

    def _unit(self, task: Task, at: datetime) -> Actor:
        """Return the unit's liaison, or the office where there is none."""
        person: User = task.owner or self.people[Role.COORDINATOR][0]
        return Actor(person, at)


def _task(key: int) -> Task:
    return Task.objects.for_table().get(pk=key)
