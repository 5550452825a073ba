"""Ledgers, annexes and statements printed for the stamp have a number, the same each time they are requested."""

import io
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from creation.models import AuditEntry, Draft, Job, Paper
from creation.rules.policy import Role
from tests.reports.test_documents import text_of
from tests.support.evidence_files import pdf
from tests.support.upload_requests import upload
from tests.support.world import NOW, World, add_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]


def export(world: World, who: str, name: str = "ledger_export", *args: str, **asked: Any) -> bytes:
    client = world.client(who)
    answer = client.post(reverse(name, args=[world.campaign.pk, *args]), asked)
    assert answer.status_code == 302, answer.content.decode()
    job = Job.objects.latest("pk")
    assert job.is_file, job.message
    return b"".join(client.get(reverse("job_file", args=[job.pk])).streaming_content)


def feet(content: bytes) -> dict[str, str | None]:
    workbook: Workbook = load_workbook(io.BytesIO(content))
    return {sheet.title: sheet.oddFooter.left.text for sheet in workbook if sheet.oddFooter.center.text}


def test_a_ledger_for_the_stamp_bears_number_and_code_on_every_printed_sheet(world: World) -> None:
    content = export(world, "coordinator", stamp="1")
    paper = Paper.objects.get()
    assert (paper.unit, paper.created_by, paper.kind) == (world.units["司法局"], world.people["coordinator"], "ledger")
    assert set(feet(content).values()) == {paper.note}
    assert "分单位" not in feet(content)
    missing = reverse("papers", args=[world.campaign.pk]) + "?show=unstamped"
    assert paper.number in world.client("chief").get(missing).content.decode()


def test_a_working_copy_has_no_number_and_says_so(world: World) -> None:
    content = export(world, "coordinator")
    assert set(feet(content).values()) == {"工作用表，未编号"}
    assert "分单位" in feet(content)
    assert not Paper.objects.exists()


def test_a_paper_about_all_units_is_hidden_from_the_unit_that_seals_it(world: World) -> None:
    world.people["host"] = add_person("host", "司联络", Role.LIAISON, world.units["司法局"])
    export(world, "coordinator", stamp="1")
    export(world, "coordinator", "annex_export", "annex1", stamp="1")
    export(world, "coordinator", stamp="1", unit=str(world.units["城管局"].pk))
    papers = reverse("papers", args=[world.campaign.pk])
    for who, seen in (("host", []), ("liaison", ["2026-0003"]), ("chief", ["2026-0001", "2026-0002", "2026-0003"])):
        page = world.client(who).get(papers).content.decode()
        assert [number for number in ("2026-0001", "2026-0002", "2026-0003") if number in page] == seen, who


def test_a_second_click_gives_the_same_paper_and_another_answer_another_one(world: World) -> None:
    first = export(world, "liaison", stamp="1")
    with time_machine.travel("2026-07-31 10:05 +0800", tick=False):
        assert export(world, "liaison", stamp="1") == first
    paper = Paper.objects.get()
    assert paper.unit == world.units["城管局"]
    world.cite("lead")
    assert export(world, "liaison", stamp="1") != first
    assert Paper.objects.count() == 2
    with time_machine.travel("2026-08-01 10:00 +0800", tick=False):
        export(world, "liaison", stamp="1")
    assert Paper.objects.count() == 3, "the line for the stamp bears another day"


@pytest.mark.parametrize(("who", "asked"), [("leader", {}), ("chief", {}), ("inspector", {}), ("assessor", {})])
def test_who_collects_no_stamps_numbers_nothing(world: World, who: str, asked: dict[str, str]) -> None:
    client, address = world.client(who), reverse("ledger_export", args=[world.campaign.pk])
    assert 'name="stamp"' not in client.get(reverse("ledger", args=[world.campaign.pk])).content.decode()
    assert client.post(address, {"stamp": "1"} | asked).status_code == 403
    assert not Paper.objects.exists()


def test_a_right_that_went_before_the_worker_began_numbers_nothing(world: World) -> None:
    from creation import background

    job = background.request_job("ledger", {"campaign": world.campaign.pk, "stamp": True}, world.actor("inspector"))
    background.run_now(job, lambda: NOW)
    job.refresh_from_db()
    assert (job.state, Paper.objects.exists()) == ("failed", False)
    assert "不能为这个单位的文件编号" in job.message


def test_annexes_for_the_stamp_and_who_sees_the_telephone_numbers(world: World) -> None:
    assert set(feet(export(world, "coordinator", "annex_export", "annex1", stamp="1")).values()) == {
        Paper.objects.get().note
    }
    export(world, "coordinator", "annex_export", "annex3", stamp="1")
    paper = Paper.objects.get(kind="liaisons")
    address, before = reverse("paper_file", args=[world.campaign.pk, paper.pk]), AuditEntry.objects.count()
    for who in ("chief", "assessor", "liaison"):
        assert world.client(who).get(address).status_code == 404
    assert AuditEntry.objects.filter(act="phone.reveal").count() == 1
    b"".join(world.client("inspector").get(address).streaming_content)
    assert AuditEntry.objects.filter(act="phone.reveal").count() == 2
    assert AuditEntry.objects.count() > before


# Statements

TEXT = "经核查，本年度没有此项业务。\n特此说明。"


def draft(world: World, text: str = TEXT) -> None:
    address = reverse("draft", args=[world.campaign.pk, world.tasks["lead"].pk])
    seen = max(Draft.objects.values_list("version", flat=True), default=0)
    saved = {"mode": "statement", "statement": text, "seen": 0, "draft_seen": seen}
    assert world.client("liaison").post(address, saved).status_code == 302


def number(world: World, who: str = "liaison") -> str:
    address = reverse("statement_number", args=[world.campaign.pk, world.tasks["lead"].pk])
    return world.client(who).post(address, follow=True).content.decode()


def printed(world: World, who: str = "liaison") -> str:
    address = reverse("statement", args=[world.campaign.pk, world.tasks["lead"].pk])
    return world.client(who).get(address).content.decode()


def test_a_statement_is_numbered_before_it_is_printed(world: World) -> None:
    draft(world)
    assert "未编号，不用于盖章" in printed(world)
    assert "已编号" in number(world)
    paper = Paper.objects.get()
    assert (paper.unit, paper.task) == (world.units["城管局"], world.tasks["lead"])
    assert paper.note in printed(world)
    number(world)
    with time_machine.travel("2026-08-03 09:00 +0800", tick=False):
        page = printed(world)
        assert paper.note in page
        assert "2026年7月31日" in page
        number(world)
    assert Paper.objects.count() == 1


def test_its_words_are_kept_as_a_word_document(world: World, tmp_path: Path) -> None:
    import docx

    draft(world)
    number(world)
    paper = Paper.objects.get()
    answer = world.client("liaison").get(reverse("paper_file", args=[world.campaign.pk, paper.pk]))
    text = text_of(docx.Document(io.BytesIO(b"".join(answer.streaming_content))))
    for words in (*TEXT.split("\n"), paper.note, "源汇区城管局\n2026年7月31日", "（4-3-3）的情况说明"):
        assert words in text


def test_a_statement_that_was_changed_is_no_longer_the_numbered_one(world: World) -> None:
    draft(world)
    number(world)
    first = Paper.objects.get()
    draft(world, TEXT + "\n另：已补充。")
    page = printed(world)
    assert first.note not in page
    assert "未编号，不用于盖章" in page
    number(world)
    assert Paper.objects.count() == 2


def test_the_scan_that_went_in_with_the_task_is_not_asked_for_again(world: World) -> None:
    draft(world)
    number(world)
    missing = reverse("papers", args=[world.campaign.pk]) + "?show=unstamped"
    client, paper = world.client("liaison"), Paper.objects.get()
    assert paper.number in client.get(missing).content.decode()
    assert upload(client, world.tasks["lead"], "扫描件.pdf", pdf(), stamped=True).status_code == 201
    assert paper.number not in client.get(missing).content.decode()
    assert "已随任务上传" in client.get(reverse("papers", args=[world.campaign.pk])).content.decode()


def test_without_a_text_or_without_the_right_nothing_is_numbered(world: World) -> None:
    assert "还没有写情况说明，没有编号" in number(world)
    draft(world)
    address = reverse("statement_number", args=[world.campaign.pk, world.tasks["lead"].pk])
    assert world.client("reviewer").post(address).status_code == 403
    assert world.client("rival").post(address).status_code in (403, 404)
    assert not Paper.objects.exists()
