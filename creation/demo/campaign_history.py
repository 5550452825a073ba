"""What happened in the demonstration campaign from its opening to yesterday evening."""

import io
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet

from creation import models
from creation.audit.actor import Actor
from creation.campaigns import campaign_actions
from creation.communication import announcements, instructions, opinions, questions
from creation.demo import final_report, meeting_history, papers, publicity_history, supervision, survey_history
from creation.demo.accounts import People
from creation.demo.appraisal_history import AppraisalHistory
from creation.demo.commendation_history import CommendationHistory
from creation.demo.order_history import OrderHistory
from creation.demo.rectification_history import RectificationHistory
from creation.demo.sentences import answer_of, texts
from creation.demo.storylines import Scale, Storyline, draw_storylines
from creation.demo.task_history import TaskHistory
from creation.demo.timeline import OPENED, DemoTimeline, Report
from creation.evidence import attachments, citing, items, page_marks, uploads
from creation.evidence.links import link_checks, manual_checks
from creation.evidence.pending_uploads import FileDescription
from creation.models import Campaign, EvidenceKind, PhaseKind, Task, TaskStatus, Unit, User
from creation.notices import digest_builder, escalation, urging
from creation.rules.policy import Role
from creation.tasks import progress

SELDOM = 5  # one person in so many rarely reads notices
FORGETFUL = 5  # one unit in so many has not signed the announcement yet
URGED, CALLED = (-12, -8, -3), -1  # days; the second and third time only tasks still open
URGED_UNITS = 5
BEGUN = 0.7  # share of the units that have started on an instruction, with these storylines in turn
STORYLINES = (
    Storyline.APPROVED,
    Storyline.APPROVED,
    Storyline.WAITING,
    Storyline.APPROVED,
    Storyline.RETURNED,
    Storyline.DRAFTED,
    Storyline.APPROVED,
)
FILM, ARRIVED = 48 << 20, 1 << 20  # size of a video in bytes, and the bytes received when the upload broke off
CITED_BY = 3  # tasks


def fill(campaign: Campaign, people: People, days: DemoTimeline, scale: Scale, report: Report | None = None) -> None:
    """Plan all events, then run them in chronological order."""
    history = TaskHistory(people, days, scale.pictures)
    history.plan(draw_storylines([task for task in _tasks(campaign) if answer_of(task)], days, scale))
    _plan_office_work(campaign, history)
    RectificationHistory(campaign, people, days).plan()
    OrderHistory(campaign, people, days).plan()
    meeting_history.plan(campaign, people, days)
    publicity_history.plan(campaign, people, days)
    AppraisalHistory(campaign, people, days).plan()
    CommendationHistory(campaign, people, days).plan()
    survey_history.plan(campaign, people, days)
    final_report.plan(campaign, people, days)
    days.plan(days.at(-1, 16), _use_evidence, campaign, history)
    days.plan(days.at(-1, 17), _read_evidence, campaign, Actor(people[Role.REVIEWER][0], days.at(-1, 17)))
    for number in range(OPENED, 0):
        days.plan(days.at(number, digest_builder.DIGEST_HOUR), lambda at: digest_builder.run_daily(Actor(None, at)))
        days.plan(days.at(number, 18), lambda at: digest_builder.run_urgent(Actor(None, at)))
        days.plan(days.at(number, 19), _read_notices, people, number % (2 * SELDOM) == 0)
        days.plan(days.at(number, 23), lambda at: progress.take_snapshot(campaign, at.date()))
    days.run(report)


def _plan_office_work(campaign: Campaign, history: TaskHistory) -> None:
    days, people, said = history.timeline, history.people, texts("plan")
    for each in said["instructions"]:
        days.plan(days.at(each["day"], 8), _instruct, campaign, each, history)
    for day, code, place, asked, *reply in said["questions"]:
        days.plan(days.at(day, 10), _ask, campaign, code, place, asked)
        if reply:
            days.plan(days.at(reply[0], 16), _reply, asked, *reply[1:], people)
    for day, text, lead, assists, due, *settled in said["orders"]:
        days.plan(days.at(day, 9), _order, campaign, text, (lead, assists, days.day(due) if due else None), people)
        if settled:
            days.plan(days.at(settled[0], 17), _answer_order, text, settled[1], people)
    for day, code, text, *settled in said["opinions"]:
        days.plan(days.at(day, 14), _give_opinion, campaign, code, text, people)
        if settled:
            days.plan(days.at(settled[0], 15), _answer_opinion, text, settled[1], people)
    issued, *others = days.workdays(-12, -1)[-4:]
    days.plan(days.at(issued, 10), _announce, campaign, people, days.day(1))
    for place, liaison in enumerate(people[Role.LIAISON]):
        if place % FORGETFUL:
            days.plan(days.at(others[place % len(others)], 10, place), _sign, campaign, liaison)
    for day in URGED:
        days.plan(days.at(day, 15), _urge, campaign, people)
    days.plan(days.at(CALLED, 15), _phone, campaign, history)
    days.plan(days.at(-2, 14), history.return_again)
    supervision.plan(campaign, people, days)


def _tasks(campaign: Campaign, **conditions: Any) -> QuerySet[Task]:
    return Task.objects.active().filter(campaign=campaign, **conditions).for_table().order_by("pk")


def _instruct(campaign: Campaign, each: dict[str, Any], history: TaskHistory, at: datetime) -> None:
    """Create an action with an attached instruction and plan storylines for its tasks."""
    title = f"{each['paper']}（示例）"
    content = papers.make(
        papers.SamplePage("docx", title, campaign.host.name, at.date(), each["day"], "", (each["text"],))
    )
    wanted = campaign_actions.NewAction(
        phase=campaign.phases.get(kind=PhaseKind.EVIDENCE),
        audience=models.Audience.CHOSEN,
        units=list(Unit.objects.filter(district=campaign.district, short_name__in=each["units"])),
        due_on=history.timeline.day(each["due"]),
        **{name: each[name] for name in ("title", "text", "source", "modes")},
    )
    with attachments.stored_attachments([SimpleUploadedFile(f"{title}.docx", content)]) as files:
        action = campaign_actions.create_action(campaign, wanted, Actor(history.people[Role.COORDINATOR][0], at), files)
    tasks = _tasks(campaign, action=action, owner__isnull=False).order_by("unit__order")
    drawn = [(task, STORYLINES[n % len(STORYLINES)]) for n, task in enumerate(tasks) if history.rng.random() < BEGUN]
    history.plan(drawn, given=each["day"])


def _order(
    campaign: Campaign, text: str, asked: tuple[str, list[str], date | None], people: People, at: datetime
) -> None:
    lead, assists, due_on = asked
    units = {unit.short_name: unit for unit in Unit.objects.filter(district=campaign.district)}
    named = [units[name] for name in assists if name in units]
    said = instructions.InstructionText(text, units.get(lead), named, due_on)
    instructions.write_instruction(campaign, said, Actor(people[Role.LEADING_GROUP][0], at))


def _answer_order(text: str, answer: str, people: People, at: datetime) -> None:
    found = models.Instruction.objects.for_table().get(text=text)
    instructions.answer_instruction(found, answer, Actor(people[Role.COORDINATOR][0], at))


def _give_opinion(campaign: Campaign, code: str, text: str, people: People, at: datetime) -> None:
    task = _tasks(campaign, indicator__code=code).order_by("-role", "unit__order")[0]
    opinions.give_opinion(task, text, Actor(people[Role.ASSESSOR][0], at))


def _answer_opinion(text: str, answer: str, people: People, at: datetime) -> None:
    found = models.Opinion.objects.for_table().get(text=text)
    opinions.answer_opinion(found, answer, Actor(people[Role.REVIEWER][0], at))


def _ask(campaign: Campaign, code: str, place: int, asked: str, at: datetime) -> None:
    tasks = list(_tasks(campaign, indicator__code=code, owner__isnull=False).order_by("-role", "unit__order"))
    task = tasks[min(place, len(tasks) - 1)]
    questions.ask_question(task, asked, Actor(task.owner, at))


def _reply(asked: str, published: bool, text: str, people: People, at: datetime) -> None:
    question, wording = models.Question.objects.for_table().get(text=asked), questions.ReplyText(text, asked, published)
    questions.reply_to(question, wording, Actor(people[Role.REVIEWER][0], at))


def _announce(campaign: Campaign, people: People, sign_by: date, at: datetime) -> None:
    title, body = texts("plan")["announcement"]
    ends = campaign.phases.get(kind=PhaseKind.EVIDENCE).ends or sign_by
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    text = announcements.AnnouncementText(title, body.format(day=f"{ends.month}月{ends.day}日"), units, True, sign_by)
    announcements.issue_announcement(campaign, text, Actor(people[Role.COORDINATOR][0], at))


def _sign(campaign: Campaign, liaison: User, at: datetime) -> None:
    announcement = models.Announcement.objects.get(campaign=campaign)
    announcements.sign_receipt(announcement, announcement.version, Actor(liaison, at))


def _urge(campaign: Campaign, people: People, at: datetime) -> None:
    late = Task.objects.active().filter(campaign=campaign, owner__isnull=False).overdue(at.date())
    units = Unit.objects.filter(pk__in=late.values("unit")).order_by("order")[:URGED_UNITS]
    if keys := list(late.filter(unit__in=list(units)).values_list("pk", flat=True)):
        urging.urge(campaign, keys, texts("plan")["urging"], Actor(people[Role.INSPECTOR][0], at))


def _phone(campaign: Campaign, history: TaskHistory, at: datetime) -> None:
    office = Actor(history.people[Role.INSPECTOR][0], at)
    for owed in escalation.units_to_phone(campaign, at.date(), history.timeline.calendar)[:1]:
        escalation.record_call(campaign, owed.unit, texts("plan")["phone_call"], office)


def _read_notices(people: People, everybody: bool, at: datetime) -> None:
    """Mark the notices of earlier days as read."""
    readers = [person.pk for n, person in enumerate(chain(*people.values())) if everybody or n % SELDOM]
    models.Notice.objects.filter(person__in=readers, created_at__lt=at.replace(hour=0)).mark_read(at)


def _use_evidence(campaign: Campaign, history: TaskHistory, at: datetime) -> None:
    """Apply one thing each to five open tasks: a secrecy mark, a broken-off upload, a second version, a deletion, an item cited often."""
    said, evidence = texts("plan"), history.evidence
    open_tasks = _tasks(campaign, status=TaskStatus.OPEN, indicator__isnull=False, owner__isnull=False)
    marked, broken_off, replaced, deleted, cited = open_tasks[:5]

    def owner(task: Task) -> Actor:
        return Actor(task.owner, at)

    title, text = said["marked"]
    data = {
        "title": title,
        "dated_on": at.date(),
        "issuer": marked.unit.name,
        "confidentiality": "internal",
        "declared": True,
    }
    items.add(marked, EvidenceKind.BRIEF, {"text": text.format(title=marked.title)}, data, owner(marked))
    film = FileDescription(said["film"], FILM, changed=round(at.timestamp() * 1000))  # chosen again, the upload resumes
    upload = uploads.begin(broken_off, film, None, owner(broken_off), declared=True)
    uploads.receive(upload, 0, ARRIVED, io.BytesIO(bytes(ARRIVED)).read, owner(broken_off))
    item = evidence.create(replaced, "brief brief", owner(replaced))
    items.replace(replaced, item, {"text": f"{item}\n{said['second_version']}"}, owner(replaced))
    item = evidence.create(deleted, "brief brief", owner(deleted))
    items.delete(item, item.version, said["deleted"], owner(deleted))
    item = evidence.create(cited, "docx own", owner(cited))
    others = citing.open_tasks_for(item, owner(cited).human, campaign)[:CITED_BY]
    citing.cite_many(item, dict.fromkeys(others, said["cited"]), owner(cited))


def _read_evidence(campaign: Campaign, office: Actor, at: datetime) -> None:
    """Create page marks, and check links by hand."""
    answered = {"task__campaign": campaign, "task__status__in": (TaskStatus.SUBMITTED, TaskStatus.APPROVED)}
    documents = models.Citation.objects.active().filter(evidence__kind=EvidenceKind.DOCUMENT, **answered)
    cited = documents.select_related("task__campaign", "number").order_by("pk")
    for note, citation in zip(texts("plan")["page_marks"], cited, strict=False):
        page_marks.add_mark(citation, citation.evidence.versions.latest("number"), 1, note, None, office)
    link_checks.create_watches(at)
    for note, watch in zip(texts("plan")["opened_links"], models.LinkWatch.objects.order_by("pk"), strict=False):
        manual_checks.record_check(watch, {"opens": True, "seen_on": office.today, "note": note}, None, office)
