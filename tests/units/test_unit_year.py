"""年底考核 of a unit: one page with what other pages count, ranked only where the campaign ranks, scores only after the close."""

from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from creation.appraisal import organizing, score_sheet
from creation.models import Appraisal, Campaign, Holiday, Task
from creation.publicity import register
from creation.publicity.register import NewPublicity
from creation.survey import surveys
from creation.survey.surveys import NewSurvey
from creation.tasks import progress
from creation.units import year_figures
from creation.units.year_figures import Rank, UnitOfCampaign, YearFigures
from tests.appraisal.test_appraisal import new
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db


def figures(world: World, who: str = "chief") -> YearFigures:
    place = UnitOfCampaign(Campaign.objects.get(pk=world.campaign.pk), world.units["城管局"])
    return year_figures.figures_of(place, world.people[who], TODAY, Holiday.objects.calendar())


def test_its_figures_are_those_of_other_pages(world: World) -> None:
    unit, office = world.units["城管局"], world.actor("coordinator")
    said = NewPublicity("报道", "漯河日报", "print", "city", TODAY, "https://example.cn/1.html")
    register.record_publicity(world.campaign, unit, said, world.actor("liaison"))
    survey = surveys.create_survey(world.campaign, NewSurvey("测评", "", ["评价"], TODAY, TODAY), office)
    surveys.enter_papers(survey, unit, ["5"] * 4 + ["2"], office)
    found = figures(world)
    own = progress.matrix(Task.objects.active().of_plan().filter(campaign=world.campaign, unit=unit), TODAY).whole
    assert (found.tasks.total, found.tasks.overdue) == (own.total, own.overdue)
    assert found.published == [("市级", 1)]
    assert [(each.title, answered, result and result.rate) for each, answered, result in found.surveys] == [
        ("测评", 5, Decimal("80.00"))
    ]
    assert figures(world, "liaison").surveys == []  # units do not read surveys


def test_a_score_is_shown_after_the_close(world: World) -> None:
    made = organizing.create_appraisal(world.campaign, new(world, "assessor"), world.actor("coordinator"))
    seat = made.seats.select_related("appraisal__campaign").get()
    point = made.points.select_related("indicator__parent__parent").get(indicator__code="4-3-3")
    score_sheet.save_score(seat, point, world.units["城管局"], Decimal(8), "", world.actor("assessor"))
    assert figures(world).appraisals == []
    organizing.close_appraisal(Appraisal.objects.get(), world.actor("coordinator"))
    assert [(each, whole.score, whole.full) for each, whole in figures(world).appraisals] == [(made, 8, 10)]
    assert figures(world, "liaison").appraisals == []


def test_nobody_is_ranked_unless_the_campaign_ranks(world: World) -> None:
    Task.objects.filter(campaign=world.campaign).update(due_on=TODAY)
    assert figures(world).rank is None
    Campaign.objects.filter(pk=world.campaign.pk).update(ranking=True)
    assert figures(world).rank == Rank(1, 2)


@time_machine.travel(NOW, tick=False)
def test_the_own_unit_finds_it_among_the_papers(world_at_work: World) -> None:
    world, address = world_at_work, "unit_year"
    own, other = (
        reverse(address, args=[world_at_work.campaign.pk, world_at_work.units[name].pk])
        for name in ("城管局", "老街街道")
    )
    assert own in world.client("liaison").get(reverse("reports", args=[world.campaign.pk])).content.decode()
    page = world.client("liaison").get(own).content.decode()
    assert "不排名" in page
    assert "按时报送" in page
    assert world.client("liaison").get(other).status_code == 404
    progress_page = reverse("unit_progress", args=[world.campaign.pk, world.units["城管局"].pk])
    assert own in world.client("chief").get(progress_page).content.decode()
