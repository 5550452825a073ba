"""What is hidden, blocked by a mark of secrecy or deleted, and what a unit asks the office, is read only by those who may read it.

A normal run tries a quarter of the pages of each reader and half of the files: ``tests/support/sampling.py``.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import jobs
from creation.audit.actor import Actor
from creation.communication import questions
from creation.communication.questions import ReplyText
from creation.evidence.library import secrecy_check, visibility
from creation.models import Citation, Evidence, Job, Notice, NoticeKind, SecrecyMark, Urgency
from creation.notices import digest_builder
from creation.people import notifications
from creation.tasks import workflow
from tests.reports.test_archive import archived
from tests.support import route_objects
from tests.support.routes import ROUTES, list_addresses
from tests.support.sampling import Chosen
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

SECRET = "绿茵场上的暗语"
ASKED, ANSWERED = "问句里的暗语", "答句里的暗语"
READERS = ("reviewer", "inspector", "chief", "assessor", "rival", "leader", "liaison")
OUTSIDE = ("reviewer", "inspector", "chief", "assessor", "rival")


@pytest.fixture
def world(world_at_work: World) -> World:
    return world_at_work


@pytest.fixture
def cited(world: World) -> Citation:
    """Return a citation of a piece that was submitted, beside another piece."""
    citation = world.cite("lead", SECRET)
    Citation.objects.filter(pk=citation.pk).update(passage=f"{SECRET}第三段")
    world.cite("lead", "另一份")
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload"})
    return citation


def hide(world: World, citation: Citation) -> None:
    visibility.hide(citation.evidence, f"原因是{SECRET}", world.actor("coordinator"))


def block(world: World, citation: Citation) -> None:
    version = citation.evidence.versions.get()
    SecrecyMark.objects.create(evidence=citation.evidence, version=version, place="text", word="机密")
    secrecy_check._notify_uploader(citation.evidence, "正文：机密", world.actor("liaison"))


def delete(world: World, citation: Citation) -> None:
    Evidence.objects.filter(pk=citation.evidence_id).update(
        deleted_at=NOW, deleted_by=world.people["liaison"], delete_reason="误传"
    )


STOPS = {"hidden": hide, "blocked": block, "deleted": delete}


def pages(world: World, citation: Citation) -> list[str]:
    """Return the pages, lists and records where the piece could be named."""
    campaign, task = world.campaign.pk, citation.task_id
    other = Citation.objects.exclude(pk=citation.pk).get()
    return [
        reverse("task", args=[campaign, task]),
        reverse("exhibit", args=[campaign, task, citation.pk]),
        reverse("exhibit", args=[campaign, task, other.pk]),
        reverse("review", args=[campaign, task]),
        reverse("library", args=[campaign]),
        reverse("library", args=[campaign]) + f"?q={SECRET}",
        reverse("library_bin", args=[campaign]),
        reverse("evidence", args=[citation.evidence_id]),
        reverse("evidence_preview", args=[citation.evidence_id, 1]),
        reverse("application", args=[campaign]),
        reverse("on_site", args=[campaign]),
        reverse("assessment", args=[campaign]),
        reverse("links", args=[campaign]),
        reverse("proof"),
        reverse("notices"),
        reverse("todo"),
        reverse("jobs"),
    ]


def chosen_pages(world: World, citation: Citation, chosen: Chosen) -> list[str]:
    return [address for number, address in enumerate(pages(world, citation)) if chosen(number)]


def read(world: World, who: str, address: str) -> str:
    return world.client(who).get(address, follow=True).content.decode()


@pytest.mark.parametrize("stop", STOPS)
def test_no_page_says_a_word_of_a_stopped_piece(
    world: World, cited: Citation, stop: str, one_in: Callable[[int], Chosen]
) -> None:
    readers = (*OUTSIDE, "liaison", "leader") if stop == "hidden" else OUTSIDE
    assert any(SECRET in read(world, "reviewer", address) for address in pages(world, cited))
    STOPS[stop](world, cited)
    digest_builder.run_all(Actor(None, NOW))
    for who in readers:
        for address in chosen_pages(world, cited, partial(one_in(4), stop, who)):
            text = read(world, who, address)
            for own in (f"原因：原因是{SECRET}", f'value="{SECRET}"'):  # what the unit is told, what the reader typed
                text = text.replace(own, "")
            assert SECRET not in text, (who, address)


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("who", OUTSIDE)
def test_no_list_of_any_room_says_a_word_of_a_stopped_piece(
    world: World, cited: Citation, stop: str, who: str, one_in: Callable[[int], Chosen]
) -> None:
    STOPS[stop](world, cited)
    client, chosen, opened = world.client(who), one_in(6), 0
    for number, address in enumerate(list_addresses(world.campaign.pk)):
        if not chosen(stop, who, number):
            continue
        response = client.get(address)
        opened += response.status_code == 200
        if not response.streaming:
            assert SECRET not in response.content.decode(errors="replace"), address
    assert opened > 3


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("kind", ["evidence", "link", "virus"])
def test_the_proof_of_delivery_withholds_notices_that_name_a_stopped_piece(
    world: World, cited: Citation, stop: str, kind: str
) -> None:
    notifications.notify(
        world.people["liaison"],
        NoticeKind.CHANGED,
        f"{kind}：{SECRET}",
        world.actor("coordinator"),
        subject=f"{kind}/1",
        dedup_key="x",
        evidence=cited.evidence,
        urgency=Urgency.AT_ONCE,
    )
    digest_builder.run_all(Actor(None, NOW))
    assert SECRET in read(world, "inspector", reverse("proof"))
    STOPS[stop](world, cited)
    digest_builder.run_all(Actor(None, NOW))
    assert SECRET not in read(world, "inspector", reverse("proof"))
    assert "内容不予显示" in read(world, "inspector", reverse("proof"))
    assert SECRET in read(world, "coordinator", reverse("proof"))


def object_pages(world: World, chosen: Chosen) -> Iterator[list[str]]:
    """Create the objects of one chosen kind after the other beside the piece; yield their pages while they are there."""
    shown = [route for route in ROUTES if route.method == "get" and not route.also]
    for kind in sorted({route.kind for route in shown} - {"page", "campaign"}):
        if not chosen(kind):
            continue
        with transaction.atomic():
            there = [target for target in getattr(route_objects, kind)(world) if target.scope is not None]
            routes = [route for route in shown if route.kind == kind]
            yield sorted({reverse(route.name, kwargs=each.args | route.more) for route in routes for each in there})
            transaction.set_rollback(True)


@pytest.mark.parametrize("stop", STOPS)
def test_no_page_of_an_object_says_a_word_of_a_stopped_piece_or_of_a_question(
    world: World, cited: Citation, question: Any, stop: str, one_in: Callable[[int], Chosen]
) -> None:
    opened = 0
    STOPS[stop](world, cited)
    clients = {who: world.client(who) for who in OUTSIDE}
    for addresses in object_pages(world, partial(one_in(6), stop)):
        for who, address in product(OUTSIDE, addresses):
            answer = clients[who].get(address)
            opened += answer.status_code == 200
            text = (answer.getvalue() if answer.streaming else answer.content).decode(errors="replace")
            asked = (ASKED, ANSWERED) if who in ("chief", "assessor") else ()
            assert not [word for word in (SECRET, *asked) if word in text], (who, address)
    assert opened > 3


@pytest.mark.parametrize("stop", STOPS)
def test_the_archive_says_no_word_of_a_stopped_piece(world: World, cited: Citation, stop: str, tmp_path: Path) -> None:
    approve(world)
    STOPS[stop](world, cited)
    archive = archived(world, tmp_path)
    assert archive.filename
    assert SECRET not in text_of(Path(archive.filename).read_bytes())
    assert "另一份" in text_of(Path(archive.filename).read_bytes())


def test_the_unit_hears_that_a_piece_was_hidden_and_why(world: World, cited: Citation) -> None:
    hide(world, cited)
    assert "原因是" in read(world, "liaison", reverse("notices"))
    notice = Notice.objects.get(slot__startswith="hidden/")
    assert "原因是" in Notice.objects.with_words_for(world.people["coordinator"]).get(pk=notice.pk).words
    assert "原因是" not in Notice.objects.with_words_for(world.people["inspector"]).get(pk=notice.pk).words


def test_a_piece_that_was_shown_and_hidden_again_is_not_named_to_the_unit(world: World, cited: Citation) -> None:
    hide(world, cited)
    visibility.show(Evidence.objects.get(pk=cited.evidence_id), "已核对", world.actor("coordinator"))
    assert f"“{SECRET}”已解除紧急隐藏" in read(world, "liaison", reverse("notices"))
    later = replace(world.actor("coordinator"), at=NOW + timedelta(minutes=1))
    visibility.hide(Evidence.objects.get(pk=cited.evidence_id), "又有疑问", later)
    page = read(world, "liaison", reverse("notices"))
    assert f"“{SECRET}”" not in page
    assert "又有疑问" in page


def approve(world: World) -> None:
    workflow.perform(workflow.MOVES["approve"], world.task("lead"), world.actor("reviewer"), 2, {})


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("who", ["reviewer", "inspector", "chief", "assessor"])
def test_no_page_of_an_approved_answer_says_a_word_of_a_stopped_piece(
    world: World, cited: Citation, stop: str, who: str, one_in: Callable[[int], Chosen]
) -> None:
    approve(world)
    assert SECRET in read(world, "reviewer", reverse("application", args=[world.campaign.pk]))
    STOPS[stop](world, cited)
    for address in chosen_pages(world, cited, partial(one_in(4), "approved", stop, who)):
        assert SECRET not in read(world, who, address).replace(f'value="{SECRET}"', ""), address


@pytest.mark.parametrize("stop", STOPS)
def test_a_cancelled_job_does_not_say_which_piece_it_was_at(world: World, cited: Citation, stop: str) -> None:
    world.client("assessor").post(reverse("package", args=[world.campaign.pk]), {"limit": "0", "all": "on"})
    job = Job.objects.get(kind="package")
    Job.objects.filter(pk=job.pk).update(state="running", message=f"正在核对 1 {SECRET}")
    assert SECRET in read(world, "assessor", job.get_absolute_url())
    world.client("assessor").post(reverse("job_cancel", args=[job.pk]))
    STOPS[stop](world, cited)
    assert SECRET not in read(world, "assessor", reverse("jobs"))


# Result files


def made(world: World, who: str, kind: str) -> Job:
    """Return the finished job of a file that this person requested."""
    name, data = {
        "ledger": ("ledger_export", {}),
        "package": ("package", {"limit": "0", "all": "on"}),
        "assessment": ("assessment_export", {}),
    }[kind]
    world.client(who).post(reverse(name, args=[world.campaign.pk]), data)
    jobs.run_jobs()
    job = Job.objects.get(owner=world.people[who], kind=kind)
    assert job.is_file, job.message
    return job


def fetched(world: World, who: str, address: str) -> tuple[int, str]:
    """Return the status and, for a refusal, its page."""
    answer = world.client(who).get(address)
    body = answer.getvalue()
    return answer.status_code, body.decode() if answer.status_code != 200 else ""


def address_of(job: Job) -> str:
    return reverse("package_file", args=[job.pk, 1]) if job.kind == "package" else reverse("job_file", args=[job.pk])


@pytest.mark.parametrize("kind", ["ledger", "package"])
@pytest.mark.parametrize("stop", STOPS)
def test_an_older_file_is_judged_again_when_it_is_fetched(world: World, cited: Citation, stop: str, kind: str) -> None:
    job = made(world, "assessor", kind)
    assert fetched(world, "assessor", address_of(job))[0] == 200
    STOPS[stop](world, cited)
    status, page = fetched(world, "assessor", address_of(job))
    assert status == 403
    assert "请重新生成" in page
    Job.objects.filter(pk=job.pk).delete()
    again = made(world, "assessor", kind)
    assert fetched(world, "assessor", address_of(again))[0] == 200


def queries_of_fetching(world: World, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert fetched(world, "assessor", address)[0] == 200
    return [each["sql"] for each in queries if 'FROM "creation_evidence"' in each["sql"]]


@pytest.mark.parametrize("kind", ["ledger", "paper"])
def test_a_fetch_asks_once_and_only_about_the_pieces_that_the_file_names(
    world: World, cited: Citation, kind: str
) -> None:
    if kind == "ledger":
        address = address_of(made(world, "assessor", "ledger"))
    else:
        world.client("coordinator").post(reverse("ledger_export", args=[world.campaign.pk]), {"stamp": "1"})
        jobs.run_jobs()
        address = reverse("paper_file", args=[world.campaign.pk, world.campaign.papers.get().pk])
    (asked,) = queries_of_fetching(world, address)
    assert "IN (" in asked
    plan = "".join(row[3] for row in connection.cursor().execute(f"EXPLAIN QUERY PLAN {asked}").fetchall())
    assert "SCAN creation_evidence" not in plan


def test_a_file_of_thousands_of_pieces_is_judged_in_one_query(world: World, cited: Citation) -> None:
    keys, person = [cited.evidence_id, *range(100_000, 103_000)], world.people["assessor"]
    assert not Evidence.objects.are_words_withheld(keys, person)
    hide(world, cited)
    with CaptureQueriesContext(connection) as queries:
        assert Evidence.objects.are_words_withheld(keys, person)
        assert not Evidence.objects.are_words_withheld(keys[1:], person)
    assert len(queries) == 2


def test_a_file_without_the_piece_is_not_refused(world: World, cited: Citation) -> None:
    job = made(world, "rival", "ledger")
    hide(world, cited)
    assert fetched(world, "rival", address_of(job))[0] == 200


@pytest.mark.parametrize("stop", STOPS)
def test_a_numbered_ledger_is_withheld_while_it_names_the_piece(world: World, cited: Citation, stop: str) -> None:
    world.client("coordinator").post(reverse("ledger_export", args=[world.campaign.pk]), {"stamp": "1"})
    jobs.run_jobs()
    paper = world.campaign.papers.get()
    address = reverse("paper_file", args=[world.campaign.pk, paper.pk])
    assert fetched(world, "assessor", address)[0] == 200
    STOPS[stop](world, cited)
    assert fetched(world, "assessor", address)[0] == 403
    assert fetched(world, "coordinator", address)[0] == 200


def text_of(content: bytes) -> str:
    """Return the text of every part of a workbook, a document or an archive of them."""
    found = ""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            found += name + (text_of(part) if name.endswith((".xlsx", ".docx")) else part.decode("utf-8", "replace"))
    return found


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("who", ["reviewer", "inspector", "chief", "assessor"])
def test_no_new_file_says_a_word_of_a_stopped_piece(
    world: World, cited: Citation, stop: str, who: str, one_in: Callable[[int], Chosen]
) -> None:
    number = str(cited.number)
    STOPS[stop](world, cited)
    approve(world)
    for kind in filter(partial(one_in(2), stop, who), ("ledger", "package", "assessment")):
        address = address_of(made(world, who, kind))
        text = text_of(world.client(who).get(address).getvalue())
        assert SECRET not in text, kind
        assert kind == "package" or stop == "deleted" or number not in text, kind


# Questions


@pytest.fixture
def question(world: World) -> Any:
    asked = questions.ask_question(world.task("lead"), ASKED, world.actor("liaison"))
    questions.reply_to(asked, ReplyText(ANSWERED), world.actor("coordinator"))
    return asked


@pytest.mark.parametrize("who", ["chief", "assessor"])
def test_the_history_shows_no_questions_to_leaders_and_assessors(world: World, question: Any, who: str) -> None:
    page = read(world, who, reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert ASKED not in page
    assert ANSWERED not in page


@pytest.mark.parametrize("who", ["liaison", "leader", "reviewer", "inspector", "coordinator"])
def test_the_history_shows_questions_to_the_unit_and_the_office(world: World, question: Any, who: str) -> None:
    page = read(world, who, reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert ASKED in page
    assert ANSWERED in page
