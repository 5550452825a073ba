"""The whole year, from mobilization to commendation, in accelerated time: what the site hands out agrees with an independent count.

The schedule is drawn anew each day and printed when the test fails; ``TESTS_SEED`` repeats it. ``--long``: more units, every checkpoint.
"""

import ast
import os
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from creation.models import Appraisal, Commendation, Digest, FinalAssessment, Notice, NoticeKind, Survey, Urgency
from creation.operations import archive_check
from creation.papers import final_assessment
from tests.support import year as years
from tests.support import year_count as count
from tests.support import year_end, year_papers, year_supervision, year_tasks
from tests.support.year import OUTAGE, Year, moment
from tests.support.year_count import Duty
from tests.support.year_end import YearEnd
from tests.support.year_papers import YearPapers

MONTHS = [*(date(2026, month, 1) - timedelta(days=1) for month in range(7, 13)), years.ENDED]
Month = tuple[Counter[Any], Counter[Any]]
AFTER_OUTAGE = OUTAGE[-1] + timedelta(days=1)
REMINDERS_A_WEEK = 3


def test_the_count_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(count.__file__).read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {module.split(".")[0] for module in modules}.isdisjoint({"creation", "reports", "config", "tests", "django"})


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh_data_dir")
def test_the_year(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    seed, scale = os.environ["TESTS_SEED"], years.WHOLE if request.config.getoption("--long") else years.SHORT
    year = years.begin(scale, Random(seed))
    try:
        year_tasks.plan_tasks_of_year(year)
        year_supervision.plan_supervision(year)
        papers, end = year_papers.plan_papers(year), year_end.plan_end(year)
        past: dict[date, Month] = {}
        for last in MONTHS:
            if last.month == OUTAGE[0].month:
                check_outage(year)
            year.run_until(last)
            past[last] = check_month(year, last)
        at = moment(years.ENDED, 23, 50)
        chosen = list(past) if scale.every_day else [year.rng.choice(MONTHS[:-1])]
        for last in chosen:
            check_past(year, last, past[last], at)
        check_year(year, end, at)
        check_papers(year, papers, at)
        check_notices(year)
        year_end.close_campaign(year, at)
        check_archive(year, at + timedelta(minutes=5), tmp_path)
    finally:
        print(f"TESTS_SEED={seed}", *year.told, sep="\n")


def check_outage(year: Year) -> None:
    """For three days no job ran; on the next workday everybody hears of what became overdue meanwhile, once."""
    year.run_until(OUTAGE[-1])
    start = moment(OUTAGE[0], 0)
    assert not Notice.objects.filter(kind=NoticeKind.REMINDER, created_at__gte=start).exists()
    late = [duty for duty in year.duties if duty.is_unanswered and duty.due in OUTAGE[:2]]
    owed = {(year.liaisons[duty.unit].pk, year.task(duty).pk) for duty in late}
    assert owed
    year.run_until(AFTER_OUTAGE)
    told = Notice.objects.filter(kind=NoticeKind.REMINDER, created_at__gte=start).values_list("person", "task")
    assert owed <= set(told), (owed - set(told), late)


def check_month(year: Year, last: date) -> Month:
    """Compare the ledger and 两清单一台账 with the log; return what they have, to be compared with what they say of this day later."""
    at = moment(last, 23, 45)
    ledger = count.ledger(year.fetch(at, "ledger_export"))
    live = [duty for duty in year.duties if not duty.gone]
    same(Counter(map(count.task_of, ledger)), Counter(duty.as_row() for duty in live))
    liaisons = {(unit, person.name) for unit, person in year.liaisons.items()}
    assert count.liaisons_of(ledger, year.merged) <= liaisons
    mendings = [each for each in year.mendings if not each.gone]
    if mendings:
        names = {unit.name: short for short, unit in year.units.items()}
        duties, rows = count.mending_rows(year.fetch(at, "rectification_book_export"), names)
        same(duties, Counter(each.as_row() for each in mendings))
        same(rows, Counter(each.as_ledger_row() for each in mendings))
    return Counter(map(count.past_of, live)), Counter(each.as_past() for each in mendings)


def check_past(year: Year, day: date, was: Month, at: datetime) -> None:
    """Compare both as of an earlier day with what they had then; units that were merged since have another name."""
    ledger = count.ledger(year.fetch(at, "ledger_export", as_of=day.isoformat()))
    same(Counter(map(count.past_row, ledger)), was[0])
    if was[1]:
        names = {unit.name: short for short, unit in year.units.items()}
        _, rows = count.mending_rows(year.fetch(at, "rectification_book_export", as_of=day.isoformat()), names)
        same(Counter((finding, *closed) for finding, _, *closed in rows.elements()), was[1])


def same(found: Counter[Any], expected: Counter[Any]) -> None:
    assert found == expected, (
        f"too much: {sorted(found - expected, key=str)}; lacking: {sorted(expected - found, key=str)}"
    )


def check_year(year: Year, end: YearEnd, at: datetime) -> None:
    """Compare package, report, scores, register of publicity and list of the commended with the log."""
    live = [duty for duty in year.duties if not duty.gone]
    said = {"issue": "1", "first": "2026-12-01", "last": "2026-12-31", "title": "", "text": ""}
    answered = [duty for duty in live if duty.status in (count.WAITING, count.PASSED)]
    passed = [duty for duty in live if duty.status == count.PASSED]
    report = year.fetch_bulletin(at, **said)
    assert count.numbers_of_report(report) == (len(live), len(answered), len(passed))
    check_package(year, at, live, passed)
    made = Appraisal.objects.get()
    scores = count.score_rows(year.fetch(at, "appraisal_export", made.pk))
    points = dict.fromkeys(year.assigned, year_end.POINTS)
    for unit in end.assessed:
        given = (end.scores[unit], end.extras[unit], unit in end.vetoed)
        assert scores[unit] == count.sum_of_scores(points, end.scored_points[unit], *given), unit
    same(count.publicity_rows(year.fetch(at, "list_export", "publicity")), Counter(end.published))
    told = year_end.cases_at_the_end(year, end)
    same(count.case_rows(year.fetch(at, "list_export", "cases")), Counter(told))
    selected = sorted(title for _, title, state in told if state == "已采用")
    if selected:
        assert sorted(count.titles_in_booklet(year.fetch(at, "case_booklet"))) == selected
    if end.commended:
        kinds = {"collective": "集体", "person": "个人"}
        names = Counter((kinds[end.nominees[name][0]], name) for name in end.commended)
        same(count.nominee_rows(year.fetch(at, "commendees_export", Commendation.objects.get().pk)), names)


def check_package(year: Year, at: datetime, live: list[Duty], passed: list[Duty]) -> None:
    """The catalogue has each piece of evidence of the answers that passed, a paper for each statement, and names the other tasks."""
    found = count.package_rows(year.fetch_volume(at, "package", limit="0"))
    assert found["缺失和异常"] == []
    pieces = Counter(title for duty in passed for title in duty.pieces)
    same(Counter(row["题名"] for row in found["目录"] if row["类型"] != "情况说明"), pieces)
    statements = Counter((duty.unit, duty.code) for duty in passed if duty.mode == "statement")
    said = [row for row in found["目录"] if row["类型"] == "情况说明"]
    same(Counter((row["责任单位"], row["三级指标（要点）"].split()[0]) for row in said), statements)
    on_site = Counter((duty.unit, duty.code) for duty in passed if duty.mode == "on_site")
    same(Counter((row["责任单位"], row["要点编号"]) for row in found["现场核查清单"]), on_site)
    others = Counter((duty.unit, duty.code) for duty in live if duty.status != count.PASSED)
    same(Counter((row["责任单位"], row["编号"]) for row in found["未收录任务"]), others)


def check_papers(year: Year, papers: YearPapers, at: datetime) -> None:
    """Compare the results of the survey, the self-assessment report and what changed since it was made final with the log."""
    questions, units = count.survey_rows(year.fetch(at, "survey_export", Survey.objects.get().pk, "xlsx"))
    rows = [row for given in papers.answers.values() for row in given]
    for place, question in enumerate(year_papers.QUESTIONS):
        chosen = [row[place] for row in rows]
        expected = (*(chosen.count(choice) for choice in count.CHOICES), count.rate_of(chosen))
        assert questions[f"{place + 1}. {question}"] == expected
    names = {short: unit.name for short, unit in year.units.items()}
    rates = {names[unit]: rate for unit, rate in count.shown_rates(papers.answers).items()}
    assert units == {names[unit]: (len(given), rates[names[unit]]) for unit, given in papers.answers.items()}
    cited = [
        piece
        for duty in year.duties
        if not duty.gone and duty.status == count.PASSED and duty.code in year.assigned
        for piece in duty.pieces
    ]
    assert len(count.numbers_in_assessment(year.fetch(at, "assessment_export"))) == len(cited)
    final = FinalAssessment.objects.get()
    assert sum(each["answers"] for each in final.content["passages"]) == papers.final
    changed = final_assessment.differences(final)
    answers = {label: (then, now) for label, then, now in changed.counts}.get("汇总的答复")
    now = year_papers.passed_answers(year)
    assert answers == ((papers.final, now) if papers.final != now else None)


def check_notices(year: Year) -> None:
    """Nobody gets more than one daily digest a day and three a week beside what is told at once; every notice reached its person."""
    days = list(Digest.objects.filter(urgency=Urgency.DAILY).values_list("person", "day"))
    assert len(days) == len(set(days))
    reminded = Notice.objects.filter(kind=NoticeKind.REMINDER, urgency=Urgency.DAILY)
    told = {(person, timezone.localdate(at)) for person, at in reminded.values_list("person", "created_at")}
    weeks = Counter((person, day.isocalendar()[:2]) for person, day in told)
    assert max(weeks.values()) <= REMINDERS_A_WEEK, weeks.most_common(3)
    assert not Notice.objects.filter(digest=None, created_at__lt=year.last_round).exists()


def check_archive(year: Year, at: datetime, folder: Path) -> None:
    """The archive of the closed campaign agrees with its own check."""
    path = folder / "archive.zip"
    path.write_bytes(year.fetch_volume(at, "archive"))
    assert archive_check.check_archive(path).differences == []
    assert count.findings_in_archive(path) == {each.finding for each in year.mendings}
