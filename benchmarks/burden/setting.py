"""The campaign in which the acts are done: each act has a task of its own, and what somebody else did before."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from creation.audit.actor import Actor
from creation.evidence import items
from creation.models import Assignment, Draft, EvidenceKind, Indicator, Task
from creation.people import credentials
from creation.rules.policy import Role
from creation.tasks import workflow
from tests.support.populated_site import PASSWORD
from tests.support.world import World, add_person, make_world

TEXT = {"mode": "upload", "measures": "组织案卷评查两次。", "results": "评查案卷60份。", "highlights": ""}
ACTS = ("prepared", "file", "files", "citing", "statement", "returned", "phone", "first", "review")  # each has its task
DAYS_AHEAD = 10


class Setting:
    """``codes``: act → the code of its task, which stands in every list. ``link``: the way of the first login."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self.world: World = make_world("双河区", self.today.year)
        self.world.phases["evidence"].starts = self.today - timedelta(days=20)
        self.world.phases["evidence"].ends = self.today + timedelta(days=DAYS_AHEAD)
        self.world.phases["evidence"].save()
        self.codes = {act: f"4-3-{number}" for number, act in enumerate(ACTS, 4)}
        self.tasks = {act: self._task(act, code) for act, code in self.codes.items()}
        self._prepare()

    @property
    def paper_day(self) -> date:
        return self.today - timedelta(days=30)

    def _task(self, act: str, code: str) -> Task:
        world, lead = self.world, self.world.tasks["lead"]
        base = world.indicators["4-3-3"]
        point = Indicator.objects.create(
            system=base.system, parent=base.parent, level=base.level, code=code, key=code, order=900 + len(code + act),
            title=f"要点{code}", proof="评查通报", kinds=["document"],
        )  # fmt: skip
        Assignment.objects.create(campaign=world.campaign, indicator=point, unit=lead.unit, role="lead")
        return Task.objects.create(
            campaign=world.campaign, unit=lead.unit, indicator=point, phase=lead.phase, role="lead", owner=lead.owner,
            due_on=self.today + timedelta(days=DAYS_AHEAD),
        )  # fmt: skip

    def _prepare(self) -> None:
        self._brief("prepared")
        liaison = self.world.people["liaison"]
        Draft.objects.create(task=self.tasks["prepared"], person=liaison, content=TEXT, saved_at=timezone.now())
        for act in ("returned", "review"):
            self._brief(act)
            self._move(act, "submit", "liaison", TEXT)
        self._move(
            "returned",
            "return",
            "reviewer",
            {"reason": "narrative", "comment": "请写明评查的时间。", "new_due_on": None},
        )
        unit = self.tasks["first"].unit
        newcomer = add_person("newcomer", "钱新来", Role.LIAISON, unit, self.world.campaign)
        newcomer.set_unusable_password()
        newcomer.save()
        self.link = reverse("one_time_link", args=[credentials.issue_link(newcomer, self._actor("coordinator"))])

    def _brief(self, act: str) -> None:
        data: dict[str, Any] = {"title": f"案卷评查简报{act}", "dated_on": self.paper_day, "declared": True}
        items.add(
            self.tasks[act],
            EvidenceKind.BRIEF,
            {"text": f"本年度评查案卷60份（{act}）。"},
            data,
            self._actor("liaison"),
        )

    def _move(self, act: str, move: str, who: str, data: dict[str, Any]) -> None:
        task = Task.objects.for_table().get(pk=self.tasks[act].pk)
        workflow.perform(workflow.MOVES[move], task, self._actor(who), task.version, data)

    def _actor(self, who: str) -> Actor:
        return Actor(self.world.people[who], timezone.now(), "")


__all__ = ["ACTS", "PASSWORD", "Setting"]
