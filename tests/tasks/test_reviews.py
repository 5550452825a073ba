"""One review: what the reviewer sees, and what approving and returning do; nothing unseen is decided."""

from typing import Any

import pytest
from django.urls import reverse

from creation.models import AuditEntry, EvidenceVersion, Notice, Review, Submission, Task
from creation.rules.text_diff import diff_sentences
from creation.tasks import workflow
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

ANSWER = {"mode": "upload", "measures": "印发方案。组织评查。", "results": "评查案卷 40 份。"}


def submit_task(world: World, name: str = "lead", by: str = "liaison", **content: str) -> Task:
    task = world.task(name)
    return workflow.perform(workflow.MOVES["submit"], task, world.actor(by), task.version, ANSWER | content)


@pytest.fixture
def waiting(world: World) -> World:
    world.cite("lead", "评查通报")
    submit_task(world)
    return world


def page(world: World, name: str = "lead", who: str = "reviewer") -> str:
    found = world.client(who).get(reverse("review", args=[world.campaign.pk, world.tasks[name].pk]))
    assert found.status_code == 200
    return found.content.decode()


def judge(world: World, move: str, who: str = "reviewer", version: int | None = None, **data: str) -> Any:
    task = world.task("lead")
    where = reverse("review_move", args=[world.campaign.pk, task.pk, move])
    return world.client(who).post(where, {"version": version or task.version} | data)


def test_requirement_answer_and_evidence_lie_side_by_side(waiting: World) -> None:
    text = page(waiting)
    for word in (
        "每年组织案卷评查",
        "评查方案、评查通报和整改材料",
        "印发方案",
        "评查案卷 40 份",
        "4-3-3-01",
        "评查通报",
    ):
        assert word in text
    version = EvidenceVersion.objects.get()
    assert reverse("evidence_preview", args=[version.evidence_id, version.number]) in text
    assert 'hx-trigger="load, click"' in text


def test_a_target_without_a_reading_is_named(waiting: World) -> None:
    assert "没有填报读数" in page(waiting)


def test_approving_reviews_the_submission_and_notifies_the_unit(waiting: World) -> None:
    assert judge(waiting, "approve").status_code == 302
    review = Review.objects.get()
    assert (review.verdict, review.created_by, waiting.task("lead").status) == (
        "approve",
        waiting.people["reviewer"],
        "approved",
    )
    assert Notice.objects.filter(person=waiting.people["liaison"], kind="approved").exists()
    assert AuditEntry.objects.filter(act="task.approve").exists()


def test_returning_carries_reason_comment_and_new_day(waiting: World) -> None:
    judge(waiting, "return", reason="missing", comment="缺整改材料", new_due_on="2026-08-14")
    review, task = Review.objects.get(), waiting.task("lead")
    assert (review.verdict, review.reason, review.comment) == ("return", "missing", "缺整改材料")
    assert (task.status, f"{task.due_on}") == ("returned", "2026-08-14")


def test_a_return_without_a_reason_changes_nothing_and_keeps_what_was_typed(waiting: World) -> None:
    answer = judge(waiting, "return", comment="缺整改材料")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请选择退回原因" in text
    assert "缺整改材料" in text
    assert '<details class="panel" id="return" open>' in text
    assert not Review.objects.exists()


def test_the_next_answer_shows_what_changed_since_the_last_one(waiting: World) -> None:
    judge(waiting, "return", reason="missing", comment="缺整改材料")
    waiting.cite("lead", "整改报告")
    submit_task(waiting, measures="印发方案。组织评查并整改。")
    text = page(waiting)
    assert "<ins>组织评查并整改。</ins>" in text
    assert "<del>组织评查。</del>" in text
    assert "新增" in text
    assert "退回：材料不全" in text
    assert "缺整改材料" in text


def test_evidence_that_is_no_longer_cited_is_named(waiting: World) -> None:
    judge(waiting, "return", reason="wrong")
    waiting.cite("lead", "整改报告")
    waiting.task("lead").citations.filter(evidence__title="评查通报").update(removed_at=NOW)
    submit_task(waiting)
    assert "<del>4-3-3-01 评查通报</del> 本次不再引用" in page(waiting)


def test_nobody_reviews_their_own(waiting: World) -> None:
    Submission.objects.update(created_by=waiting.people["coordinator"], on_behalf=True)
    text = page(waiting, who="coordinator")
    assert "不能审核本人报送或代填的答复" in text
    assert 'data-key="a"' not in text
    answer = judge(waiting, "approve", who="coordinator")
    assert answer.status_code == 409
    assert "不能审核本人报送" in answer.content.decode()
    assert not Review.objects.exists()
    assert waiting.task("lead").status == "submitted"


def test_a_text_changed_behind_the_reviewer_s_back_is_not_approved(waiting: World) -> None:
    seen, person = waiting.task("lead"), waiting.actor("liaison")
    workflow.perform(workflow.MOVES["withdraw"], waiting.task("lead"), person, seen.version, {})
    submit_task(waiting, measures="换了一份内容。")
    answer = judge(waiting, "return", version=seen.version, reason="weak", comment="我的意见")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "刚刚被他人更新" in text
    assert "换了一份内容" in text
    assert "我的意见" in text
    assert f'name="version" value="{waiting.task("lead").version}"' in text
    assert not Review.objects.exists()


def test_who_comes_second_learns_the_result_and_keeps_the_own_words(waiting: World) -> None:
    seen = waiting.task("lead").version
    judge(waiting, "approve", who="coordinator")
    answer = judge(waiting, "return", version=seen, reason="weak", comment="我的意见")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "已通过" in text
    assert "我的意见" in text
    assert Review.objects.get().verdict == "approve"


@pytest.mark.parametrize(("who", "code"), [("liaison", 403), ("inspector", 403), ("rival", 404), ("outsider", 404)])
def test_only_reviewers_judge(waiting: World, who: str, code: int) -> None:
    assert judge(waiting, "approve", who=who).status_code == code
    assert waiting.task("lead").status == "submitted"


def test_a_closed_campaign_is_read_but_not_judged(waiting: World) -> None:
    type(waiting.campaign).objects.update(state="closed")
    assert 'data-key="a"' not in page(waiting)
    assert judge(waiting, "approve").status_code == 409
    assert waiting.task("lead").status == "submitted"


@pytest.mark.parametrize("move", ["submit", "withdraw", "reopen", "nonsense"])
def test_only_the_moves_of_reviewing_have_an_address_here(waiting: World, move: str) -> None:
    assert judge(waiting, move).status_code == 404


def test_texts_are_compared_by_sentences() -> None:
    assert diff_sentences("甲。乙。丙。", "甲。丁。丙。") == [
        ("same", "甲。"),
        ("gone", "乙。"),
        ("added", "丁。"),
        ("same", "丙。"),
    ]
    assert diff_sentences("", "甲。") == [("added", "甲。")]
    assert diff_sentences("甲。", "") == [("gone", "甲。")]
    assert diff_sentences("第一行\n第二行", "第一行\n第二行") == [("same", "第一行\n第二行")]
    assert diff_sentences("甲\n乙", "甲\n乙\n丙") == [("same", "甲\n乙"), ("added", "\n丙")]
    assert diff_sentences("甲；乙；丙！", "甲；丁；丙！") == [
        ("same", "甲；"),
        ("gone", "乙；"),
        ("added", "丁；"),
        ("same", "丙！"),
    ]
