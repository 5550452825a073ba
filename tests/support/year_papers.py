"""The self-assessment report of the year, made final in September and different in December; a survey in October."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation import background
from creation.models import FinalAssessment, Survey
from creation.papers import self_assessment
from creation.survey import codes, surveys
from creation.survey.surveys import NewSurvey
from tests.support.year import Year
from tests.support.year_count import CHOICES, PASSED

WRITTEN, FINAL = date(2026, 8, 14), date(2026, 9, 10)
ASKED, ANSWERED = date(2026, 10, 19), date(2026, 10, 30)
QUESTIONS = ("总体评价", "执法评价", "服务评价")
ANSWERS = (12, 7, 3)  # of a unit each, on the phone or on paper
INTRODUCTION, CONCLUSION = "引言如下。", "结语如上。"


@dataclass
class YearPapers:
    """``answers``: unit → what each person chose; ``final``: how many answers to checkpoints had passed when the report was made final."""

    answers: dict[str, list[list[int]]] = field(default_factory=lambda: defaultdict(list))
    final: int = 0


def plan_papers(year: Year) -> YearPapers:
    papers = YearPapers()
    year.plan(WRITTEN, 16, write, year)
    year.plan(FINAL, 16, make_final, year, papers)
    year.plan(ASKED, 9, ask, year, papers)
    return papers


def write(year: Year, at: datetime) -> None:
    for slot, text in (("introduction", INTRODUCTION), ("conclusion", CONCLUSION)):
        self_assessment.save_passage(year.campaign, slot, text, 0, year.actor("coordinator", at))


def make_final(year: Year, papers: YearPapers, at: datetime) -> None:
    papers.final = passed_answers(year)
    with year.at_door("coordinator", at) as client:
        client.post(reverse("final_assessment_make", args=[year.campaign.pk]))
        background.run_queued(timezone.now)
    assert FinalAssessment.objects.count() == 1


def passed_answers(year: Year) -> int:
    return sum(not duty.gone and duty.status == PASSED and duty.code in year.assigned for duty in year.duties)


def ask(year: Year, papers: YearPapers, at: datetime) -> None:
    """Set the survey up; in each unit so many answer, every third on paper."""
    office = year.actor("coordinator", at)
    new = NewSurvey("满意度测评", "", QUESTIONS, at.date(), ANSWERED)
    survey = surveys.create_survey(year.campaign, new, office)
    asked = year.rng.sample([unit for unit in year.units if unit != year.merged], len(ANSWERS))
    for unit, number in zip(asked, ANSWERS, strict=True):
        (batch,) = surveys.add_codes(survey, [year.units[unit]], number, office)
        for place in range(number):
            day = year.workday(at.date() + timedelta(days=1), ANSWERED)
            year.plan(day, 10, answer, year, papers, survey, unit, batch.first + place)


def answer(year: Year, papers: YearPapers, survey: Survey, unit: str, serial: int, at: datetime) -> None:
    choices = year.rng.choices(list(CHOICES), (9, 6, 3, 2, 1), k=len(QUESTIONS))
    papers.answers[unit].append(choices)
    if serial % 3 == 0:
        line = "".join(map(str, choices))
        surveys.enter_papers(survey, year.units[unit], [line], year.actor("inspector", at))
        return
    sent = {f"q{place}": str(choice) for place, choice in enumerate(choices)} | {"comment": ""}
    address = reverse("survey_answer", args=[codes.code_of(survey, serial)])
    with year.at_door("coordinator", at):
        for _ in range(2):  # the second time it says that the code is used
            Client().post(address, sent)
