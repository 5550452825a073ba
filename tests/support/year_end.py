"""The end of the year: publicity, a mock assessment with three blind assessors, nominations up to the decision, the close."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from creation.appraisal import organizing, requests, score_sheet
from creation.appraisal.organizing import ExtraPoint, NewAppraisal
from creation.campaigns import campaign_lifecycle
from creation.commendation import commendations, consultations, nominations, publication, voting
from creation.commendation.commendations import CommendationCall
from creation.commendation.nominations import NominationText
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalRequest,
    Campaign,
    Commendation,
    Consultation,
    Nomination,
    Score,
    Unit,
)
from creation.publicity import cases, register
from creation.publicity.cases import CaseText
from creation.publicity.register import NewPublicity
from tests.support.year import Year

ASSESSED, REQUESTED, SCORES_CLOSED = date(2026, 10, 19), date(2026, 10, 21), date(2026, 11, 6)
CALLED, NOMINATED, VOTED, DECIDED, ENDS = (
    date(2026, 11, 16),
    date(2026, 11, 27),
    date(2026, 12, 2),
    date(2026, 12, 22),
    date(2026, 12, 31),
)
POINTS, ASSESSORS = 10, ("expert", "second", "reviewer")
MEMBERS = ("chief", "deputy", "inspector")


@dataclass
class YearEnd:
    """The log of the last phases.

    ``cases``: title → unit and state; ``scores``: unit → checkpoint → what was given; ``nominees``: name → kind, and whether it is still
    on.
    """

    published: list[tuple[str, str]] = field(default_factory=list)
    cases: dict[str, tuple[str, str]] = field(default_factory=dict)
    scores: dict[str, dict[str, list[Fraction]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    extras: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    vetoed: set[str] = field(default_factory=set)
    assessed: list[str] = field(default_factory=list)
    scored_points: dict[str, set[str]] = field(default_factory=dict)
    nominees: dict[str, tuple[str, str]] = field(default_factory=dict)
    votes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    commended: list[str] = field(default_factory=list)


def plan_end(year: Year) -> YearEnd:
    end = YearEnd()
    for number in range(2 * len(year.units)):
        year.plan(year.workday(date(2026, 9, 8), date(2026, 11, 26)), 11, publish, year, end, number)
    for number in range(len(year.units)):
        year.plan(year.workday(date(2026, 9, 8), date(2026, 11, 26)), 14, write_case, year, end, number)
    year.plan(ASSESSED, 10, assess, year, end)
    year.plan(CALLED, 9, call, year, end)
    return end


def publish(year: Year, end: YearEnd, number: int, at: datetime) -> None:
    unit = year.rng.choice([each for each in year.units if each != year.merged])
    level = year.rng.choice(("city", "district", "unit"))
    title = f"创建报道{number}"
    of_publicity = (year.duty(unit, code) for code in ("X-1", "X-2", "X-3"))
    duty = next((each for each in of_publicity if each and each.is_unanswered), None)
    task = year.task(duty) if duty else None
    new = NewPublicity(title, "漯河日报", "news", level, at.date(), f"https://example.cn/{number}.html", task=task)
    register.record_publicity(year.campaign, year.units[unit], new, year.liaison(unit, at))
    end.published.append((unit, title))
    if duty:
        duty.pieces.append(title)


def write_case(year: Year, end: YearEnd, number: int, at: datetime) -> None:
    """Write a typical case, which the office selects or returns on the spot."""
    unit = year.rng.choice([each for each in year.units if each != year.merged])
    author, title, select = year.liaison(unit, at), f"典型经验{number}", year.rng.random() < 0.6
    row = Unit.objects.get(pk=year.units[unit].pk)
    case = cases.write_case(year.campaign, row, CaseText(title, "一窗受理。", "少跑腿。"), author)
    case = cases.submit_case(case, author, case.version)
    office = year.actor("coordinator", at)
    cases.judge_case(case, select=select, comment="" if select else "请补充数据。", actor=office, seen=case.version)
    end.cases[title] = (unit, "已采用" if select else "退回修改")


def cases_at_the_end(year: Year, end: YearEnd) -> list[tuple[str, str, str]]:
    """Return unit, title and state of each; the unit into which another was merged goes on with what was returned."""
    return [
        (unit if state == "已采用" else year.heirs.get(unit, unit), title, state)
        for title, (unit, state) in end.cases.items()
    ]


def assess(year: Year, end: YearEnd, at: datetime) -> None:
    end.assessed = [unit for unit in year.units if unit != year.merged]
    sections = sorted({code.split("-")[0] for code in year.assigned})
    extras = [ExtraPoint("创新做法", "bonus", Decimal(5)), ExtraPoint("弄虚作假", "veto", Decimal(0))]
    new = NewAppraisal(
        name="10月模拟考核",
        kind="paper",
        starts=at.date(),
        ends=SCORES_CLOSED,
        units=[year.units[unit] for unit in end.assessed],
        sections=sections,
        default_points=Decimal(POINTS),
        assessors={year.actor(name, at).human: [] for name in ASSESSORS},
        extras=extras,
    )
    made = organizing.create_appraisal(year.campaign, new, year.actor("coordinator", at))
    end.scored_points = {
        unit: {duty.code for duty in year.duties if duty.unit == unit and not duty.gone and duty.code in year.assigned}
        for unit in end.assessed
    }
    end.vetoed = {year.rng.choice(end.assessed)}
    year.told.append(f"vetoed: {end.vetoed}")
    for number, name in enumerate(ASSESSORS):
        for unit in end.assessed:
            day = year.workday(at.date() + timedelta(days=1), SCORES_CLOSED - timedelta(days=2))
            year.plan(day, 9 + number, score, year, end, made, name, unit)
    year.plan(REQUESTED, 15, ask, year, made)
    year.plan(SCORES_CLOSED, 16, close_scores, year, made)


def score(year: Year, end: YearEnd, made: Appraisal, name: str, unit: str, at: datetime) -> None:
    """Score one unit at most of its points, one of them twice."""
    assessor = year.actor(name, at)
    made = Appraisal.objects.select_related("campaign").get(pk=made.pk)
    seat = made.seats.select_related("appraisal__campaign", "person").get(person=assessor.human)
    row = year.units[unit]
    for point in made.points.select_related("indicator__parent__parent").order_by("order"):
        if point.effect == "normal" and point.title and point.indicator and year.rng.random() < 0.9:
            if point.indicator.code in end.scored_points[unit]:
                value = Decimal(year.rng.randrange(0, 2 * POINTS + 1)) / 2
                saved = score_sheet.save_score(seat, point, row, value, "", assessor)
                if year.rng.random() < 0.1:
                    value = Decimal(POINTS)
                    score_sheet.save_score(seat, point, row, value, "再看", assessor, seen=saved.version)
                end.scores[unit][point.indicator.code].append(Fraction(value))
        elif point.effect == "bonus" and name == "expert":
            score_sheet.save_score(seat, point, row, Decimal(2), "", assessor)
            end.extras[unit] += 2
        elif point.effect == "veto" and name == "second" and unit in end.vetoed:
            score_sheet.save_score(seat, point, row, None, "", assessor, vetoed=True)


def ask(year: Year, made: Appraisal, at: datetime) -> None:
    """Ask a unit for more, which it answers the next day."""
    assessor = year.actor("expert", at)
    seat = made.seats.select_related("appraisal__campaign", "person").get(person=assessor.human)
    unit = year.rng.choice([each for each in year.units if each != year.merged])
    point = AppraisalPoint.objects.filter(appraisal=made).order_by("order")[0]
    asked = requests.ask(seat, point, year.units[unit], "请补充通报原件。", assessor)
    year.plan(at.date() + timedelta(days=1), 10, answer, year, asked, unit)


def answer(year: Year, asked: AppraisalRequest, unit: str, at: datetime) -> None:
    requests.answer(asked, "已放在要点下。", year.liaison(unit, at))


def close_scores(year: Year, made: Appraisal, at: datetime) -> None:
    organizing.close_appraisal(made, year.actor("coordinator", at))
    assert Score.objects.filter(seat__appraisal=made).exists()


def call(year: Year, end: YearEnd, at: datetime) -> None:
    members = [year.actor(name, at).human for name in MEMBERS]
    said = CommendationCall("2026年度表彰", 2, 2, "成绩突出。", NOMINATED, 2, members)
    made = commendations.open_commendation(year.campaign, said, year.actor("coordinator", at))
    for unit in year.units:
        if unit != year.merged:
            year.plan(year.workday(at.date() + timedelta(days=1), NOMINATED), 10, nominate, year, end, made, unit)
    year.plan(NOMINATED + timedelta(days=3), 9, consult, year, made)
    year.plan(VOTED, 10, vote, year, end, made)


def nominate(year: Year, end: YearEnd, made: Commendation, unit: str, at: datetime) -> None:
    """Nominate a collective or a person; one in five is withdrawn."""
    kind = year.rng.choice(("collective", "person"))
    number = made.nominations.count()
    name = f"{unit}法制科{number}" if kind == "collective" else f"某某{number}"
    text = NominationText(kind, name, "" if kind == "collective" else "科员", "办理及时。", "推荐。")
    person = year.liaison(unit, at)
    row = nominations.nominate(made, Unit.objects.get(pk=year.units[unit].pk), text, person)
    if year.rng.random() < 0.2:
        nominations.withdraw_nomination(row, person)
    else:
        end.nominees[name] = (kind, unit)


def consult(year: Year, made: Commendation, at: datetime) -> None:
    office = year.actor("coordinator", at)
    for organ in ("纪检监察机关", "公安机关"):
        consultations.ask(made, organ, at.date(), at.date() + timedelta(days=5), office)
    consultations.record_clear(made, "公安机关", at.date(), office)
    for asked in Consultation.objects.filter(nomination__commendation=made, organ="纪检监察机关"):
        consultations.record_opinion(asked, "clear", at.date(), "", office)


def vote(year: Year, end: YearEnd, made: Commendation, at: datetime) -> None:
    """Vote, close the vote, and put those in the public notice who have more than half, up to the quota."""
    office = year.actor("coordinator", at)
    voting.open_vote(made, office)
    for name in MEMBERS:
        member = year.actor(name, at)
        seat = voting.seat_of(made, member.human.pk)
        assert seat
        choices = {each.pk: year.rng.choice(("yes", "yes", "no")) for each in voting.ballot_of(seat)}
        voting.vote(seat, choices, member)
        for each in Nomination.objects.filter(pk__in=choices):
            end.votes[each.name].append(choices[each.pk])
    voting.close_vote(made, office)
    passed = [name for name in end.nominees if end.votes[name].count("yes") * 2 > len(end.votes[name])]
    chosen = [name for kind in ("collective", "person") for name in passed if end.nominees[name][0] == kind][:2]
    year.told.append(f"nominated {end.nominees}, chosen {chosen}")
    if not chosen:
        return
    rows = list(Nomination.objects.filter(commendation=made, name__in=chosen).order_by("pk"))
    until = year.calendar.shift(at.date(), 5)
    publication.publish(made, rows, until, office)
    end.commended = chosen
    if len(rows) > 1:
        year.plan(at.date() + timedelta(days=2), 10, object_to, year, end, rows[0])
    year.plan(DECIDED, 10, decide, year, made)


def object_to(year: Year, end: YearEnd, row: Nomination, at: datetime) -> None:
    office = year.actor("coordinator", at)
    objection = publication.record_objection(row, "", at.date(), "材料不实。", office)
    publication.handle_objection(objection, True, "核实后撤下。", office)
    end.commended.remove(row.name)


def decide(year: Year, made: Commendation, at: datetime) -> None:
    publication.decide(made, "源政〔2026〕12号", at.date(), year.actor("coordinator", at))


def close_campaign(year: Year, at: datetime) -> None:
    now = Campaign.objects.get(pk=year.campaign.pk)
    campaign_lifecycle.close_campaign(now, now.name, year.actor("coordinator", at))
