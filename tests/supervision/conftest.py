"""A round with one team and a visit to 城管局 today, announced; browsers of several people."""

import pytest

from creation.models import FindingSource, InspectionTeam, SupervisionRound, Visit
from creation.supervision import rounds, visit_plan
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from tests.support.desks import Browsers
from tests.support.world import TODAY, World


def make_round(world: World, name: str = "第一轮集中督导") -> SupervisionRound:
    text = RoundText(name, TODAY, TODAY.replace(month=8, day=7), "看原件", "案卷评查记录原件", [world.indicators["4"]])
    return rounds.add_round(world.campaign, text, world.actor("inspector"))


def make_team(world: World, row: SupervisionRound, *units: str, name: str = "第一组") -> InspectionTeam:
    text = TeamText(name, world.people["inspector"], [world.people["reviewer"]])
    return rounds.add_team(row, text, [world.units[unit] for unit in units], world.actor("inspector"))


@pytest.fixture
def planned_visit(world: World) -> Visit:
    row = make_round(world)
    made = make_team(world, row, "城管局").visits.get()
    visit_plan.set_days(row, [PlannedDay(made, TODAY, "am", made.version)], world.actor("inspector"))
    visit_plan.announce(row, world.actor("inspector"))
    return Visit.objects.for_table().get()


@pytest.fixture
def browsers(browsers: Browsers, world: World) -> Browsers:
    """Return the browsers of people who find one source of findings."""
    FindingSource.objects.create(district=world.district, name="集中督导")
    return browsers


@pytest.fixture
def desk(browsers: Browsers) -> Browsers:
    """Return a function: a page on the desk of this person."""
    return browsers
