"""Findings of the demonstration and how the units rectify them, by the verbs that people use."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Any

from creation.audit.actor import Actor
from creation.demo.accounts import People, abbreviation
from creation.demo.evidence_items import add_file
from creation.demo.papers import SamplePage
from creation.demo.sentences import Sentences, texts
from creation.demo.timeline import SEED, DemoTimeline
from creation.models import AnswerMode, Campaign, Finding, FindingSource, Severity, Task, Unit, User
from creation.rules.policy import Role
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import progress_notes, rectification_plans, workflow

PACE = 4  # workdays from one step to the next
LAST = -1  # the day by which everything has happened
AGAIN, YEAR = 7, 240  # workdays that a unit gets after a return; until what lasts is looked at again


class Course(Enum):
    """The steps of a unit's rectification, and with them the state that it is in today. Each step is a RectificationHistory step."""

    OPEN = ""
    PLANNED = "plan_measures note"
    REPORTED = "plan_measures report"
    RETURNED = "plan_measures report send_back"
    PARTIAL = "plan_measures report accept_part"
    KEPT = "plan_measures report keep"
    CLOSED = "plan_measures report close"
    CLOSED_AT_SECOND = "plan_measures report send_back report close"
    RELAPSED = "plan_measures report close relapse"

    @property
    def steps(self) -> list[str]:
        return self.value.split()


class RectificationHistory:
    """Plans what ``words/findings.toml`` tells. Draws from its own numbers, so that the storylines of tasks stay what they are."""

    def __init__(self, campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
        self.campaign, self.people, self.timeline = campaign, people, timeline
        self.sentences = Sentences(Random(SEED))  # noqa: S311 - no secret
        self.reports = 0

    def plan(self) -> None:
        for said in texts("findings")["findings"]:
            self.timeline.plan(self._moment(said["day"], 0), self._record, said)

    def _record(self, said: dict[str, Any], at: datetime) -> None:
        """Record the finding, and plan what the units do about it and how its wording changes."""
        day = said["day"]
        units = {unit: name for name, listed in said["units"].items() for unit in self._units(listed)}
        due = self.timeline.calendar.on_or_before(self.timeline.day(said["due"])) if "due" in said else None
        actor = Actor(self.people[Role.COORDINATOR][0], at)  # whoever records a finding does not verify it
        made = findings.record_finding(self.campaign, self._text(said, at), dict.fromkeys(units, due), actor)
        for task in made.rectifications.select_related("unit"):
            for number, step in enumerate(Course[units[task.unit].upper()].steps, 1):
                self.timeline.plan(self._moment(day, number), self._take, step, task.pk, said)
        if "edited" in said:
            self.timeline.plan(self._moment(day, 1), self._edit, made, said)
        if "withdrawn" in said:
            self.timeline.plan(self._moment(day, 1), self._withdraw, made, said)

    def _text(self, said: dict[str, Any], at: datetime) -> FindingText:
        point = self.campaign.system.indicators.filter(code=said.get("point", "")).first()
        return FindingText(
            source=FindingSource.objects.get(district=self.campaign.district, name=said["source"]),
            source_paper=said.get("paper", ""),
            found_on=at.date() - timedelta(days=1),
            indicator=point,
            severity=said.get("severity", Severity.GENERAL),
            is_common=said.get("common", False),
            **{name: said.get(name, "") for name in ("title", "text", "basis", "demand")},
        )

    def _units(self, names: list[str]) -> Iterator[Unit]:
        yield from Unit.objects.filter(district=self.campaign.district, short_name__in=names).order_by("order")

    def _moment(self, day: int, number: int) -> datetime:
        """Return the time of the ``number``-th step after that day. Steps that would be in the future are taken at the end, in order."""
        shifted = self.timeline.calendar.shift(self.timeline.day(day), PACE * number)
        there = self.timeline.number(self.timeline.calendar.on_or_before(shifted))
        return self.timeline.at(min(there, LAST), 9 + number, 20)

    def _edit(self, made: Finding, said: dict[str, Any], at: datetime) -> None:
        now = Finding.objects.get(pk=made.pk)
        text = replace(self._text(said, at), text=said["edited"], found_on=now.found_on)
        findings.edit_finding(now, text, Actor(self.people[Role.COORDINATOR][0], at), now.version)

    def _withdraw(self, made: Finding, said: dict[str, Any], at: datetime) -> None:
        findings.withdraw_finding(made, said["withdrawn"], Actor(self.people[Role.INSPECTOR][0], at))

    def _take(self, step: str, key: int, said: dict[str, Any], at: datetime) -> None:
        getattr(self, step)(Task.objects.for_table().get(pk=key), said, at)

    def plan_measures(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        person = self._owner(task)
        measures, leader = self.sentences.fill(said["measures"], task), task.unit.leader
        rectification_plans.set_plan(task, measures, leader, person.name, 0, Actor(person, at))

    def note(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        said_of_it = self.sentences.note("mending_notes", task)
        progress_notes.add_note(task, Actor(self._owner(task), at), at.date(), **said_of_it)

    def report(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        again = task.submissions.exists()
        measures, results = (self.sentences.fill(said[name], task) for name in ("measures", "results"))
        self._add_report(task, (measures, results), again, at - timedelta(minutes=5))
        answer = {"mode": AnswerMode.UPLOAD, "measures": measures, "results": results}
        self._move("submit", task, self._owner(task), at, answer)

    def _add_report(self, task: Task, lines: tuple[str, str], again: bool, at: datetime) -> None:
        self.reports += 1
        title = f"关于“{task.title}”的整改情况{'补充' if again else ''}报告（示例）"
        number = f"源{abbreviation(task.unit)}整〔{at.year}〕{self.reports}号（示例）"
        page = SamplePage("docx", title, task.unit.name, at.date(), self.reports, number, lines)
        data = {"title": title, "doc_number": number, "dated_on": at.date(), "issuer": task.unit.name}
        add_file(task, page, data | {"confidentiality": "public"}, Actor(self._owner(task), at))

    def close(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        how = ("现场", "书面")[task.pk % 2]
        comment = "抽看原始记录，与所报一致。" if how == "现场" else ""
        self._verify("close", task, at, {"how": how, "comment": comment})

    def send_back(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        comment = "只有整改报告，没有能证明整改到位的记录，请补充。"
        data = {"reason": "missing", "comment": comment, "new_due_on": self._later(at, AGAIN)}
        self._verify("return_rectification", task, at, data)

    def accept_part(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        self._verify("accept_part", task, at, {"comment": said["left"], "new_due_on": self._later(at, AGAIN)})

    def keep(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        self._verify("keep", task, at, {"comment": said["consent"], "new_due_on": self._later(at, YEAR)})

    def relapse(self, task: Task, said: dict[str, Any], at: datetime) -> None:
        self._verify(
            "relapse", task, at, {"comment": "回访抽查，近期的又没有记录。", "new_due_on": self._later(at, AGAIN)}
        )

    def _verify(self, move: str, task: Task, at: datetime, said: dict[str, Any]) -> None:
        self._move(move, task, self.people[Role.INSPECTOR][0], at, said)

    def _move(self, move: str, task: Task, person: User, at: datetime, said: dict[str, Any]) -> None:
        workflow.perform(workflow.MOVES[move], task, Actor(person, at), task.version, said)

    def _later(self, at: datetime, workdays: int) -> Any:
        return self.timeline.calendar.shift(at.date(), workdays)

    def _owner(self, task: Task) -> User:
        assert task.owner is not None  # noqa: S101 - findings.toml names units with a liaison
        return task.owner
