"""督导通知 and 督导轮次通报: the papers of one round, made from its page, numbered for the stamp."""

from pathlib import Path

import pytest
from django.urls import reverse

from creation.models import Paper
from reports.word import defaults, layout, round_facts
from reports.word.kinds import KINDS
from tests.reports.test_documents import make, text_of
from tests.reports.test_supervision_papers import move, tables
from tests.support.job_files import download_result
from tests.support.visited import visited_round
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def test_the_notice_tells_who_comes_when_to_whom(world: World, tmp_path: Path) -> None:
    document = make(world, "round_notice", {"round": visited_round(world).pk, "text": "请派车。"}, tmp_path, stamp=True)
    text = text_of(document)
    assert "关于开展第一轮集中督导的通知" in text
    assert "2026年7月31日至2026年7月31日" in text
    assert all(words in text for words in ("重点指标：全部指标。", "案卷评查", "案卷原件", "请派车。"))
    teams, visits = tables(document)
    assert teams == [["1", "第一组", world.people["inspector"].name, world.people["reviewer"].name, "老街街道、城管局"]]
    assert sorted(row[1:5] for row in visits) == [
        ["7月31日", "上午", "源汇区城管局", "第一组"],
        ["7月31日", "上午", "源汇区老街街道", "第一组"],
    ]
    paper = Paper.objects.get()
    assert (paper.title, paper.unit) == ("关于开展第一轮集中督导的通知", world.campaign.host)
    assert paper.note in text


def test_the_report_says_what_was_visited_seen_found_and_closed(world: World, tmp_path: Path) -> None:
    row = visited_round(world)
    asked = {"round": row.pk, "practice": round_facts.good_practice(row), "text": "抓紧整改。"}
    document = make(world, "round_report", asked, tmp_path)
    text = text_of(document)
    assert (
        "安排走访2次，已走访1次、1个单位，反馈意见已签收1份。现场查看2项：看到1项，未看到0项，与所报不符1项。" in text
    )
    assert "城管局：办公场所。设了公示栏，群众能查" in text
    assert "登记问题1个，其中较重、严重的0个，涉及整改1项。" in text
    assert "本轮发现的问题已销号0项，未销号1项，销号率0%" in text
    visits, wrong, problems = tables(document)
    assert {(each[2], *each[4:8], each[8]) for each in visits} == {
        ("城管局", "1", "0", "1", "1", "刘联络 07-31"),
        ("老街街道", "—", "—", "—", "—", "未记录"),
    }
    assert [each[1:] for each in wrong] == [["城管局", "4-3-3 每年组织案卷评查", "不符", "没有评查记录"]]
    assert [each[1:] for each in problems] == [
        ["城管局", "W001", "没有评查记录", "逐卷补齐", "2026-08-09", "待整改"],
    ]
    task = row.campaign.findings.get().rectifications.get()
    move(world, task, "submit", "liaison", mode="statement", statement="已整改", results="补齐 12 件")
    move(world, task, "close", "inspector", how="现场", comment="看了案卷", why_alone="另一人在驻村")
    again = tmp_path / "again"
    again.mkdir()
    assert "已销号1项，未销号0项，销号率100%" in text_of(make(world, "round_report", asked, again))


def test_a_round_without_visits_makes_papers_too(world: World, tmp_path: Path) -> None:
    row = visited_round(world)
    row.visits.exclude(recorded_at=None).update(signed_at=None, signed_name="", recorded_at=None)
    row.visits.update(cancelled_on=NOW.date(), cancel_reason="改期")
    text = text_of(make(world, "round_report", {"round": row.pk, "text": "请准备。"}, tmp_path))
    assert "安排走访0次" in text
    assert "本轮没有列出好的做法。" in text


def test_the_page_of_the_round_offers_both_and_begins_with_what_was_praised(world: World) -> None:
    row, client = visited_round(world), world.client("inspector")
    page = client.get(row.get_absolute_url()).content.decode()
    unit = world.client("liaison").get(row.get_absolute_url()).content.decode()
    for kind in ("round_notice", "round_report"):
        address = reverse("document", args=[world.campaign.pk, kind]) + f"?round={row.pk}"
        assert address in page
        assert address not in unit
        form = client.get(address).content.decode()
        assert f'<option value="{row.pk}" selected>第一轮集中督导</option>' in form
        assert ("城管局：办公场所。设了公示栏，" in form) == (kind == "round_report")
        sent = {"round": row.pk, "text": "请各单位抓紧。"}
        assert download_result(client, address, sent)[1].startswith("督导")
        assert client.post(address, sent | {"round": "999999"}).status_code == 422


def test_a_recorded_visit_offers_the_feedback_as_a_paper_with_its_words(world: World) -> None:
    visit = visited_round(world).visits.get(recorded_at__isnull=False)
    client, address = world.client("inspector"), reverse("document", args=[world.campaign.pk, "feedback"])
    assert f"{address}?visit={visit.pk}" in client.get(visit.get_absolute_url()).content.decode()
    assert f"{address}?visit=" not in world.client("liaison").get(visit.get_absolute_url()).content.decode()
    form = client.get(address, {"visit": visit.pk}).content.decode()
    assert f'<option value="{visit.unit_id}" selected>' in form
    assert form.count('value="2026-07-31"') == 2
    assert "请整改。" in form
    assert client.get(address, {"visit": "x"}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_short_headings_and_states_fit_into_one_line(kind: str) -> None:
    letter, margins = layout.TABLE_SIZE.mm, 3.8
    for table in defaults.document_of(KINDS[kind].paper, True).tables:
        for head, below in zip(table.rows[0].cells, table.rows[-1].cells, strict=True):
            words = "部分整改" if "状态" in below.text else head.text
            assert head.width is not None
            assert len(words) > 4 or len(words) * letter + margins <= head.width.mm, (head.text, head.width.mm)
