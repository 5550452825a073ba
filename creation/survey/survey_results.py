"""What the answers of a survey come to: in steps while it goes on, so that nobody learns a single answer by comparing two looks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.db.models import Case, Count, F, Q, When

from creation.models import Campaign, Survey, SurveyAnswer, Unit
from creation.rules import satisfaction
from creation.rules.satisfaction import QuestionResult

NO_UNIT = 0  # no key of a database
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


class CountedAnswers:
    """Which answers behind codes are counted: see ``satisfaction.counted_until``. Those from paper always are, as somebody has read them.

    ``numbers``: unit → day → number of its answers behind codes. All are counted once the survey is over, unless there are fewer than
    MIN_ANSWERS.
    """

    def __init__(self, numbers: Mapping[int, Mapping[date, int]], today: date, *, is_over: bool) -> None:
        enough = sum(sum(each.values()) for each in numbers.values()) >= satisfaction.MIN_ANSWERS
        found = {unit: satisfaction.counted_until(each, today) for unit, each in numbers.items()}
        self.until = dict.fromkeys(numbers, date.max if enough else None) if is_over else found

    def includes(self, unit: int, day: date) -> bool:
        last = self.until[unit]
        return last is not None and day <= last


def results_of(survey: Survey, today: date) -> SurveyResults:
    """Count the answers. Three queries, whatever their number."""
    quotas: Mapping[int, int] = defaultdict(int)
    units: dict[int, Unit] = {}
    for batch in survey.batches.select_related("unit").order_by("unit__order", "unit"):
        quotas[batch.unit_id] += batch.quota  # type: ignore[index]
        units[batch.unit_id] = batch.unit
    papers: Counter[int] = Counter()
    behind_codes: Counter[int] = Counter()
    answers: dict[int, list[list[int]]] = defaultdict(list)
    for unit_id, by_hand, choices, is_counted in _answers_of(survey, today):
        (papers if by_hand else behind_codes)[unit_id] += 1
        if is_counted:
            answers[unit_id].append(choices)
    for unit in Unit.objects.filter(pk__in=(papers.keys() | behind_codes.keys()) - units.keys()):
        units[unit.pk] = unit
    width = len(survey.questions)
    # Who entered the papers of a unit could subtract them.
    hidden = satisfaction.withheld({key: behind_codes[key] or len(rows) for key, rows in answers.items()})
    found = satisfaction.count((each for rows in answers.values() for each in rows), width)
    rows = [
        UnitSurvey(
            unit,
            quotas.get(key, 0),
            papers[key] + behind_codes[key],
            behind_codes[key],
            len(answers.get(key, ())),
            None if key in hidden or key not in answers else _together(answers[key], width),
        )
        for key, unit in sorted(units.items(), key=lambda each: (each[1].order, each[0]))
    ]
    questions = list(zip(survey.questions, found, strict=True))
    return SurveyResults(questions, satisfaction.together(found), rows, papers.total())


def _answers_of(survey: Survey, today: date) -> Iterator[tuple[int, bool, list[int], bool]]:
    """Yield unit, whether it came on paper, choices and whether it is counted, of each answer."""
    found = list(survey.answers.values_list("unit", "by_hand", "choices", "day"))
    counted = _counted_of(((unit, day, 1) for unit, by_hand, _, day in found if not by_hand), survey, today)
    for unit, by_hand, choices, day in found:
        yield unit, by_hand, choices, by_hand or counted.includes(unit, day)


def _counted_of(answers: Iterable[tuple[int, date, int]], survey: Survey, today: date) -> CountedAnswers:
    numbers: dict[int, Counter[date]] = defaultdict(Counter)
    for unit, day, number in answers:
        numbers[unit][day] += number
    return CountedAnswers(numbers, today, is_over=not survey.is_open(today))


def _together(answers: Iterable[Sequence[int]], questions: int) -> QuestionResult:
    return satisfaction.together(satisfaction.count(answers, questions))


@dataclass(frozen=True, slots=True)
class SurveyTotal:
    """All answers to a survey together."""

    survey: int
    title: str
    result: QuestionResult


class SameAnswers(NamedTuple):
    """Answers of a survey with the same choices; of one that goes on those of one unit and day, else of none."""

    survey: int
    title: str
    by_hand: bool
    choices: list[int]
    unit: int
    day: date
    number: int


def latest_total(campaign: Campaign, today: date) -> SurveyTotal | None:
    """Return the latest survey that shows results, in one query; None without one.

    Of surveys that are over its result does not grow with the answers.
    """
    goes_on = Q(survey__starts__lte=today, survey__ends__gte=today) if campaign.is_open else Q(pk=None)
    answers = SurveyAnswer.objects.filter(survey__campaign=campaign).order_by("-survey__starts", "-survey")
    grouped = answers.annotate(
        of=Case(When(goes_on, then=F("unit")), default=NO_UNIT), on=Case(When(goes_on, then=F("day")), default=today)
    )
    rows = grouped.values_list("survey", "survey__title", "by_hand", "choices", "of", "on").annotate(n=Count("pk"))
    for (key, title), group in groupby((SameAnswers(*row) for row in rows), key=lambda each: each[:2]):
        result = _total_of(list(group), today)
        if result.is_shown:
            return SurveyTotal(key, title, result)
    return None


def _total_of(alike: Sequence[SameAnswers], today: date) -> QuestionResult:
    numbers: dict[int, Counter[date]] = defaultdict(Counter)
    for each in alike:
        if not each.by_hand:
            numbers[each.unit][each.day] += each.number
    counted = CountedAnswers(numbers, today, is_over=alike[0].unit == NO_UNIT)
    shown = [each for each in alike if each.by_hand or counted.includes(each.unit, each.day)]
    forms = (each.choices for each in shown for _ in range(each.number))
    return _together(forms, max(len(each.choices) for each in alike))


def comments_of(survey: Survey, today: date) -> list[str]:
    """Return the comments of counted answers in alphabetical order, so that nothing tells when or where they were written.

    None below MIN_ANSWERS.
    """
    found = list(survey.answers.values_list("unit", "by_hand", "day", "comment"))
    counted = _counted_of(((unit, day, 1) for unit, by_hand, day, _ in found if not by_hand), survey, today)
    shown = [comment for unit, by_hand, day, comment in found if by_hand or counted.includes(unit, day)]
    return sorted(filter(None, shown)) if len(shown) >= satisfaction.MIN_ANSWERS else []
