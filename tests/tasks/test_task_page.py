"""The task page: everything on one page, a constant number of queries, and no access for others."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from creation.lib import storage
from creation.models import ActionFile, AuditEntry, Campaign, Draft, Evidence, Measure, Notice, Progress, Task
from tests.support.query_counts import page_queries
from tests.support.world import NOW, World
from tests.tasks.test_moves import bring_to, make

pytestmark = pytest.mark.usefixtures("at_now")


def get(world: World, who: str, task: str = "lead") -> Any:
    return world.client(who).get(reverse("task", args=[world.campaign.pk, world.tasks[task].pk]))


def text(world: World, who: str, task: str = "lead") -> str:
    return str(get(world, who, task).content.decode())


def note(world: World, who: str = "liaison", **data: Any) -> Any:
    url = reverse("task_notes", args=[world.campaign.pk, world.tasks["lead"].pk])
    return world.client(who).post(url, {"day": "2026-07-30", "text": "已印发方案"} | data)


def test_the_page_says_what_is_asked_what_counts_as_proof_and_until_when(world: World) -> None:
    page = text(world, "liaison")
    for words in (
        "每年组织案卷评查",
        "评查方案、评查通报和整改材料。",
        "文件、图片",
        "四（四）3",
        "2026年8月10日前",
        "还有 10 天",
    ):
        assert words in page
    assert "目标 ≥ 1次" in page


def test_the_lead_sees_its_assists_and_what_they_brought(world: World) -> None:
    world.cite("assist", title="街道评查材料", by="rival")
    page = text(world, "liaison")
    assert "老街街道" in page
    assert "马联络" in page
    assert "街道评查材料" in page
    assert f"/tasks/{world.tasks['assist'].pk}/" not in page  # a unit reads its own tasks only


def test_the_assist_sees_the_lead_but_not_what_it_brought(world: World) -> None:
    world.cite("lead", title="局机关评查通报")
    page = text(world, "rival", "assist")
    assert "城管局" in page
    assert "局机关评查通报" not in page


def test_the_office_goes_from_one_unit_to_the_other(world: World) -> None:
    assert reverse("task", args=[world.campaign.pk, world.tasks["assist"].pk]) in text(world, "reviewer")


def test_the_history_holds_answers_with_what_they_cited_and_the_judgement(world: World) -> None:
    world.cite("lead")
    make(world, "submit", mode="upload", measures="评查 46 宗")
    make(world, "return")
    page = text(world, "liaison")
    for words in ("4-3-3-01", "评查通报", "评查 46 宗", "材料不全。缺少通报", "申审核"):
        assert words in page


def test_a_piece_removed_since_stays_named_in_the_history_without_a_dead_link(world: World) -> None:
    citation = world.cite("lead")
    make(world, "submit", mode="upload")
    make(world, "return")
    citation.removed_at = NOW
    citation.save()
    link = reverse("evidence", args=[citation.evidence_id])
    assert link in text(world, "liaison")  # the unit's own evidence still opens
    assert link not in text(world, "reviewer")
    assert "4-3-3-01" in text(world, "reviewer")


def test_a_withdrawn_answer_says_so_until_the_next_one(world: World) -> None:
    bring_to(world, "submitted")
    make(world, "withdraw")
    for who, words in (("liaison", "改好后请重新报送"), ("reviewer", "还没有重新报送"), ("chief", "还没有重新报送")):
        page = text(world, who)
        assert "第 1 次报送已于" in page
        assert words in page
    make(world, "submit")
    page = text(world, "reviewer")
    assert "第 1 次报送已于" not in page
    history = get(world, "reviewer").context["history"]
    assert [bool(answer.withdrawn_at) for answer in history.answers] == [False, True]
    assert ">已撤回</span>" in page
    make(world, "withdraw")
    history = get(world, "reviewer").context["history"]
    assert [bool(answer.withdrawn_at) for answer in history.answers] == [True, True]


def test_readers_see_the_answer_once_it_was_handed_in_and_no_draft_before(world: World) -> None:
    Draft.objects.create(
        task=world.task("lead"), person=world.people["liaison"], content={"measures": "还没想好"}, saved_at=NOW
    )
    assert "还没想好" not in text(world, "reviewer")
    assert "城管局还没有报送" in text(world, "chief")
    make(world, "submit", measures="想好了")
    assert "想好了" in text(world, "chief")


def test_the_office_is_told_that_it_enters_for_a_unit(world: World) -> None:
    url = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    assert "/moves/submit/" not in text(world, "coordinator")
    assert "代城管局填写" in text(world, "coordinator")
    assert "您正在为城管局代填" in world.client("coordinator").get(url, {"behalf": "1"}).content.decode()
    assert "代填" not in text(world, "liaison")


def test_what_the_office_has_begun_for_a_unit_opens_by_itself_the_next_time(world: World) -> None:
    Draft.objects.create(
        task=world.task("lead"), person=world.people["coordinator"], content={"measures": "代写"}, saved_at=NOW
    )
    assert "您正在为城管局代填" in text(world, "coordinator")


def test_the_three_modes_are_offered_and_an_action_offers_its_own(world: World) -> None:
    page = text(world, "liaison")
    assert [mode in page for mode in ("mode-upload", "mode-on_site", "mode-statement")] == [True, True, True]
    page = text(world, "liaison", "action")
    assert [mode in page for mode in ("mode-upload", "mode-on_site", "mode-statement")] == [True, False, True]


def test_an_action_asks_for_no_highlights_and_shows_those_that_are_there(world: World) -> None:
    assert "id_highlights" in text(world, "liaison")
    assert "id_highlights" not in text(world, "liaison", "action")
    content = {"mode": "upload", "highlights": "导入时写的亮点"}
    Draft.objects.create(task=world.task("action"), person=world.people["liaison"], content=content, saved_at=NOW)
    assert "导入时写的亮点" in text(world, "liaison", "action")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"mode": "upload"}, "文字未写"),
        ({"mode": "upload", "results": "已完成"}, "文字已写"),
        ({"mode": "on_site", "keeper": "刘"}, "存放地点未填 · 文字未写"),
        ({"mode": "statement", "measures": "自查"}, "情况说明未写"),
        ({"mode": "statement", "statement": "没有此项"}, "情况说明已写"),
    ],
)
def test_the_bar_says_how_far_the_text_is(world: World, content: dict[str, str], words: str) -> None:
    Draft.objects.create(task=world.task("lead"), person=world.people["liaison"], content=content, saved_at=NOW)
    assert f'<span data-shows="words">{words}</span>' in text(world, "liaison")


def open_steps(world: World) -> list[str]:
    steps = get(world, "liaison").context["steps"]
    return [name for name in ("requirement", "material", "text") if getattr(steps, f"{name}_open")]


def test_a_step_that_is_done_is_folded_except_in_an_answer_that_was_returned(world: World) -> None:
    assert open_steps(world) == ["requirement", "material", "text"]
    citation = world.cite("lead")
    assert open_steps(world) == ["material", "text"]  # it has no date
    Evidence.objects.filter(pk=citation.evidence_id).update(dated_on=NOW.date())
    assert open_steps(world) == ["text"]
    content = {"mode": "upload", "measures": "评查", "results": "完成"}
    draft = Draft.objects.create(task=world.task("lead"), person=world.people["liaison"], content=content, saved_at=NOW)
    assert open_steps(world) == ["text"]  # the reading of its measure is missing
    Measure.objects.all().delete()
    assert open_steps(world) == []
    Draft.objects.filter(pk=draft.pk).update(content=content | {"mode": "on_site"})
    assert open_steps(world) == ["material"]
    make(world, "submit", mode="upload", measures="评查", results="完成")
    make(world, "return")
    assert open_steps(world) == ["material", "text"]


def test_a_statement_has_a_sample_to_begin_from(world: World) -> None:
    page = text(world, "liaison")
    assert "关于“每年组织案卷评查”（4-3-3）的情况说明" in page
    assert "源汇区城管局" in page


@pytest.mark.parametrize(
    ("who", "code"), [("liaison", 200), ("chief", 200), ("rival", 404), ("outsider", 404), ("auditor", 404)]
)
def test_the_page_is_found_by_those_who_may_read_the_task(world: World, who: str, code: int) -> None:
    assert get(world, who).status_code == code


def test_under_another_campaigns_address_there_is_no_such_task(world: World) -> None:
    url = reverse("task", args=[world.elsewhere.pk, world.tasks["lead"].pk])
    assert world.client("liaison").get(url).status_code == 404


def test_a_dropped_task_is_gone(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(dropped_on=NOW.date())
    assert get(world, "liaison").status_code == 404


# Notes of progress


def test_a_note_is_kept_and_shown(world: World) -> None:
    assert note(world, problem="归档不全", next_step="下周评查").status_code == 302
    page = text(world, "reviewer")
    for words in ("已印发方案", "归档不全", "下周评查"):
        assert words in page
    assert AuditEntry.objects.get().act == "task.note"


def test_a_wish_for_help_reaches_the_coordinator(world: World) -> None:
    note(world, help_wanted="请协调专家 2 名")
    assert "请协调专家 2 名" in Notice.objects.get(person=world.people["coordinator"]).text


def test_the_same_note_sent_twice_is_one_note(world: World) -> None:
    note(world)
    note(world)
    assert Progress.objects.count() == 1


def test_a_note_is_added_after_the_answer_too(world: World) -> None:
    bring_to(world, "approved")
    assert note(world).status_code == 302


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"day": "2026-08-01"}, "不能晚于今天"),
        ({"text": ""}, "请写一句进展情况"),
        ({"day": "昨天"}, "请按 2026-08-10 的样子"),
    ],
)
def test_an_incomplete_note_comes_back_with_what_was_typed(world: World, data: dict[str, str], sentence: str) -> None:
    answer = note(world, **({"problem": "打了很多字"} | data))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "打了很多字" in answer.content.decode()


def test_a_note_in_a_closed_campaign_is_refused_and_its_text_is_shown(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    answer = note(world, text="活动结束后写的")
    assert answer.status_code == 422
    assert "不能再填写进展" in answer.content.decode()
    assert "活动结束后写的" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "code"), [("clerk", 302), ("coordinator", 302), ("leader", 403), ("reviewer", 403), ("rival", 404)]
)
def test_those_who_draft_write_notes(world: World, who: str, code: int) -> None:
    assert note(world, who).status_code == code


# Attachments


@pytest.fixture
def attachment(world: World, fresh_data_dir: Path) -> ActionFile:
    part = fresh_data_dir / "incoming" / "x.part"
    part.write_bytes(b"%PDF-1.7 a plan")
    return ActionFile.objects.create(
        action=world.tasks["action"].action,
        name="工作方案（模板）.pdf",
        blob=storage.save_blob(part),
        sha256="0" * 64,
        size=15,
        media_type="application/pdf",
    )


def test_an_attachment_of_the_action_is_listed_and_downloaded_under_its_name(
    world: World, attachment: ActionFile
) -> None:
    url = reverse("action_file", args=[world.campaign.pk, world.tasks["action"].pk, attachment.pk])
    assert url in text(world, "liaison", "action")
    answer = world.client("liaison").get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 a plan"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%B7%A5")
    assert answer["Content-Security-Policy"].startswith("sandbox;")


def test_an_attachment_is_not_found_from_another_task_by_others_or_when_its_bytes_are_gone(
    world: World, attachment: ActionFile
) -> None:
    def fetch(who: str, task: str) -> int:
        url = reverse("action_file", args=[world.campaign.pk, world.tasks[task].pk, attachment.pk])
        return world.client(who).get(url).status_code

    assert (fetch("liaison", "lead"), fetch("rival", "action"), fetch("auditor", "action")) == (404, 404, 404)
    ActionFile.objects.update(blob=f"ab/{uuid.uuid4().hex}")
    assert fetch("liaison", "action") == 404


# Queries


@pytest.mark.parametrize("who", ["liaison", "coordinator", "reviewer"])
def test_a_task_with_a_long_history_costs_as_many_queries_as_a_young_one(world: World, who: str) -> None:
    def cost() -> int:
        client = world.client(who)
        return page_queries(client, reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))

    def live_on(rounds: int) -> None:
        for number in range(rounds):
            world.cite("lead", title=f"材料 {number} 之 {rounds}")
            make(world, "submit", mode="upload")
            make(world, "return")
            note(world, text=f"进展 {number} 之 {rounds}")

    live_on(1)
    Draft.objects.create(
        task=world.task("lead"), person=world.people["clerk"], content={"measures": "写"}, saved_at=NOW + timedelta(1)
    )
    cost()
    young = cost()
    live_on(6)
    assert cost() == young


def test_after_handing_in_the_next_task_is_one_click_away(world: World) -> None:
    Task.objects.filter(pk=world.tasks["action"].pk).update(unit=world.units["城管局"])
    make(world, "submit")
    page = world.client("liaison").get(world.task("lead").get_absolute_url())
    assert page.context["following"].pk == world.tasks["action"].pk
    assert "下一项：D-3" in page.content.decode()
    assert "还有 1 项没有报送" in page.content.decode()
    assert world.client("reviewer").get(world.task("lead").get_absolute_url()).context["following"] is None
    open_one = world.client("liaison").get(world.task("action").get_absolute_url())
    assert open_one.context["following"] is None
