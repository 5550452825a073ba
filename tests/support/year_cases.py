"""Typical cases over the year: each unit writes one; the office selects it, or returns it and the unit mends it, or leaves it."""

from datetime import date, datetime, timedelta

from creation.models import TypicalCase
from creation.publicity import cases
from creation.publicity.cases import CaseText
from tests.support.year import Year

FIRST, LAST = date(2026, 9, 14), date(2026, 10, 30)
DRAFT, SUBMITTED, RETURNED, SELECTED = "起草中", "已报送", "退回修改", "已采用"
FATES = (SELECTED, SELECTED, RETURNED, SUBMITTED, DRAFT)


def plan_cases(year: Year, log: dict[str, tuple[str, str]]) -> None:
    """``log``: title → unit, and what became of the case."""
    for number, unit in enumerate(year.units):
        year.plan(year.workday(FIRST, LAST), 14, write, year, log, unit, f"典型经验{number}")


def write(year: Year, log: dict[str, tuple[str, str]], unit: str, title: str, at: datetime) -> None:
    if unit == year.merged:
        return
    fate, person = year.rng.choice(FATES), year.liaison(unit, at)
    case = cases.write_case(year.campaign, year.units[unit], CaseText(title, "做法。", "成效。"), person)
    log[title] = (unit, DRAFT)
    if fate != DRAFT:
        cases.submit_case(case, person, case.version)
        log[title] = (unit, SUBMITTED)
    if fate in (RETURNED, SELECTED):
        year.plan(at.date() + timedelta(days=1), 10, judge, year, log, title, case.pk, fate)


def judge(year: Year, log: dict[str, tuple[str, str]], title: str, key: int, fate: str, at: datetime) -> None:
    case, office = TypicalCase.objects.select_related("campaign").get(pk=key), year.actor("reviewer", at)
    cases.judge_case(case, select=fate == SELECTED, comment="请补充数据。", actor=office, seen=case.version)
    log[title] = (log[title][0], fate)
