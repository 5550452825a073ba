"""Supervision in the year: a meeting that decides, a round of visits, findings and how they are rectified, an order with weekly replies."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from creation.models import FindingSource, InspectionTeam, SupervisionOrder, SupervisionRound, Task, Verdict, Visit
from creation.supervision import checklists, checks, findings, meetings, orders, rounds, visit_plan, visits
from creation.supervision.checks import Noted
from creation.supervision.findings import FindingText
from creation.supervision.meetings import MeetingText
from creation.supervision.orders import OrderText
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from creation.tasks import rectification_plans, workflow
from tests.support.year import Year
from tests.support.year_count import BACK, CLOSED, LASTING, MENDING, PARTLY, REPORTED, Duty, Mending
from tests.support.year_tasks import approve, hand_in, plan_fate

COURSES = {
    "report close": 4,
    "report send_back report close": 3,
    "report accept_part report close": 2,
    "report keep": 1,
    "report close relapse report close": 2,
    "report": 1,
    "": 2,
}
MEETING, PLANNED, FIRST, LAST = date(2026, 7, 6), date(2026, 9, 4), date(2026, 9, 7), date(2026, 9, 18)
EVERYWHERE, WITHDRAWN = date(2026, 9, 21), date(2026, 9, 28)
ISSUED, ORDER_CLOSED = date(2026, 9, 22), date(2026, 10, 30)
CHANGEABLE = (MENDING, BACK, PARTLY)


def plan_supervision(year: Year) -> None:
    year.plan(MEETING, 16, decide, year)
    year.plan(PLANNED, 9, plan_round, year)
    year.plan(EVERYWHERE, 9, find_everywhere, year)
    year.plan(ISSUED, 9, issue_order, year)


def decide(year: Year, at: datetime) -> None:
    """Hold a meeting that gives three units something to do."""
    office, asked = year.actor("coordinator", at), year.rng.sample(sorted(year.units), 3)
    meeting = meetings.record_meeting(year.campaign, MeetingText("progress", "推进会", at.date()), office)
    due = date(2026, 7, 31)
    action = meetings.decide(meeting, "补齐台账", "逐项核对。", [year.units[unit] for unit in asked], due, office)
    for unit in asked:
        duty = Duty(unit, action.code, "", due)
        year.duties.append(duty)
        plan_fate(year, duty, at.date())


def plan_round(year: Year, at: datetime) -> None:
    """Plan a visit to each unit, and announce it."""
    inspector = year.actor("inspector", at)
    row = rounds.add_round(year.campaign, RoundText("第一轮集中督导", FIRST, LAST), inspector)
    team = rounds.add_team(
        row, TeamText("第一组", inspector.human, [year.people["reviewer"]]), list(year.units.values()), inspector
    )
    days = {visit: year.workday(FIRST, LAST) for visit in _visits(team)}
    visit_plan.set_days(row, [PlannedDay(visit, day, "am", visit.version) for visit, day in days.items()], inspector)
    assert len(visit_plan.announce(row, inspector)) == len(year.units)
    for visit, day in days.items():
        year.plan(day, 10, pay_visit, year, row, visit.unit.short_name)


def _visits(team: InspectionTeam) -> list[Visit]:
    return list(team.visits.for_table().order_by("pk"))


def pay_visit(year: Year, row: SupervisionRound, unit: str, at: datetime) -> None:
    """Note the first lines of the checklist, record a finding for what does not agree, write the feedback; the unit signs."""
    inspector = year.actor("inspector", at)
    visit = Visit.objects.for_table().get(round=row, unit__short_name=unit)
    listed = checklists.checklist(visit, at.date(), inspector.human)
    lines = [line for group in listed.groups for line in group.lines][:4]
    for number, line in enumerate(lines):
        verdict = year.rng.choice((Verdict.SEEN, Verdict.SEEN, Verdict.MISMATCH))
        noted = Noted(line.task, "", verdict, "" if verdict == Verdict.SEEN else "日期不符")
        check = checks.note_check(visit, UUID(int=visit.pk * 100 + number, version=4), noted, inspector)
        if verdict == Verdict.MISMATCH:
            find(year, [unit], f"{unit}所报与原件不符（{number}）", at, check.task, visit)
    listed = checklists.checklist(visit, at.date(), inspector.human)
    visits.record_visit(visit, visits.feedback_draft(visit, listed.noted), inspector, visit.version)
    visit = Visit.objects.for_table().get(pk=visit.pk)
    visits.sign_feedback(visit, "某联络员", year.liaison(unit, at), visit.version)


def find_everywhere(year: Year, at: datetime) -> None:
    """Record a finding that all units have in common, and one that is withdrawn a week later."""
    find(year, sorted(year.units), "公示超过规定日期", at)
    find(year, sorted(year.units)[:2], "登记有误", at)
    year.plan(WITHDRAWN, 11, withdraw, year, year.mendings[-1].finding)


def find(year: Year, units: list[str], title: str, at: datetime, task: Task | None = None, visit: Any = None) -> None:
    source = FindingSource.objects.filter(district=year.campaign.district_id).earliest("order")
    due = year.calendar.shift(at.date(), 10)
    text = FindingText(title, source, found_on=at.date(), is_common=len(units) > 1)
    days = {year.units[unit]: due for unit in units}
    made = findings.record_finding(year.campaign, text, days, year.actor("inspector", at), task=task, visit=visit)
    for unit in units:
        mending = Mending(f"W{made.serial:03d}", unit, due)
        year.mendings.append(mending)
        _plan_course(year, mending, at.date())


def _plan_course(year: Year, mending: Mending, day: date) -> None:
    course = year.rng.choices(list(COURSES), list(COURSES.values()))[0]
    year.told.append(f"{mending.unit} {mending.finding}: {course or 'nothing'}")
    for step in course.split():
        day = year.workday(day + timedelta(days=2), day + timedelta(days=12))
        year.plan(day, 14, STEPS[step], year, mending)


def withdraw(year: Year, finding: str, at: datetime) -> None:
    row = year.campaign.findings.get(serial=int(finding[1:]))
    findings.withdraw_finding(row, "登记错了。", year.actor("inspector", at))
    for each in year.mendings:
        each.gone |= each.finding == finding


def report(year: Year, mending: Mending, at: datetime) -> None:
    if mending.gone or mending.status not in CHANGEABLE or mending.unit == year.merged:
        return
    task, person = _task(year, mending), year.liaison(mending.unit, at)
    if not mending.reports:
        before = rectification_plans.plan_of(task)
        seen = before.version if before else 0
        rectification_plans.set_plan(task, "逐卷补齐。", "某局长", person.human.name, seen, person)
    said = {"mode": "statement", "statement": "已经改正。", "measures": "补齐", "results": "补齐 3 卷"}
    workflow.perform(workflow.MOVES["submit"], task, person, task.version, said)
    mending.status, mending.reports = REPORTED, mending.reports + 1


def _verify(year: Year, mending: Mending, move: str, sources: tuple[str, ...], at: datetime, **said: Any) -> bool:
    if mending.gone or mending.status not in sources:
        return False
    task = _task(year, mending)
    said["why_alone"] = "督导检查组只有一人"
    workflow.perform(workflow.MOVES[move], task, year.actor("inspector", at), task.version, said)
    return True


def close(year: Year, mending: Mending, at: datetime) -> None:
    if _verify(year, mending, "close", (REPORTED,), at, how="现场", comment="看了原件"):
        mending.status, mending.closed_on = CLOSED, at.date()


def send_back(year: Year, mending: Mending, at: datetime) -> None:
    due = year.calendar.shift(at.date(), 7)
    said = {"reason": "missing", "comment": "缺记录。", "new_due_on": due}
    if _verify(year, mending, "return_rectification", (REPORTED,), at, **said):
        mending.status, mending.due = BACK, due


def accept_part(year: Year, mending: Mending, at: datetime) -> None:
    due = year.calendar.shift(at.date(), 7)
    if _verify(year, mending, "accept_part", (REPORTED,), at, comment="还差 3 件", new_due_on=due):
        mending.status, mending.due = PARTLY, due


def keep(year: Year, mending: Mending, at: datetime) -> None:
    due = date(2027, 9, 1)
    if _verify(year, mending, "keep", (REPORTED,), at, comment="领导小组第 5 次会议", new_due_on=due):
        mending.status, mending.due = LASTING, due


def relapse(year: Year, mending: Mending, at: datetime) -> None:
    due = year.calendar.shift(at.date(), 7)
    if _verify(year, mending, "relapse", (CLOSED,), at, comment="又缺记录", new_due_on=due):
        mending.status, mending.due, mending.closed_on = BACK, due, None
        mending.relapses += 1


STEPS = {
    "report": report,
    "close": close,
    "send_back": send_back,
    "accept_part": accept_part,
    "keep": keep,
    "relapse": relapse,
}


def _task(year: Year, mending: Mending) -> Task:
    rows = Task.objects.active().rectifications().filter(campaign=year.campaign, unit__short_name=mending.unit)
    return rows.for_table().get(finding__serial=int(mending.finding[1:]))


def issue_order(year: Year, at: datetime) -> None:
    """Issue an order with weekly replies to three units."""
    lead, *assists = year.rng.sample(sorted(year.units), 3)
    text = OrderText("限期整改公示问题", year.units[lead], [year.units[each] for each in assists], cycle="weekly")
    order = orders.issue_order(year.campaign, text, year.actor("inspector", at))
    year.told.append(f"{order.number}: {lead}, {' '.join(assists)}")
    _give_replies(year, order, [lead, *assists], at)
    year.plan(ORDER_CLOSED, 17, close_order, year, order)


def _give_replies(year: Year, order: SupervisionOrder, units: list[str], at: datetime) -> None:
    """Log the replies of this week, and plan those that are given; the next week's follow on Monday."""
    calendar_year, week, weekday = at.date().isocalendar()
    friday = at.date() + timedelta(days=5 - weekday)
    due = year.calendar.on_or_before(friday)
    units = list(dict.fromkeys(year.heirs.get(unit, unit) for unit in units))
    for unit in units:
        duty = Duty(unit, f"DB-{order.serial:03d}", "", due, period=f"{calendar_year}W{week:02d}")
        year.duties.append(duty)
        if year.rng.random() < 0.6:
            year.plan(year.workday(at.date(), due), 13, hand_in, year, duty)
            year.plan(due + timedelta(days=3), 16, approve, year, duty)
    monday = at.date() + timedelta(days=8 - weekday)
    if monday <= ORDER_CLOSED:
        year.on_day(monday, 8, _give_replies, year, order, units)


def close_order(year: Year, order: SupervisionOrder, at: datetime) -> None:
    now = SupervisionOrder.objects.get(pk=order.pk)
    owed = orders.close_order(now, "已经整改。", year.actor("inspector", at), now.version)
    ended = [each for each in year.duties if each.period and each.is_unanswered]
    assert owed == len(ended)
    for each in ended:
        each.gone = True
