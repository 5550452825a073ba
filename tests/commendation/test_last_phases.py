"""The clock reminds of the last phases too: each thing once, on its days, and those whose turn it is."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from creation.appraisal import organizing, requests, score_sheet
from creation.audit.actor import Actor
from creation.commendation import commendations, consultations, last_phases, nominations, voting
from creation.models import Appraisal, Campaign, Commendation, Consultation, Holiday, Notice, NoticeKind, TypicalCase
from creation.notices.destinations import destination_of
from creation.survey import surveys
from creation.survey.surveys import NewSurvey
from tests.appraisal.test_appraisal import new
from tests.commendation.test_commendation import TERM, call, words
from tests.support.last_phases import case
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY, NEXT_FRIDAY = NOW, NOW + timedelta(days=3), NOW + timedelta(days=7)


def reminded(at: datetime) -> list[tuple[str, str]]:
    """Let the clock run; return who was told what by it."""
    known = set(Notice.objects.values_list("pk", flat=True))
    last_phases.remind(Actor(None, at), Holiday.objects.calendar())
    found = Notice.objects.filter(kind=NoticeKind.REMINDER).exclude(pk__in=known).select_related("person")
    return [(each.person.username, each.text) for each in found.order_by("person__username", "pk")]


def appraisal(world: World, ends: date) -> Appraisal:
    return organizing.create_appraisal(world.campaign, new(world, "assessor", ends=ends), world.actor("coordinator"))


def test_assessors_are_told_before_the_end_and_the_office_after_it(world: World) -> None:
    made = appraisal(world, (FRIDAY + timedelta(days=2)).date())  # a Sunday, of which Friday speaks
    ((who, text),) = reminded(FRIDAY)
    assert (who, "您还有 3 项没有评" in text) == ("assessor", True)
    assert reminded(FRIDAY) == []
    assert reminded(FRIDAY + timedelta(days=1)) == []
    ((who, text),) = reminded(MONDAY)
    assert (who, "请看各人是否评完" in text) == ("coordinator", True)
    assert reminded(NEXT_FRIDAY) == []
    organizing.close_appraisal(made, world.actor("coordinator"))


def test_who_has_scored_everything_is_left_alone(world: World) -> None:
    made = appraisal(world, TODAY)
    seat = made.seats.select_related("appraisal__campaign").get()
    for unit in made.units.all():
        for line in score_sheet.lines_of(seat, unit):
            score_sheet.save_score(seat, line.point, unit, Decimal(5), "", world.actor("assessor"))
    assert reminded(FRIDAY) == []


def test_a_unit_is_told_again_of_what_it_was_asked(world: World) -> None:
    made = appraisal(world, (FRIDAY + timedelta(days=20)).date())
    seat = made.seats.select_related("appraisal__campaign").get()
    point = made.points.get(indicator__code="4-3-3")
    asked = requests.ask(seat, point, world.units["城管局"], "请补通报原件", world.actor("assessor"))
    assert reminded(MONDAY) == []
    told = reminded(NEXT_FRIDAY)
    assert [who for who, _ in told] == ["liaison"]
    assert told[0][1].startswith("考核组要求补充的还没有答复：4-3-3")
    requests.answer(asked, "已补。", world.actor("liaison"))
    assert reminded(NEXT_FRIDAY + timedelta(days=3)) == []


def test_a_survey_tells_of_units_without_an_answer_and_of_its_end(world: World) -> None:
    office = world.actor("coordinator")
    survey = surveys.create_survey(world.campaign, NewSurvey("测评", "", ["评价"], TODAY, TODAY), office)
    surveys.add_codes(survey, [world.units["城管局"], world.units["老街街道"]], 3, office)
    surveys.enter_papers(survey, world.units["老街街道"], ["5"], office)
    assert reminded(FRIDAY) == [("coordinator", f"“测评”到 {TODAY} 结束，城管局还没有一份答卷。")]
    assert reminded(MONDAY) == [("coordinator", "“测评”已经结束，收到 1 份答卷，请看结果、出报告。")]
    notice = Notice.objects.filter(subject=f"survey/{survey.pk}").latest("pk")
    assert destination_of(notice, world.people["coordinator"]) == survey.get_absolute_url()


def test_a_case_that_waits_for_the_office_is_told_once(world: World) -> None:
    case(world, "一线做法", "submitted")
    assert reminded(NEXT_FRIDAY - timedelta(days=2)) == []
    told = reminded(NEXT_FRIDAY)
    assert [who for who, _ in told] == ["coordinator"]
    assert "超过 5 个工作日没有审核" in told[0][1]
    TypicalCase.objects.update(state="selected")
    assert reminded(NEXT_FRIDAY + timedelta(days=3)) == []


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_commendation_tells_of_terms_votes_and_opinions(world: World, state: str) -> None:
    with time_machine.travel(NOW, tick=False):
        opened = commendations.open_commendation(world.campaign, call(world), world.actor("coordinator"))
        nominations.nominate(opened, world.units["城管局"], words(), world.actor("liaison"))
    Campaign.objects.filter(pk=world.campaign.pk).update(state=state)
    on_term = NOW.replace(month=TERM.month, day=TERM.day)
    told = reminded(on_term)
    if state == "closed":
        assert told == []
        return
    assert {who for who, _ in told} == {"rival"}  # the liaison of a unit that has nominated nobody
    monday = on_term + timedelta(days=3)
    assert [who for who, text in reminded(monday) if "开始表决" in text] == ["coordinator"]
    with time_machine.travel(monday, tick=False):
        office = world.actor("coordinator", monday)
        consultations.ask(opened, "公安机关", monday.date(), monday.date() + timedelta(days=1), office)
        voting.open_vote(opened, office)
        seat = voting.seat_of(Commendation.objects.select_related("campaign").get(), world.people["chief"].pk)
        assert seat
        choices = {each.pk: "yes" for each in voting.ballot_of(seat)}
        voting.vote(seat, choices, world.actor("chief", monday))
    told = reminded(monday + timedelta(days=4))
    assert [who for who, text in told if "还没有投票" in text] == ["inspector", "reviewer"]
    assert [(who, "公安机关 1 份" in text) for who, text in told if "过期没有答复" in text] == [("coordinator", True)]
    assert not [text for _, text in told if words().name in text]
    Consultation.objects.all().delete()
    assert reminded(monday + timedelta(days=7)) == []
