"""What the answers of a survey come to: in steps while it goes on, so that nobody learns a single answer by comparing two looks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Q

from creation.models import Campaign, Survey, SurveyAnswer, Unit
from creation.rules import satisfaction
from creation.rules.satisfaction import QuestionResult

WAITING = (
    "还有 {waiting} 份扫码答卷没有计入：各单位每满 {least} 份、隔天一起计入，最后一批等测评结束，免得由两次结果之差猜出一个人怎么答；"
    "总共不足 {least} 份的不计入。"
)


@dataclass(frozen=True, slots=True)
class UnitSurvey:
    """A unit's answers against its quota, how many of them came in behind codes, and how many of all are counted yet.

    ``result`` is None where it is withheld: see ``satisfaction.withheld``.
    """

    unit: Unit
    quota: int
    answered: int
    behind_codes: int
    counted: int
    result: QuestionResult | None

    @property
    def why_withheld(self) -> str:
        """Return why there is no result, or ""."""
        if self.result is not None:
            return ""
        if (self.behind_codes or self.answered) < satisfaction.MIN_ANSWERS:
            return f"不足 {satisfaction.MIN_ANSWERS} 份"
        return "一并不显示" if self.counted else "尚未计入"


@dataclass(frozen=True, slots=True)
class SurveyResults:
    questions: list[tuple[str, QuestionResult]]
    whole: QuestionResult
    units: list[UnitSurvey]
    by_hand: int

    @property
    def answered(self) -> int:
        return sum(each.answered for each in self.units)

    @property
    def waiting(self) -> int:
        """Return the number of answers that are not counted yet."""
        return self.answered - self.whole.forms

    @property
    def waiting_text(self) -> str:
        """Return how many answers are not counted yet, and why; "" for none."""
        return WAITING.format(waiting=self.waiting, least=satisfaction.MIN_ANSWERS) if self.waiting else ""

    @property
    def quota(self) -> int:
        return sum(each.quota for each in self.units)

    @property
    def has_joined(self) -> bool:
        """Return whether a unit with enough answers is withheld, so that nothing can be subtracted."""
        return any(each.why_withheld and each.counted >= satisfaction.MIN_ANSWERS for each in self.units)


def results_of(survey: Survey, today: date) -> SurveyResults:
    """Count the answers. Four queries, whatever their number."""
    quotas: Mapping[int, int] = defaultdict(int)
    units: dict[int, Unit] = {}
    for batch in survey.batches.select_related("unit").order_by("unit__order", "unit"):
        quotas[batch.unit_id] += batch.quota  # type: ignore[index]
        units[batch.unit_id] = batch.unit
    days = _answers_by_day([survey])
    numbers: Counter[tuple[int, bool]] = Counter()
    for each in days:
        numbers[each.unit, each.by_hand] += each.number
    answers: dict[int, list[list[int]]] = defaultdict(list)
    for unit_id, choices in survey.answers.filter(_counted([survey], days, today)).values_list("unit", "choices"):
        answers[unit_id].append(choices)
    for unit in Unit.objects.filter(pk__in={each.unit for each in days} - set(units)):
        units[unit.pk] = unit
    width = len(survey.questions)
    # Who entered the papers of a unit could subtract them.
    hidden = satisfaction.withheld({key: numbers[key, False] or len(rows) for key, rows in answers.items()})
    found = satisfaction.count((each for rows in answers.values() for each in rows), width)
    rows = [
        UnitSurvey(
            unit,
            quotas.get(key, 0),
            numbers[key, False] + numbers[key, True],
            numbers[key, False],
            len(answers.get(key, ())),
            None if key in hidden or key not in answers else _together(answers[key], width),
        )
        for key, unit in sorted(units.items(), key=lambda each: (each[1].order, each[0]))
    ]
    by_hand = sum(number for (_, is_paper), number in numbers.items() if is_paper)
    return SurveyResults(list(zip(survey.questions, found, strict=True)), satisfaction.together(found), rows, by_hand)


def _together(answers: Sequence[Sequence[int]], questions: int) -> QuestionResult:
    return satisfaction.together(satisfaction.count(answers, questions))


class AnswersOfDay(NamedTuple):
    """How many answers of a unit came in on a day."""

    survey: int
    unit: int
    by_hand: bool
    day: date
    number: int


def _answers_by_day(found: Iterable[Survey]) -> list[AnswersOfDay]:
    rows = SurveyAnswer.objects.filter(survey__in=[each.pk for each in found]).order_by()
    grouped = rows.values_list("survey", "unit", "by_hand", "day").annotate(number=Count("pk"))
    return [AnswersOfDay(*row) for row in grouped]


def _counted(found: Iterable[Survey], days: Sequence[AnswersOfDay], today: date) -> Q:
    """Return the condition for answers that are counted: those from paper, which somebody has read, and behind codes in steps.

    See ``satisfaction.counted_until``. All are counted once the survey is over, unless there are fewer than MIN_ANSWERS behind codes.
    """
    numbers: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for each in days:
        if not each.by_hand:
            numbers[each.survey, each.unit][each.day] = each.number
    units: dict[tuple[int, date], list[int]] = defaultdict(list)
    for (key, unit), of in numbers.items():
        if last := satisfaction.counted_until(of, today):
            units[key, last].append(unit)
    behind_codes: Counter[int] = Counter()
    for (key, _), of in numbers.items():
        behind_codes[key] += sum(of.values())
    over = [each.pk for each in found if not each.is_open(today)]
    enough = [key for key in over if behind_codes[key] >= satisfaction.MIN_ANSWERS]
    wanted = Q(survey__in=enough) | Q(by_hand=True)
    for (key, last), some in units.items():
        wanted |= Q(survey=key, unit__in=some, day__lte=last)
    return wanted


@dataclass(frozen=True, slots=True)
class SurveyTotal:
    """All answers to a survey together."""

    survey: int
    title: str
    result: QuestionResult


def latest_total(campaign: Campaign, today: date) -> SurveyTotal | None:
    """Return the latest survey that shows results; None without one. Three queries."""
    found = list(campaign.surveys.select_related("campaign").order_by("-starts", "-pk"))
    days = _answers_by_day(found) if found else []
    if not days:
        return None
    answers = SurveyAnswer.objects.filter(_counted(found, days, today), survey__campaign=campaign)
    rows = answers.order_by("-survey__starts", "-survey").values_list("survey", "choices").annotate(n=Count("pk"))
    titles = {each.pk: each.title for each in found}
    for key, group in groupby(rows, key=lambda row: row[0]):
        alike = [(choices, number) for _, choices, number in group]
        forms = (choices for choices, number in alike for _ in range(number))
        result = satisfaction.together(satisfaction.count(forms, max(len(choices) for choices, _ in alike)))
        if result.is_shown:
            return SurveyTotal(key, titles[key], result)
    return None


def comments_of(survey: Survey, today: date) -> list[str]:
    """Return the comments of counted answers in alphabetical order, so that nothing tells when or where they were written.

    None below MIN_ANSWERS.
    """
    counted = survey.answers.filter(_counted([survey], _answers_by_day([survey]), today))
    if counted.count() < satisfaction.MIN_ANSWERS:
        return []
    return sorted(counted.exclude(comment="").values_list("comment", flat=True))
