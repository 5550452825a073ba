"""What supervision says of one unit stands in nothing that another unit can open: pages, lists, files, notices, mails, feed, search."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest
from django.urls import reverse

from creation import access
from creation.audit.actor import Actor
from creation.models import (
    Action,
    Digest,
    Finding,
    FindingSource,
    Notice,
    ReplyCycle,
    RequestKind,
    SupervisionOrder,
    SupervisionRound,
    Task,
    Visit,
    VisitPhoto,
)
from creation.notices import calendar_feed, digest_builder
from creation.supervision import checks, findings, meetings, orders, rounds, visit_plan, visits
from creation.supervision.checks import Noted
from creation.supervision.findings import FindingText
from creation.supervision.meetings import MeetingText
from creation.supervision.orders import OrderText
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from creation.tasks import personal_acts, progress_notes, rectification_plans, unit_requests, workflow
from reports.lists import LISTS
from tests.support.job_files import download_result
from tests.support.routes import list_addresses
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

WORD = "金丝雀暗语"
NEXT_DAY = NOW + timedelta(days=4)  # a Tuesday: the digest of the day before has gone


@pytest.fixture
def told(world: World) -> list[str]:
    """Let all that supervision can say of 老街街道 carry the word, beside things that both units share. Return the addresses of what is
    老街街道's alone."""
    inspector, office, rival = (world.actor(name) for name in ("inspector", "coordinator", "rival"))
    other, own = world.units["老街街道"], world.units["城管局"]
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    due = TODAY + timedelta(days=9)
    alone = findings.record_finding(world.campaign, _text(source, WORD), {other: due}, inspector)
    shared = findings.record_finding(world.campaign, _text(source, "共性问题"), {own: due, other: due}, office)
    task = shared.rectifications.for_table().get(unit=other)
    rectification_plans.set_plan(task, WORD, WORD, WORD, 0, rival)
    progress_notes.add_note(task, rival, TODAY, WORD, problem=WORD, help_wanted=WORD)
    unit_requests.submit_request(task, rival, RequestKind.EXTENSION, WORD, due + timedelta(days=3))
    answer = {"mode": "statement", "statement": WORD, "results": WORD}
    workflow.perform(workflow.MOVES["submit"], task, rival, task.version, answer)
    now = Task.objects.for_table().get(pk=task.pk)
    said = {"comment": WORD, "new_due_on": due}
    workflow.perform(workflow.MOVES["accept_part"], now, inspector, now.version, said)
    row = rounds.add_round(world.campaign, RoundText("第一轮督导", TODAY, TODAY, focus=WORD), inspector)
    team = rounds.add_team(row, TeamText("第一组", inspector.human), [own], inspector)
    second = rounds.add_team(row, TeamText(f"{WORD}组", inspector.human), [other], inspector)
    both = [team.visits.for_table().get(), second.visits.for_table().get()]
    visit_plan.set_days(row, [PlannedDay(each, TODAY, "am", each.version) for each in both], inspector)
    visit_plan.announce(row, inspector)
    visited = second.visits.for_table().get()
    check = checks.note_check(visited, UUID(int=1), Noted(task, "", "seen", WORD), inspector)
    Finding.objects.filter(pk=shared.pk).update(visit=visited, noted=check)
    VisitPhoto.objects.create(
        line=check, key=UUID(int=2), name=f"{WORD}.png", blob="no", size=1, created_by=inspector.human, created_at=NOW
    )
    visits.record_visit(visited, WORD, inspector, visited.version)
    matter = OrderText(WORD, other, (), WORD, WORD, ReplyCycle.WEEKLY)
    order = orders.issue_order(world.campaign, matter, inspector)
    common = orders.issue_order(world.campaign, OrderText("共同事项", own, [other], cycle=ReplyCycle.WEEKLY), inspector)
    reply = Task.objects.for_table().get(action=common.action, unit=other)
    workflow.perform(workflow.MOVES["submit"], reply, rival, reply.version, answer)
    meeting = meetings.record_meeting(world.campaign, MeetingText("weekly", WORD, TODAY, minutes=WORD), office)
    meetings.decide(meeting, f"{WORD}事项", WORD, [other], due, office)
    Action.objects.filter(pk=world.tasks["action"].action_id).update(personal_act="deploy")
    action = world.task("action").action
    acting = Task.objects.create(campaign=world.campaign, unit=other, action=action, phase=action.phase, due_on=due)  # type: ignore[union-attr]
    personal_acts.record_act(acting, TODAY, WORD, rival, where=WORD)
    photo = reverse("visit_photo", args=[world.campaign.pk, visited.pk, VisitPhoto.objects.get().pk])
    rows = (alone, visited, order, meeting, task, acting)
    return [*(row.get_absolute_url() for row in rows), photo]


def _text(source: FindingSource, words: str) -> FindingText:
    return FindingText(words, source, text=words, source_paper=words, basis=words, demand=words)


def words_of(content: bytes) -> str:
    """Return the text of a file: of a workbook the cells and comments of every sheet."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode(errors="replace")
    book = openpyxl.load_workbook(io.BytesIO(content))
    return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def test_it_is_on_no_page_in_no_list_and_in_no_search(world: World, told: list[str]) -> None:
    client, opened = world.client("liaison"), 0
    for address in list_addresses(world.campaign.pk):
        response = client.get(address)
        opened += response.status_code == 200
        body = b"" if response.streaming else response.content
        if b'name="q"' in body:
            body += client.get(f"{address}?q={WORD[:3]}").content  # a part, as the field of the search repeats it
        assert WORD not in body.decode(errors="replace"), address
    assert opened > 40
    person = world.people["liaison"]
    for rows in (Finding, SupervisionOrder, SupervisionRound, Visit, Task):
        for row in rows.objects.visible_to(person).for_table():  # type: ignore[attr-defined]
            assert WORD not in client.get(row.get_absolute_url()).content.decode(), row
    assert [client.get(address).status_code for address in told] == [404] * len(told)
    assert WORD in world.client("rival").get(told[0]).content.decode()


def test_it_is_in_no_file_notice_mail_or_feed(world: World, told: list[str]) -> None:
    client, campaign = world.client("liaison"), world.campaign.pk
    own = [kind for kind, each in LISTS.items() if access.may(world.people["liaison"], each.permission, world.campaign)]
    assert {"rounds", "visits", "orders", "personal_acts", "readings", "publicity", "cases", "commendations"} == set(
        own
    )
    lists = [reverse("list_export", args=[campaign, kind]) for kind in own]
    for address in [
        *lists,
        reverse("rectification_book_export", args=[campaign]),
        reverse("ledger_export", args=[campaign]),
    ]:
        assert WORD not in words_of(download_result(client, address, {})[0]), address
    digest_builder.run_daily(Actor(None, NEXT_DAY))
    person = world.people["liaison"]
    for row in (*Notice.objects.filter(person=person), *Digest.objects.filter(person=person)):
        assert WORD not in str(vars(row))
    assert WORD not in calendar_feed.build_feed(person, NOW).decode()
    assert Notice.objects.filter(person=world.people["rival"], text__contains=WORD).exists()
    assert WORD in calendar_feed.build_feed(world.people["rival"], NOW).decode()
