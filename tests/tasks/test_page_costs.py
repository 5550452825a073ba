"""What the pages that everybody opens cost: few queries, and as many however much there is of everything that they show."""

from datetime import date

import pytest
from django.urls import reverse

from creation.communication import announcements, instructions, opinions, questions
from creation.communication.announcements import AnnouncementText
from creation.communication.instructions import InstructionText
from creation.models import (
    Campaign,
    FindingSource,
    Indicator,
    IndicatorLevel,
    Notice,
    NoticeKind,
    Phase,
    Progress,
    Submission,
    Task,
    TaskRequest,
    Unit,
    Urge,
    User,
)
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import progress
from tests.supervision.conftest import make_round, make_team
from tests.support.query_counts import count_queries
from tests.support.world import CAST, NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

QUERIES = 12
FIRST_PAGES = {"coordinator": 14}  # requests, instructions, missing signers and supervision at once


def cost(world: World, who: str, address: str) -> int:
    """Return the number of queries of a page that this process has shown before."""
    client = world.client(who)
    for _ in range(2):
        assert client.get(address).status_code == 200
    return count_queries(client.get, address)


def grow(world: World, number: int) -> None:
    """Add one of everything that the pages show, each with an indicator, a unit, an owner of its own."""
    unit = Unit.objects.create(
        district=world.district, name=f"源汇区新{number}局", short_name=f"新{number}局", order=90 + number
    )
    lead = world.task("lead")
    Task.objects.create(campaign=lead.campaign, unit=unit, indicator=lead.indicator, role="assist", phase=lead.phase)
    task = _task_of(world, unit, number)
    own = _task_of(world, world.units["城管局"], 100 + number)
    TaskRequest.objects.create(
        task=own, kind="objection", reason="异议", created_by=world.people["liaison"], created_at=NOW
    )
    Urge.objects.create(task=own, day=TODAY, reason="请抓紧", created_by=world.people["coordinator"], created_at=NOW)
    for person in world.people.values():
        Notice.objects.create(
            person=person,
            kind=NoticeKind.REMINDER,
            subject=f"task/{own.pk}",
            slot="1",
            task=own,
            text="临期",
            created_at=NOW,
        )
    _hand_in(world, task)
    _speak(world, number)
    _supervise(world, number)
    _another_campaign(world, number)


def _task_of(world: World, unit: Unit, number: int) -> Task:
    above: Indicator | None = None
    for level in IndicatorLevel:
        code = "-".join([str(50 + number)] * level)
        above = Indicator.objects.create(
            system=world.campaign.system, parent=above, level=level, code=code, key=code, order=900 + 10 * number + level, title=code
        )  # fmt: skip
    phase = [*world.phases.values()][number % len(world.phases)]
    owner = User.objects.create(username=f"owner{number}", name=f"责任人{number}", unit=unit)
    return Task.objects.create(
        campaign=world.campaign, unit=unit, indicator=above, phase=phase, owner=owner, due_on=date(2026, 8, 10)
    )


def _hand_in(world: World, task: Task) -> None:
    Submission.objects.create(
        task=task, number=1, mode="statement", statement="无。", due_on=task.due_on, handed_on=TODAY,
        created_by=world.people["rival"], created_at=NOW, digest="x",
    )  # fmt: skip
    Task.objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=NOW)


def _speak(world: World, number: int) -> None:
    """Cite, note, ask, and let the office and the readers say something."""
    lead = world.task("lead")
    world.cite("lead", title=f"材料{number}")
    world.cite("assist", title=f"配合{number}", by="rival")
    Progress.objects.create(
        task=lead, day=TODAY, text=f"进展{number}", created_by=world.people["liaison"], created_at=NOW
    )
    questions.ask_question(lead, f"第{number}个问题", world.actor("liaison"))
    opinions.give_opinion(lead, f"第{number}条意见", world.actor("assessor"))
    units = [world.units["城管局"], world.units["老街街道"]]
    instructions.write_instruction(
        world.campaign, InstructionText(f"请办理{number}", units[0], units[1:], None), world.actor("chief")
    )
    for receipt in (True, False):
        words = AnnouncementText(f"通知{number}", "开会。", units, receipt, date(2026, 8, 5) if receipt else None)
        announcements.issue_announcement(world.campaign, words, world.actor("coordinator"))


def _supervise(world: World, number: int) -> None:
    source, _ = FindingSource.objects.get_or_create(district=world.district, name="集中督导")
    text = FindingText(title=f"问题{number}", source=source, indicator=world.indicators["4-3-3"])
    days: dict[Unit, date | None] = {world.units["城管局"]: date(2026, 8, 7)}
    made = findings.record_finding(world.campaign, text, days, world.actor("inspector"))
    if number % 2:
        made.rectifications.update(due_on=date(2026, 7, 1))
    else:
        _hand_in(world, made.rectifications.get())
    row = make_round(world, f"第{number}轮")
    make_team(world, row, "城管局", "老街街道")
    row.visits.update(day=TODAY, announced_for=TODAY)


def _another_campaign(world: World, number: int) -> None:
    campaign = Campaign.objects.create(
        district=world.district, system=world.campaign.system, host=world.campaign.host, name=f"又一活动{number}",
        year=2030 + number, state="open", sign_off=True,
    )  # fmt: skip
    phase = Phase.objects.create(campaign=campaign, kind="evidence", name="收集", order=1)
    for unit in (world.units["城管局"], world.units["老街街道"]):
        Task.objects.create(campaign=campaign, unit=unit, indicator=world.indicators["4-3-3"], phase=phase)


@pytest.fixture
def grown(world: World) -> World:
    progress.take_snapshot(world.campaign, date(2026, 7, 20))
    Campaign.objects.update(sign_off=True)
    for number in (0, 1):
        grow(world, number)
    return world


def addresses(world: World) -> dict[str, tuple[str, str, int]]:
    """Return page → who opens it, its address, and the most queries that it may ask."""
    campaign = world.campaign.pk
    waiting = Task.objects.filter(status="submitted", finding=None).earliest("pk")
    lead = reverse("task", args=[campaign, world.tasks["lead"].pk])
    first = {f"first page of {who}": (who, "/", FIRST_PAGES.get(who, QUERIES)) for who in CAST}
    return first | {
        "list": ("coordinator", reverse("task_list", args=[campaign]), QUERIES),
        "list of a unit": ("liaison", reverse("task_list", args=[campaign]), QUERIES),
        "matrix": ("coordinator", reverse("progress", args=[campaign]), QUERIES),
        "review queue": ("reviewer", reverse("review_queue", args=[campaign]), QUERIES),
        "review": ("reviewer", reverse("review", args=[campaign, waiting.pk]), 15),
        "task of the unit": ("liaison", lead, 28),
        "task for the office": ("coordinator", lead, 27),
    }


def test_pages_ask_few_queries_and_as_many_with_more_of_everything(grown: World) -> None:
    before = {page: cost(grown, who, address) for page, (who, address, _) in addresses(grown).items()}
    most = {page: most for page, (_, _, most) in addresses(grown).items()}
    assert {page: count for page, count in before.items() if count > most[page]} == {}
    for number in (2, 3, 4):
        grow(grown, number)
    after = {page: cost(grown, who, address) for page, (who, address, _) in addresses(grown).items()}
    assert after == before
