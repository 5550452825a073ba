"""Prepare and open a campaign from the preset; repeating it changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.lib.refusals import Refusal
from creation.models import Assignment, AuditEntry, Campaign, Indicator, Membership, Phase, Task, Unit, User
from creation.rules.policy import Role
from tests.support.world import NOW

pytestmark = pytest.mark.django_db
SYSTEM = Actor(None, NOW)


@pytest.fixture
def campaign(db: Any) -> Campaign:
    return campaign_lifecycle.prepare_campaign("yuanhui", 2026, SYSTEM)


def test_the_campaign_has_sections_items_checkpoints_phases_and_tasks(campaign: Campaign) -> None:
    levels = [campaign.system.indicators.filter(level=level).count() for level in (1, 2, 3)]
    assert levels[:2] == [8, 28]
    assert levels[2] >= 90
    assert campaign.phases.count() == 7
    evidence = campaign.phases.get(kind="evidence")
    assert (evidence.starts, evidence.ends) == (date(2026, 7, 11), date(2026, 8, 10))
    assert (
        campaign.tasks.filter(indicator__isnull=False).count() == Assignment.objects.filter(campaign=campaign).count()
    )
    assert not campaign.tasks.filter(phase__kind="application", due_on__isnull=False).exists()


def test_every_checkpoint_has_one_lead_and_every_unit_its_share(campaign: Campaign) -> None:
    points = campaign.system.indicators.checkpoints()
    assert {point.assignments.filter(role="lead").count() for point in points} == {1}
    loads = [unit.tasks.filter(indicator__isnull=False).count() for unit in Unit.objects.all()]
    assert min(loads) >= 10
    assert max(loads) <= 40


def test_assists_are_due_three_workdays_before_the_lead(campaign: Campaign) -> None:
    point = Indicator.objects.filter(assignments__role="assist").first()
    days = dict(Task.objects.filter(indicator=point).values_list("role", "due_on"))
    assert days == {"lead": date(2026, 8, 10), "assist": date(2026, 8, 5)}


def test_repeating_it_changes_nothing(campaign: Campaign) -> None:
    counts = [model.objects.count() for model in (Unit, Indicator, Assignment, Task, Phase, AuditEntry)]
    Unit.objects.filter(short_name="区审计局").update(short_name="审计局")
    Phase.objects.filter(kind="publicity").update(starts=date(2026, 9, 1), ends=date(2026, 9, 30))
    assert campaign_lifecycle.prepare_campaign("yuanhui", 2026, SYSTEM) == campaign
    assert counts == [model.objects.count() for model in (Unit, Indicator, Assignment, Task, Phase, AuditEntry)]
    assert Unit.objects.filter(short_name="审计局").exists()
    assert Phase.objects.get(kind="publicity").starts == date(2026, 9, 1)


def test_another_year_gets_its_own_campaign_on_the_same_system(campaign: Campaign) -> None:
    later = campaign_lifecycle.prepare_campaign("yuanhui", 2028, SYSTEM, draft=True)
    assert later.system == campaign.system
    assert later.state == "draft"
    assert not later.tasks.exists()
    assert later.phases.get(kind="commendation").ends == date(2028, 12, 31)


def test_units_do_not_see_a_draft_and_the_office_does(campaign: Campaign) -> None:
    Campaign.objects.update(state="draft")
    unit = Unit.objects.get(short_name="区审计局")
    people = {
        role: User.objects.create_user(role.value, name=role.value, unit=unit)
        for role in (Role.LIAISON, Role.COORDINATOR)
    }
    for role, person in people.items():
        owned = unit if role is Role.LIAISON else None
        Membership.objects.create(user=person, role=role, district=unit.district, unit=owned)
    assert not Campaign.objects.visible_to(people[Role.LIAISON]).exists()
    assert not Task.objects.visible_to(people[Role.LIAISON]).exists()
    assert Campaign.objects.visible_to(people[Role.COORDINATOR]).count() == 1


def test_starting_twice_and_starting_without_a_lead_are_refused(campaign: Campaign) -> None:
    with pytest.raises(Refusal, match="已经启动"):
        campaign_lifecycle.open_draft(campaign, SYSTEM)
    draft = campaign_lifecycle.prepare_campaign("yuanhui", 2027, SYSTEM, draft=True)
    Assignment.objects.filter(campaign=draft, indicator__code="4-3-3", role="lead").delete()
    with pytest.raises(Refusal, match="4-3-3"):
        campaign_lifecycle.open_draft(draft, SYSTEM)
    assert not draft.tasks.exists()


@pytest.mark.parametrize(
    ("year", "sentence"), [("20266", "年度“20266”不正确"), ("abcd", "年度“abcd”不正确"), ("²", "年度"), ("-1", "年度")]
)
def test_a_year_that_is_no_year_gets_a_sentence(db: Any, year: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("open_campaign", f"--year={year}")
    assert not Campaign.objects.exists()


def test_an_unknown_preset_names_the_known_ones(db: Any) -> None:
    with pytest.raises(CommandError, match="yuanhui"):
        call_command("open_campaign", preset="nope", year="2026")


@pytest.mark.parametrize("year", [2015, 2024, 2100])
def test_any_year_can_be_opened(db: Any, year: int) -> None:
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", year, SYSTEM)
    assert {phase.starts.year for phase in campaign.phases.exclude(starts=None) if phase.starts} == {year}
