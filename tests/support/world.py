"""Test data of a small district: two campaigns, four units, one person for each role. Rows are real; none of our code is mocked.

Tasks of ``world.campaign`` (open, year 2026, evidence phase 2026-07-11 – 2026-08-10): ``lead`` (城管局 leads 4-3-3, has a measure),
``assist`` (老街街道 assists 4-3-3), ``other`` (老街街道 leads 1-1-1), ``action`` (every unit: D-3). ``world.elsewhere`` is a second open
campaign of another district with a task of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from creation.audit.actor import Actor
from creation.models import (
    Action,
    Assignment,
    Campaign,
    Citation,
    District,
    Evidence,
    EvidenceNumber,
    EvidenceVersion,
    Indicator,
    IndicatorSystem,
    Measure,
    Membership,
    NumberCounter,
    Phase,
    Task,
    Unit,
    User,
)
from creation.notices.reminders import rule_settings
from creation.presets import ReminderRulePreset
from creation.rules.policy import UNIT_ROLES, Role
from tests.support.repeated_rows import RepeatedRows

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 7, 31)  # ten days before the evidence deadline; a Friday
NOW = datetime(2026, 7, 31, 10, 0, tzinfo=ZONE)


@dataclass
class World:
    district: District
    campaign: Campaign
    elsewhere: Campaign
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    phases: dict[str, Phase] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str, at: datetime = NOW) -> Actor:
        return Actor(User.objects.get(pk=self.people[name].pk), at)

    def client(self, name: str) -> Client:
        """Return a browser in which this person is logged in."""
        client = Client()
        if name in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        else:
            client.force_login(self.people[name])
        return client

    def task(self, name: str) -> Task:
        """Return the task as it is in the database."""
        return Task.objects.for_table().get(pk=self.tasks[name].pk)

    def cite(self, task_name: str, title: str = "评查通报", by: str = "liaison") -> Citation:
        """Cite a piece of text evidence in the task, with the next number of its checkpoint."""
        task, person = self.task(task_name), self.people[by]
        evidence = Evidence.objects.create(unit=task.unit, kind="brief", title=title, created_by=person, created_at=NOW)
        EvidenceVersion.objects.create(evidence=evidence, number=1, text="正文", created_by=person, created_at=NOW)
        counter, _ = NumberCounter.objects.get_or_create(campaign=task.campaign, point=task.code)
        counter.last += 1
        counter.save()
        number = EvidenceNumber.objects.create(
            campaign=task.campaign, point=task.code, serial=counter.last, evidence=evidence
        )
        return Citation.objects.create(task=task, evidence=evidence, number=number, created_by=person, created_at=NOW)


def make_campaign(
    district: District, host: Unit, year: int = 2026
) -> tuple[Campaign, dict[str, Phase], dict[str, Indicator]]:
    system = IndicatorSystem.objects.create(district=district, name="示范创建指标体系", edition="2021")
    campaign = Campaign.objects.create(
        district=district,
        system=system,
        host=host,
        name=f"{district}{year}年示范创建",
        year=year,
        state="open",
        window_from=date(year - 2, 1, 1),
        window_to=date(year, 12, 31),
    )
    phases = {
        "mobilization": Phase.objects.create(
            campaign=campaign,
            kind="mobilization",
            name="动员部署",
            order=1,
            starts=date(year, 6, 21),
            ends=date(year, 7, 10),
        ),
        "evidence": Phase.objects.create(
            campaign=campaign,
            kind="evidence",
            name="收集印证资料",
            order=3,
            starts=date(year, 7, 11),
            ends=date(year, 8, 10),
        ),
        "application": Phase.objects.create(campaign=campaign, kind="application", name="申报材料", order=5),
    }
    rule_settings.create_rules(campaign, [rule for kind in phases for rule in make_rules(kind)])
    return campaign, phases, make_indicators(system)


def make_rules(phase: str) -> list[ReminderRulePreset]:
    """Create few and simple rules: a short reminder schedule without escalation."""
    text, lead_times = "{left}：{task}。请{due}{ask}。", (7, 3, 1, 0)
    bare = "{left}：{unit} 没有联络员，{count} 项临期或逾期任务无人办理。请{due}确定联络员并督促办理。"
    return [
        ReminderRulePreset(phase, "逐项报送", "liaison", "unanswered", text, lead_times, 2, 0, 0),
        ReminderRulePreset(phase, "等待审签", "unit_leader", "signing", text, lead_times, 2, 0, 0),
        ReminderRulePreset(phase, "没有联络员", "office", "no_liaison", bare, lead_times, 2, 0, 0),
    ]


def make_indicators(system: IndicatorSystem) -> dict[str, Indicator]:
    rows = [
        ("1", None, 1, "依法全面履行政府职能"),
        ("1-1", "1", 2, "深化行政审批制度改革"),
        ("1-1-1", "1-1", 3, "行政审批事项清单公布"),
        ("4", None, 1, "行政执法严格规范公正文明"),
        ("4-3", "4", 2, "落实行政执法责任制"),
        ("4-3-3", "4-3", 3, "每年组织案卷评查"),
    ]
    made: dict[str, Indicator] = {}
    for order, (code, parent, level, title) in enumerate(rows, 1):
        made[code] = Indicator.objects.create(
            system=system,
            parent=made.get(parent or ""),
            level=level,
            code=code,
            key=code,
            order=order,
            title=title,
            proof="评查方案、评查通报和整改材料。" if level == 3 else "",
            kinds=["document", "image"] if level == 3 else [],
            clause="四（四）3",
        )
    Measure.objects.create(
        indicator=made["4-3-3"],
        name="行政执法案卷评查",
        kind="count",
        unit="次",
        comparator="ge",
        target=1,
        period="year",
    )
    return made


PEOPLE = [  # login, name, role, unit
    ("liaison", "刘联络", Role.LIAISON, "城管局"),
    ("clerk", "程承办", Role.CLERK, "城管局"),
    ("leader", "方分管", Role.UNIT_LEADER, "城管局"),
    ("rival", "马联络", Role.LIAISON, "老街街道"),
    ("coordinator", "宗协调", Role.COORDINATOR, "司法局"),
    ("reviewer", "申审核", Role.REVIEWER, "司法局"),
    ("inspector", "杜督导", Role.INSPECTOR, "司法局"),
    ("chief", "凌领导", Role.LEADING_GROUP, "政府办"),
    ("assessor", "庄专家", Role.ASSESSOR, "政府办"),
    ("administrator", "管管理", Role.ADMINISTRATOR, "政府办"),
    ("auditor", "安审计", Role.AUDITOR, "政府办"),
]
CAST = [login for login, *_ in PEOPLE] + ["outsider", "nobody"]


def add_person(login: str, name: str, role: Role | None, unit: Unit, campaign: Campaign | None = None) -> User:
    user = User.objects.create_user(login, "correct horse battery", name=name, unit=unit, mobile="13800001234")
    if role:
        Membership.objects.create(
            user=user,
            role=role,
            district=unit.district,
            unit=unit if role in UNIT_ROLES else None,
            campaign=campaign if role is Role.ASSESSOR else None,
            expires=date(2030, 12, 31) if role is Role.ASSESSOR else None,
        )
    return user


def make_units(district: District, names: list[str]) -> dict[str, Unit]:
    return {
        name: Unit.objects.create(
            district=district,
            name=f"{district}{name}",
            short_name=name,
            order=order,
            kind="township" if "街道" in name else "department",
        )
        for order, name in enumerate(names, 1)
    }


@pytest.fixture
def at_now() -> Iterator[None]:
    """Hold the clock at ``NOW``."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(db: Any) -> World:
    return _repeated_world()


@pytest.fixture
def world_at_work(db: Any) -> World:
    """Return the world at ``NOW``, with everybody logged in: for tests in which everybody asks the same."""
    return _repeated_world_at_work()


def make_world(name: str, year: int = 2026) -> World:
    district = District.objects.create(name=name)
    units = make_units(district, ["老街街道", "司法局", "城管局", "政府办"])
    campaign, phases, indicators = make_campaign(district, units["司法局"], year)
    world = World(district, campaign, make_elsewhere(), units, phases=phases, indicators=indicators)
    for login, name, role, unit in PEOPLE:
        world.people[login] = add_person(login, name, role, units[unit], campaign)
    world.people["nobody"] = add_person("nobody", "吴角色", None, units["政府办"])
    world.people["outsider"] = User.objects.get(username="outsider")
    _give_tasks(world)
    return world


def make_elsewhere() -> Campaign:
    """Create another district with its own liaison ``outsider`` and one task."""
    district = District.objects.create(name="临安区")
    units = make_units(district, ["住建局"])
    campaign, phases, indicators = make_campaign(district, units["住建局"])
    person = add_person("outsider", "魏外人", Role.LIAISON, units["住建局"])
    Task.objects.create(
        campaign=campaign,
        unit=units["住建局"],
        indicator=indicators["1-1-1"],
        phase=phases["evidence"],
        owner=person,
        due_on=date(2026, 8, 10),
    )
    return campaign


def _give_tasks(world: World) -> None:
    campaign, evidence, code = world.campaign, world.phases["evidence"], world.indicators
    plan = [
        ("lead", "城管局", "4-3-3", "lead", "liaison", date(2026, 8, 10)),
        ("assist", "老街街道", "4-3-3", "assist", "rival", date(2026, 8, 5)),
        ("other", "老街街道", "1-1-1", "lead", "rival", date(2026, 8, 10)),
    ]
    for name, unit, point, role, owner, due_on in plan:
        Assignment.objects.create(campaign=campaign, indicator=code[point], unit=world.units[unit], role=role)
        world.tasks[name] = Task.objects.create(
            campaign=campaign,
            unit=world.units[unit],
            indicator=code[point],
            phase=evidence,
            role=role,
            owner=world.people[owner],
            due_on=due_on,
        )
    action = Action.objects.create(
        phase=world.phases["mobilization"],
        code="D-3",
        title="制定工作方案",
        text="报创建办备案。",
        audience="every_unit",
        modes=["upload", "statement"],
    )
    world.tasks["action"] = Task.objects.create(
        campaign=campaign,
        unit=world.units["城管局"],
        action=action,
        phase=action.phase,
        owner=world.people["liaison"],
        due_on=date(2026, 7, 10),
    )


def _make_world_at_work() -> World:
    world = make_world("源汇区")
    with time_machine.travel(NOW, tick=False):
        for name in CAST:
            client = world.client(name)
            client.get(reverse("login"))  # the first request gives the login its row
            world.sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return world


_repeated_world = RepeatedRows(lambda: make_world("源汇区"))
_repeated_world_at_work = RepeatedRows(_make_world_at_work)
