"""年底考核 of one unit: everything the campaign counts about it, on one page. Counts of other rooms; nothing is added up to a score."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from creation import access
from creation.appraisal import results
from creation.commendation.facts import UnitFacts, facts_by_unit
from creation.models import (
    UNANSWERED,
    Appraisal,
    Campaign,
    CaseState,
    Nomination,
    Publicity,
    PublicityLevel,
    Survey,
    Task,
    TypicalCase,
    Unit,
    User,
)
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission, Scope
from creation.rules.satisfaction import QuestionResult
from creation.rules.scoring import Sum
from creation.rules.targets import Standing
from creation.survey import survey_results
from creation.tasks import progress
from creation.tasks.figures import unit_ranks
from creation.tasks.measure_summary import MeasureTable, UnitReading, figure_text
from creation.tasks.progress import ProgressCell
from creation.tasks.rectification_figures import RectificationFigures, break_down


@dataclass(frozen=True, slots=True)
class UnitOfCampaign:
    """A unit in one campaign, for rights that reach so far."""

    campaign: Campaign
    unit: Unit

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign.pk, unit=self.unit.pk)


@dataclass(frozen=True, slots=True)
class YearMeasure:
    """A measured target of the unit: ``text`` is what it reported."""

    name: str
    target: str
    text: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Rank:
    place: int
    of: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    """``rank`` by 报送率, only in a campaign that ranks. ``replies``, ``missed``: of supervision orders. Results of assessments and
    surveys are for those who may read them; a survey's is None where it is withheld."""

    tasks: ProgressCell
    facts: UnitFacts
    rank: Rank | None
    rectifications: RectificationFigures
    replies: int
    missed: int
    measures: Sequence[YearMeasure]
    published: Sequence[tuple[str, int]]
    cases: int
    selected_cases: int
    commended: Sequence[Nomination]
    appraisals: Sequence[tuple[Appraisal, Sum]]
    surveys: Sequence[tuple[Survey, int, QuestionResult | None]]


def may_read(user: User, place: UnitOfCampaign) -> bool:
    """Return whether the person may read the page: who may export the unit's ledger."""
    return access.may(user, Permission.LEDGER_EXPORT, place)


def figures_of(place: UnitOfCampaign, user: User, today: date, calendar: Workdays) -> YearFigures:
    """Return the figures as of today."""
    campaign, unit = place.campaign, place.unit
    tasks = Task.objects.active().filter(campaign=campaign, unit=unit)
    replies = tasks.filter(action__order__isnull=False).values_list("status", "due_on")
    cases = Counter(TypicalCase.objects.filter(campaign=campaign, unit=unit).values_list("state", flat=True))
    commended = Nomination.objects.filter(unit=unit, commendation__campaign=campaign).commended()
    return YearFigures(
        tasks=progress.matrix(tasks.of_plan(), today, calendar).whole,
        facts=facts_by_unit(campaign, [unit.pk], today)[unit.pk],
        rank=_rank(campaign, unit, today) if campaign.ranking else None,
        rectifications=break_down(tasks, today).whole,
        replies=len(replies),
        missed=sum(status in UNANSWERED and due_on is not None and due_on < today for status, due_on in replies),
        measures=_measures(campaign, unit, today),
        published=_published(campaign, unit),
        cases=sum(number for state, number in cases.items() if state != CaseState.DRAFT),
        selected_cases=cases[CaseState.SELECTED],
        commended=list(commended.filter(commendation__decided_on__isnull=False).for_table()),
        appraisals=_appraisals(place, user),
        surveys=_surveys(place, user, today),
    )


def _rank(campaign: Campaign, unit: Unit, today: date) -> Rank | None:
    units = progress.matrix(Task.objects.active().of_plan().filter(campaign=campaign), today).units
    ranks = unit_ranks({key: cell.report_rate for key, cell in units.items()})
    return Rank(ranks[unit.pk], len(ranks)) if unit.pk in ranks else None


def _measures(campaign: Campaign, unit: Unit, today: date) -> list[YearMeasure]:
    return [
        YearMeasure(str(each.measure), each.measure.target_text, _reported(row), row.standing)
        for each in MeasureTable(campaign, today, [unit.pk]).summaries()
        for row in each.rows
    ]


def _reported(row: UnitReading) -> str:
    """Return the figures of the unit, without whether they are enough: a column of its own says that."""
    if row.reading is None or row.reading.day:
        return row.text
    return figure_text(row.reading.measure, row.reading.figures)


def _published(campaign: Campaign, unit: Unit) -> list[tuple[str, int]]:
    rows = Publicity.objects.active().filter(campaign=campaign, unit=unit)
    counts = Counter(rows.values_list("level", flat=True))
    return [(level.label, counts[level]) for level in PublicityLevel if counts[level]]


def _appraisals(place: UnitOfCampaign, user: User) -> list[tuple[Appraisal, Sum]]:
    """Return the closed mock assessments in which the unit was scored: before the close nobody learns a score."""
    closed = Appraisal.objects.visible_to(user).filter(campaign=place.campaign, closed_at__isnull=False)
    found = [(each, results.sum_of_unit(each, place.unit)) for each in closed.order_by("starts", "pk")]
    return [(each, whole) for each, whole in found if whole is not None]


def _surveys(place: UnitOfCampaign, user: User, today: date) -> list[tuple[Survey, int, QuestionResult | None]]:
    seen = Survey.objects.visible_to(user).filter(campaign=place.campaign).select_related("campaign")
    rows = [
        (each, row) for each in seen.order_by("starts", "pk") for row in survey_results.results_of(each, today).units
    ]
    return [(each, row.answered, row.result) for each, row in rows if row.unit == place.unit]
