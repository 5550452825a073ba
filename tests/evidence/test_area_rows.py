"""The rows of a task's evidence area: what a file offers in which field, what is said of each piece, and the words of the bar."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation import jobs
from creation.evidence import citing
from creation.evidence.library import row_offers
from creation.evidence.library.row_offers import RowOffers
from creation.models import AuditEntry, Evidence, EvidenceVersion, SecrecyMark, TaskEvent
from tests.support import evidence_files, upload_requests
from tests.support.query_counts import count_queries
from tests.support.world import World
from tests.tasks.test_moves import make

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

PAPER = "源汇区城市管理局文件\n源城管〔2026〕5号\n关于印发案卷评查方案的通知\n2026年7月5日"


def send(world: World, name: str, body: bytes = b"", read: bool = True) -> Evidence:
    body = body or evidence_files.text_pdf(PAPER)
    assert upload_requests.upload(world.client("liaison"), world.task("lead"), name, body).status_code == 201
    if read:
        jobs.read_files()
    return Evidence.objects.latest("pk")


def offers(world: World, evidence: Evidence) -> RowOffers:
    rows = citing.cited_by_task(world.task("lead"), world.people["liaison"])
    return row_offers.offers_of(rows)[evidence.pk]


def state(world: World, who: str = "liaison") -> dict[str, Any]:
    found = world.client(who).get(reverse("evidence_state", args=[world.campaign.pk, world.tasks["lead"].pk]))
    return dict(found.json())


def test_what_the_paper_says_stands_in_the_empty_fields(world: World) -> None:
    found = offers(world, send(world, "扫描件.pdf"))
    assert {each.field: (str(each.value), each.source) for each in found.in_fields} == {
        "title": ("关于印发案卷评查方案的通知", "首页"),
        "doc_number": ("源城管〔2026〕5号", "首页"),
        "issuer": ("源汇区城市管理局", "首页"),
        "dated_on": ("2026-07-05", "首页"),
    }
    assert found.beside == []


def test_what_only_the_files_name_said_is_not_written_over_but_the_papers_own_stands_beside_it(world: World) -> None:
    found = offers(world, send(world, "2025年1月2日案卷评查通报.pdf"))
    assert [each.field for each in found.in_fields] == ["doc_number", "issuer"]
    assert {each.field: str(each.value) for each in found.beside} == {
        "title": "关于印发案卷评查方案的通知", "dated_on": "2026-07-05",
    }  # fmt: skip


def test_what_somebody_wrote_is_offered_nothing(world: World) -> None:
    piece = send(world, "2025年1月2日案卷评查通报.pdf")
    Evidence.objects.filter(pk=piece.pk).update(
        title="我写的题名", dated_on=date(2026, 7, 6), doc_number="改〔2026〕9号", issuer="区司法局"
    )
    found = offers(world, piece)
    assert (found.in_fields, found.beside) == ([], [])


def test_the_date_of_the_file_system_waits_until_the_paper_was_read(world: World) -> None:
    silent = evidence_files.text_pdf("没有日期的一页")
    piece = send(world, "扫描件.pdf", silent, read=False)
    waiting = offers(world, piece)
    assert (waiting.is_reading, waiting.dates) == (True, False)
    jobs.read_files()
    found = offers(world, piece)
    assert [(each.field, each.source) for each in found.in_fields] == [("dated_on", "文件修改日期")]
    assert found.sources == "成文日期读自文件修改日期"


def test_the_words_of_the_bar_count_what_lacks_a_date(world: World) -> None:
    assert state(world)["summary"] == "还没有材料"
    send(world, "扫描件.pdf")
    world.cite("lead", title="没有日期的简报")
    assert state(world)["summary"] == "材料 2 份 · 2 份缺日期"
    Evidence.objects.update(dated_on=date(2026, 7, 5))
    assert state(world)["summary"] == "材料 2 份"
    version = EvidenceVersion.objects.latest("pk")
    SecrecyMark.objects.create(evidence=version.evidence, version=version, place="title", word="机密")
    assert state(world)["summary"] == "材料 2 份 · 1 份不能报送"


def test_a_row_says_what_its_piece_lacks_and_what_is_to_be_confirmed(world: World) -> None:
    plain = world.cite("lead", title="没有日期的简报")
    send(world, "扫描件.pdf", read=False)
    first = state(world)
    assert first["reading"] is True
    assert "缺成文日期" in first["notes"][str(plain.pk)]
    jobs.read_files()
    later = state(world)
    assert later["reading"] is False
    said = next(html for key, html in later["notes"].items() if key != str(plain.pk))
    assert "日期待确认" in said
    assert "题名、文号、责任者、成文日期读自首页" in said


def test_the_state_of_many_pieces_costs_as_many_queries_as_of_one(world: World) -> None:
    def cost() -> int:
        client = world.client("liaison")
        return count_queries(
            lambda: client.get(reverse("evidence_state", args=[world.campaign.pk, world.tasks["lead"].pk]))
        )

    def more(count: int) -> None:
        for number in range(count):
            send(
                world, f"扫描件{number}之{count}.pdf", evidence_files.text_pdf(f"{PAPER}\n{number} {count}"), read=False
            )
        jobs.read_files()

    more(1)
    cost()
    one = cost()
    more(6)
    assert cost() == one


def test_an_undated_piece_is_said_to_the_reviewer(world: World) -> None:
    world.cite("lead", title="没有日期的简报")
    make(world, "submit", mode="upload")
    review = reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk])
    page = world.client("reviewer").get(review).content.decode()
    assert "1 份缺日期" in page
    assert page.count("缺日期") == 2  # in the heading and beside the piece


def test_handing_in_records_the_declaration(world: World) -> None:
    world.cite("lead")
    make(world, "submit", mode="upload")
    assert "已声明不含国家秘密和工作秘密" in TaskEvent.objects.get(move="submit").note
    assert "已声明不含国家秘密和工作秘密" in AuditEntry.objects.get(act="task.submit").detail
