"""A round of inspection in the demonstration: visits that were recorded and signed, one that was forgotten, one today, some ahead."""

import io
from datetime import datetime
from uuid import UUID

from creation.audit.actor import Actor
from creation.demo import papers
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.models import (
    AnswerMode,
    Campaign,
    Finding,
    FindingSource,
    Severity,
    SupervisionRound,
    User,
    Verdict,
    Visit,
    VisitCheck,
)
from creation.rules.policy import Role
from creation.supervision import checklists, checks, findings, photos, rounds, visit_plan, visits
from creation.supervision.checks import Noted
from creation.supervision.findings import FindingText
from creation.supervision.photos import PhotoFile
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from creation.tasks import rectification_plans, workflow

FIRST, LAST = -9, 6  # days of the round
PLANNED = -12
LINES = 5  # noted on each visit
MEND_WITHIN = 10  # workdays
MENDED = -1  # the day on which the first finding was reported as rectified
UNITS = 8
FORGOTTEN, UNSIGNED = 1, 3  # of the visits in the order of their days


def plan(campaign: Campaign, people: People, days: DemoTimeline) -> None:
    """Plan the round: one team, a visit on every other workday, one of them today."""
    liaisons = [person for person in people[Role.LIAISON] if person.unit_id][:UNITS]
    before, ahead = days.workdays(FIRST, -1), days.workdays(1, LAST)
    numbers = [*before[-5:], 0, *ahead][: len(liaisons)]
    days.plan(days.at(PLANNED, 9), _plan_round, campaign, people, days, dict(zip(numbers, liaisons, strict=False)))


def _plan_round(campaign: Campaign, people: People, days: DemoTimeline, visited: dict[int, User], at: datetime) -> None:
    said, office = texts("plan")["supervision"], Actor(people[Role.INSPECTOR][0], at)
    points = list(campaign.system.indicators.sections().filter(code=said["section"]))
    text = RoundText(said["name"], days.day(FIRST), days.day(LAST), said["focus"], said["preparation"], points)
    row = rounds.add_round(campaign, text, office)
    team = TeamText(said["team"], office.human, [people[Role.REVIEWER][0]])
    units = {number: person.unit for number, person in visited.items() if person.unit}
    made = {each.unit_id: each for each in rounds.add_team(row, team, list(units.values()), office).visits.for_table()}
    planned = [(made[unit.pk], number) for number, unit in units.items()]
    visit_plan.set_days(
        row, [PlannedDay(visit, days.day(number), "am", visit.version) for visit, number in planned], office
    )
    visit_plan.announce(row, office)
    for place, (number, person) in enumerate(sorted(visited.items())):
        if number < 0 and place != FORGOTTEN:
            days.plan(days.at(number, 10), _visit, row, person, office.human, days)
        if number < 0 and place not in (FORGOTTEN, UNSIGNED):
            days.plan(days.at(number, 17), _sign, row, person)


def _visit(row: SupervisionRound, liaison: User, inspector: User, days: DemoTimeline, at: datetime) -> None:
    """Note the first lines of the checklist, with a photo and a finding where something does not agree, and write the feedback."""
    office, said = Actor(inspector, at), texts("plan")["supervision"]["noted"]
    visit = Visit.objects.for_table().get(round=row, unit=liaison.unit_id)
    lines = [line for group in checklists.checklist(visit, at.date(), inspector).groups for line in group.lines]
    for number, (line, (verdict, remark)) in enumerate(zip(lines[:LINES], said, strict=False)):
        key = UUID(int=visit.pk * 1000 + number, version=4)
        check = checks.note_check(visit, key, Noted(line.task, "", verdict, remark), office)
        if verdict == Verdict.MISMATCH:
            _photograph(check, key, office)
            made = _record_finding(check, days, office)
            if not Finding.objects.filter(visit__round=row, pk__lt=made.pk).exists():
                days.plan(days.at(MENDED, 15), _mend, made, liaison)
    noted = checklists.checklist(visit, at.date(), inspector).noted
    visits.record_visit(visit, visits.feedback_draft(visit, noted), office, visit.version)


def _photograph(check: VisitCheck, key: UUID, office: Actor) -> None:
    title = texts("plan")["supervision"]["photo"]
    content = papers.make(papers.SamplePage("jpg", title, check.visit.unit.name, office.today, key.int % 7, "", ()))
    file = PhotoFile(key, f"{title}.jpg", len(content))
    photos.receive(check, file, 0, len(content), io.BytesIO(content).read, office)


def _record_finding(check: VisitCheck, days: DemoTimeline, office: Actor) -> Finding:
    visit, campaign = check.visit, check.visit.round.campaign
    source = FindingSource.objects.filter(district=campaign.district_id, active=True).earliest("order")
    text = FindingText(
        check.remark, source, source_paper=str(visit.round), found_on=office.today, severity=Severity.GENERAL,
        indicator=check.task.indicator if check.task else None,
    )  # fmt: skip
    due = {visit.unit: days.calendar.shift(office.today, MEND_WITHIN)}
    return findings.record_finding(campaign, text, due, office, task=check.task, visit=visit, noted=check)


def _mend(made: Finding, liaison: User, at: datetime) -> None:
    """Let the unit write its plan and report what it has mended: the inspection group finds it to be verified."""
    task, said, own = made.rectifications.for_table().get(), texts("plan")["supervision"], Actor(liaison, at)
    rectification_plans.set_plan(task, said["measures"], said["leader"], liaison.name, 0, own)
    answer = {"mode": AnswerMode.STATEMENT, "statement": said["report"], "results": said["mended"]}
    workflow.perform(workflow.MOVES["submit"], task, own, task.version, answer)


def _sign(row: SupervisionRound, liaison: User, at: datetime) -> None:
    visit = Visit.objects.for_table().get(round=row, unit=liaison.unit_id)
    visits.sign_feedback(visit, liaison.name, Actor(liaison, at), visit.version)
