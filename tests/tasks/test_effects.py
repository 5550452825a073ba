"""What a move stores, whom it notifies and what it refuses, each at its edge, by the verb alone."""

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from creation.evidence import citing
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AuditEntry,
    Campaign,
    Draft,
    EvidenceVersion,
    Notice,
    Reading,
    Review,
    Scan,
    SecrecyMark,
    Submission,
    Task,
    TaskEvent,
)
from creation.tasks import effects, workflow
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
DAY = timedelta(days=1)
ANSWER = {"mode": "upload", "measures": "评查", "results": "完成", "highlights": ""}
STATEMENT = {"mode": "statement", "statement": "方案已经印发。"}


def move(world: World, name: str, who: str, task: str = "lead", at: datetime = NOW, **data: Any) -> Task:
    found = world.task(task)
    return workflow.perform(workflow.MOVES[name], found, world.actor(who, at), found.version, data)


def refused(world: World, said: str, name: str, who: str, **data: Any) -> None:
    before = world.task("lead").version
    with pytest.raises(Refusal) as refusal:
        move(world, name, who, **data)
    assert said in refusal.value.sentence
    assert world.task("lead").version == before
    assert not TaskEvent.objects.filter(move=name).exists()


def with_sign_off(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)


def notices(who: str, **asked: Any) -> list[str]:
    return list(Notice.objects.filter(person__username=who, **asked).values_list("text", flat=True))


# Handing in


def test_what_is_handed_in_is_numbered_and_has_a_digest_of_all_of_it(world: World) -> None:
    piece = world.cite("lead", "评查通报").evidence
    type(piece).objects.filter(pk=piece.pk).update(
        dated_on=date(2026, 3, 5), doc_number="源法〔2026〕3号", issuer="区司法局", pages=2
    )
    EvidenceVersion.objects.create(
        evidence=piece, number=2, url="https://www.gov.cn/a", created_by=world.people["liaison"], created_at=NOW
    )
    world.cite("lead", "无日期")
    move(world, "submit", "liaison", **ANSWER)
    submission = Submission.objects.get()
    cited = [
        [
            "4-3-3-01",
            "评查通报",
            "brief",
            "",
            "源法〔2026〕3号",
            "2026-03-05",
            "区司法局",
            2,
            "",
            "https://www.gov.cn/a",
        ],
        ["4-3-3-02", "无日期", "brief", "", "", "", "", None, "", "正文"],
    ]
    content = ANSWER | dict.fromkeys(("keeper", "place", "statement"), "")
    content |= {"task": world.tasks["lead"].pk, "number": 1, "readings": [], "cited": cited}  # type: ignore[dict-item]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    assert submission.digest == hashlib.sha256(text.encode()).hexdigest()
    assert [row.version.number for row in submission.cited.order_by("number")] == [2, 1]
    assert TaskEvent.objects.get(move="submit").note == "上传材料，印证资料 2 份，已声明不含国家秘密和工作秘密"
    move(world, "withdraw", "liaison", comment="")
    move(world, "submit", "liaison", **ANSWER)
    assert list(Submission.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(("dated_on", "kept"), [(date(2023, 12, 31), "早期制度"), (date(2024, 1, 1), ""), (None, "")])
def test_the_reason_for_a_piece_outside_the_window_is_kept_for_such_pieces_only(
    world: World, dated_on: date | None, kept: str
) -> None:
    citation = world.cite("lead")
    citation.evidence.dated_on, citation.outside_reason = dated_on, "早期制度"
    copied = effects.submitted_citation(citation, citation.evidence.versions.get())
    assert copied.outside_reason == kept


def test_the_readings_of_the_unit_the_checkpoint_and_the_year_are_copied(world: World) -> None:
    measure = world.indicators["4-3-3"].measures.get()
    common = {"measure": measure, "updated_by": world.people["liaison"], "updated_at": NOW, "count": 2}
    own = Reading.objects.create(unit=world.units["城管局"], period="2026", **common)
    Reading.objects.create(unit=world.units["老街街道"], period="2026", **common)
    Reading.objects.create(unit=world.units["城管局"], period="2025", **common)
    assert effects.readings_of(world.task("lead")) == [own]
    assert effects.readings_of(world.task("action")) == []
    world.cite("lead")
    move(world, "submit", "liaison", **ANSWER)
    assert len(Submission.objects.get().readings) == 1


def test_only_evidence_of_this_task_that_counts_is_enough_for_an_upload(world: World) -> None:
    world.cite("assist", by="rival")
    refused(world, "还没有印证资料", "submit", "liaison", **ANSWER)
    piece = world.cite("lead").evidence
    type(piece).objects.filter(pk=piece.pk).update(hidden_at=NOW, hide_reason="待核")
    refused(world, "还没有印证资料", "submit", "liaison", **ANSWER)
    refused(world, "不接受这种提供方式", "submit", "liaison", **ANSWER | {"mode": "post"})
    assert move(world, "submit", "liaison", **STATEMENT).status == "submitted"


def test_marks_of_secrecy_and_waiting_scans_stop_it_and_name_the_pieces(world: World, settings: Any) -> None:
    settings.CLAMAV = "clamd"
    first = world.cite("lead", "甲").evidence
    scan = Scan.objects.create(version=first.versions.get(), held_at=NOW)
    refused(world, "“甲”正在等待查毒", "submit", "liaison", **ANSWER)
    scan.delete()
    pieces = [first, *(world.cite("lead", title).evidence for title in "乙丙丁")]
    for piece in pieces:
        SecrecyMark.objects.create(evidence=piece, version=piece.versions.get(), place="title", word="机密")
    listed = "、".join(f"“{title}”（题名：机密）" for title in "甲乙丙")
    refused(world, f"{listed}带有密级标志", "submit", "liaison", **ANSWER)
    SecrecyMark.objects.all().delete()
    assert move(world, "submit", "liaison", **ANSWER).status == "submitted"


def test_a_draft_of_another_window_is_not_deleted_unseen(world: World) -> None:
    world.cite("lead")
    draft = Draft.objects.create(
        task=world.tasks["lead"], person=world.people["liaison"], content=ANSWER | {"measures": "另写的"}, saved_at=NOW
    )
    others = Draft.objects.create(task=world.tasks["lead"], person=world.people["clerk"], content={}, saved_at=NOW)
    with pytest.raises(Stale) as stale:
        move(world, "submit", "liaison", **ANSWER, draft_seen=draft.version + 1)
    assert "另写的" in str(stale.value.theirs)
    assert move(world, "submit", "liaison", **ANSWER, draft_seen=draft.version).status == "submitted"
    assert list(Draft.objects.all()) == [others]


@pytest.mark.parametrize("measures", ["评查", "另写的"])
def test_without_a_page_or_with_the_same_words_there_is_nothing_to_ask(world: World, measures: str) -> None:
    world.cite("lead")
    draft = {"content": ANSWER | {"measures": measures}, "saved_at": NOW}
    Draft.objects.create(task=world.tasks["lead"], person=world.people["liaison"], **draft)
    seen = {} if measures != ANSWER["measures"] else {"draft_seen": 99}
    assert move(world, "submit", "liaison", **ANSWER, **seen).status == "submitted"


def test_what_a_colleague_wrote_or_added_meanwhile_is_shown_first(world: World) -> None:
    world.cite("lead")
    draft = {"task": world.tasks["lead"], "person": world.people["clerk"], "saved_at": NOW}
    Draft.objects.create(content=ANSWER | {"measures": "承办人写的"}, **draft)
    world.cite("lead", "现场照片", by="clerk")
    before, after = NOW - timedelta(minutes=5), NOW
    with pytest.raises(Stale, match=f"{world.people['clerk'].name}又改过") as stale:
        move(world, "submit", "liaison", **ANSWER, opened=before)
    assert "承办人写的" in str(stale.value.theirs)
    assert "现场照片（一并报送）" in str(stale.value.theirs)
    assert move(world, "submit", "liaison", **ANSWER, opened=after).status == "submitted"


def test_what_a_colleague_replaced_or_removed_meanwhile_is_shown_first(world: World) -> None:
    kept, replaced, removed = (world.cite("lead", title) for title in ("评查通报", "照片", "会议纪要"))
    shown = {"opened": NOW, "pieces": {each.pk: 1 for each in (kept, replaced, removed)}}
    newer = {"number": 2, "text": "重拍", "created_by": world.people["clerk"], "created_at": NOW + DAY}
    EvidenceVersion.objects.create(evidence=replaced.evidence, **newer)
    citing.uncite(removed, world.actor("clerk"))
    with pytest.raises(Stale, match=f"{world.people['clerk'].name}又改过") as stale:
        move(world, "submit", "liaison", **ANSWER, **shown)
    assert f"{world.people['clerk'].name}更换了文件的材料：照片（报送更换后的）" in str(stale.value.theirs)
    assert f"已移除的材料：{removed.number} 会议纪要（不再报送）" in str(stale.value.theirs)
    assert "评查通报" not in str(stale.value.theirs)
    shown["pieces"] = {kept.pk: 1, replaced.pk: 2}
    assert move(world, "submit", "liaison", **ANSWER, **shown).status == "submitted"


def test_what_one_replaced_oneself_is_not_asked_about(world: World) -> None:
    piece = world.cite("lead")
    newer = {"number": 2, "text": "重写", "created_by": world.people["liaison"], "created_at": NOW}
    EvidenceVersion.objects.create(evidence=piece.evidence, **newer)
    assert move(world, "submit", "liaison", **ANSWER, opened=NOW, pieces={piece.pk: 1}).status == "submitted"


def test_what_one_added_oneself_since_the_page_was_opened_is_not_asked_about(world: World) -> None:
    world.cite("lead")
    opened = NOW - timedelta(minutes=5)
    assert move(world, "submit", "liaison", **ANSWER, opened=opened).status == "submitted"


# Signatures


def test_who_signs_hears_of_it_and_the_office_waits(world: World) -> None:
    with_sign_off(world)
    assert move(world, "submit", "liaison", **STATEMENT).status == "signing"
    assert notices("leader", urgency="at_once") == [f"请审签：{world.tasks['lead']}"]
    assert TaskEvent.objects.get(move="submit").note.endswith("工作秘密")
    assert world.task("lead").first_submitted_at is None
    assert move(world, "sign", "leader", at=NOW + DAY, comment="同意").first_submitted_at == NOW + DAY
    assert TaskEvent.objects.get(move="sign").note == "同意"


def test_without_a_signer_it_goes_to_the_office_and_says_so(world: World) -> None:
    with_sign_off(world)
    world.people["leader"].memberships.all().delete()
    assert move(world, "submit", "liaison", **STATEMENT).status == "submitted"
    assert TaskEvent.objects.get().note.endswith(effects.UNSIGNED)
    assert Notice.objects.count() == 0


def test_without_sign_off_or_by_the_office_nobody_is_asked_to_sign(world: World) -> None:
    assert move(world, "submit", "liaison", **STATEMENT).status == "submitted"
    assert TaskEvent.objects.get().note == "情况说明，印证资料 0 份，已声明不含国家秘密和工作秘密"
    with_sign_off(world)
    other = world.task("action")
    actor = world.actor("coordinator")
    done = workflow.perform(workflow.MOVES["submit"], other, actor, other.version, STATEMENT, on_behalf=True)
    assert (done.status, TaskEvent.objects.get(task=other).note) == (
        "submitted",
        "情况说明，印证资料 0 份，已声明不含国家秘密和工作秘密",
    )


def test_a_leader_says_what_to_change(world: World) -> None:
    with_sign_off(world)
    move(world, "submit", "liaison", **STATEMENT)
    for nothing in ({}, {"comment": None}, {"comment": " "}):
        refused(world, "请写明哪里需要修改", "send_back", "leader", **nothing)
    assert move(world, "send_back", "leader", comment="补充附件").status == "open"
    assert notices("liaison", urgency="at_once") == [f"分管领导退回：{world.tasks['lead']}。补充附件"]


# Reviews


@pytest.fixture
def waiting(world: World) -> World:
    move(world, "submit", "liaison", **STATEMENT)
    return world


def test_an_approval_is_stored_and_said(waiting: World) -> None:
    move(waiting, "approve", "reviewer", comment="好")
    review = Review.objects.get()
    assert (review.verdict, review.comment, review.submission) == ("approve", "好", Submission.objects.get())
    assert notices("liaison") == [f"已通过：{waiting.tasks['lead']}"]
    assert AuditEntry.objects.filter(act="task.approve", detail="好").exists()


def test_of_several_answers_the_newest_is_reviewed(waiting: World) -> None:
    move(waiting, "withdraw", "liaison", comment="")
    move(waiting, "submit", "liaison", **STATEMENT)
    move(waiting, "approve", "reviewer", comment="")
    assert Review.objects.get().submission.number == 2


@pytest.mark.parametrize("after", [timedelta(0), DAY])
def test_who_signed_this_answer_does_not_judge_it(world: World, after: timedelta) -> None:
    with_sign_off(world)
    move(world, "submit", "liaison", **STATEMENT)
    move(world, "sign", "leader", at=NOW + after, comment="")
    refused(world, "审签过的答复", "approve", "leader", comment="")
    assert move(world, "approve", "reviewer", comment="").status == "approved"


def test_who_signed_an_earlier_answer_may_judge_the_next(world: World) -> None:
    with_sign_off(world)
    move(world, "submit", "liaison", at=NOW - 2 * DAY, **STATEMENT)
    move(world, "sign", "leader", at=NOW - DAY, comment="")
    move(world, "withdraw", "liaison", comment="")
    world.people["leader"].memberships.all().delete()
    move(world, "submit", "liaison", **STATEMENT)
    assert move(world, "approve", "leader", comment="").status == "approved"


def test_nobody_judges_the_own_answer(waiting: World) -> None:
    refused(waiting, "本人报送或代填", "approve", "liaison", comment="")


def test_a_return_has_a_reason_and_other_has_words(waiting: World) -> None:
    refused(waiting, "请选择退回原因", "return", "reviewer", reason="", comment="补")
    for comment in ("", " ", None):
        refused(waiting, "请写明原因", "return", "reviewer", reason="other", comment=comment)
    assert effects.wrong_return({"reason": "other", "comment": "补"}) == ""
    for reason in set(effects.ReturnReason.values) - {"other"}:
        assert effects.wrong_return({"reason": reason}) == ""


@pytest.mark.parametrize(("day", "ok"), [(None, True), (TODAY - DAY, False), (TODAY, True), (TODAY + DAY, True)])
def test_a_new_day_is_today_or_later(day: date | None, ok: bool) -> None:
    assert (effects.wrong_due_date(day, TODAY) == "") is ok


FRIDAY = date(2026, 8, 14)


def test_a_return_moves_the_day_and_says_it_first(waiting: World) -> None:
    version = waiting.task("lead").version
    reason = next(value for value in effects.ReturnReason.values if value != "other")
    label = effects.ReturnReason(reason).label
    done = move(waiting, "return", "reviewer", reason=reason, comment="补充附件", new_due_on=FRIDAY)
    assert (done.due_on, done.status, waiting.task("lead").version) == (FRIDAY, "returned", version + 1)
    task = waiting.tasks["lead"]
    assert notices("liaison", urgency="at_once") == [f"被退回：{task}。新的时限 2026-08-14。{label}。补充附件"]
    assert TaskEvent.objects.get(move="return").note == f"{label}。补充附件（原时限 2026-08-10）"
    review = Review.objects.get()
    assert (review.verdict, review.reason, review.comment, review.new_due_on) == ("return", reason, "补充附件", FRIDAY)
    assert set(Task.objects.exclude(pk=task.pk).values_list("due_on", flat=True)).isdisjoint({FRIDAY})


@pytest.mark.parametrize("day", [None, date(2026, 8, 10)])
def test_the_same_day_or_none_is_no_change(waiting: World, day: date | None) -> None:
    reason = next(value for value in effects.ReturnReason.values if value != "other")
    move(waiting, "return", "reviewer", reason=reason, comment=None, new_due_on=day)
    assert TaskEvent.objects.get(move="return").note == f"{effects.ReturnReason(reason).label}。"


def test_reopening_needs_a_reason_and_moves_the_day(waiting: World) -> None:
    move(waiting, "approve", "reviewer", comment="")
    refused(waiting, "为什么撤销通过", "reopen", "coordinator", comment="", new_due_on=None)
    refused(waiting, "不能早于今天", "reopen", "coordinator", comment="数据有误", new_due_on=TODAY - DAY)
    done = move(waiting, "reopen", "coordinator", comment="数据有误", new_due_on=FRIDAY)
    assert (done.status, done.due_on) == ("returned", FRIDAY)
    assert notices("liaison", urgency="at_once") == [f"撤销通过：{done}。新的时限 2026-08-14。数据有误"]
    assert TaskEvent.objects.get(move="reopen").note == "数据有误（原时限 2026-08-10）"


# What moves are there, and what is said where one is not


def test_the_state_of_the_task_decides_what_may_be_done(world: World) -> None:
    task = world.task("lead")
    assert [each.name for each in workflow.available_moves(task)] == ["submit"]
    assert workflow.accepts_answers(task)
    task.status = "approved"
    assert [each.name for each in workflow.available_moves(task)] == ["reopen"]
    assert not workflow.accepts_answers(task)
    task.status, task.dropped_on = "open", TODAY
    assert workflow.available_moves(task) == []
    task.dropped_on, task.campaign.state = None, "closed"
    assert workflow.available_moves(task) == []


def test_the_first_moment_of_handing_in_stays(waiting: World) -> None:
    assert waiting.task("lead").first_submitted_at == NOW
    move(waiting, "withdraw", "liaison", comment="", at=NOW + DAY)
    move(waiting, "submit", "liaison", at=NOW + DAY, **STATEMENT)
    assert waiting.task("lead").first_submitted_at == NOW


def test_who_comes_late_reads_what_the_task_is_now(waiting: World) -> None:
    old = waiting.task("lead")
    move(waiting, "withdraw", "liaison", comment="改数字")
    with pytest.raises(Stale) as stale:
        workflow.perform(workflow.MOVES["approve"], old, waiting.actor("reviewer"), old.version, {"comment": ""})
    assert "现为“待办”" in stale.value.sentence
    first, second, third, *rest = str(stale.value.theirs).splitlines()
    assert (first, second) == ("状态：待办", "完成时限：2026-08-10")
    assert third == f"最近操作：撤回（{waiting.people['liaison']}）改数字"
    assert rest[0] == "第 1 次报送："
    assert any("方案已经印发" in line for line in rest)


def test_a_task_without_day_event_or_answer_says_so(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=None)
    old = world.task("lead")
    Task.objects.filter(pk=old.pk).update(version=old.version + 1)
    with pytest.raises(Stale) as stale:
        workflow.perform(workflow.MOVES["submit"], old, world.actor("liaison"), old.version, STATEMENT)
    assert stale.value.theirs == "状态：待办\n完成时限：待定"
    TaskEvent.objects.create(task=old, move="x", label="调整", source="open", target="open", created_at=NOW)
    with pytest.raises(Stale) as stale:
        workflow.perform(workflow.MOVES["submit"], old, world.actor("liaison"), old.version, STATEMENT)
    assert str(stale.value.theirs).endswith("最近操作：调整（系统）")


@pytest.mark.parametrize(
    ("task", "campaign", "said"),
    [
        ({"dropped_on": TODAY}, {}, "已被创建办撤销"),
        ({}, {"state": "closed"}, "不能报送"),
        ({"status": "approved", "first_submitted_at": NOW}, {}, "任务现为“已通过”，不能报送"),
    ],
)
def test_a_refusal_says_why(world: World, task: dict[str, Any], campaign: dict[str, Any], said: str) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(**task)
    Campaign.objects.filter(pk=world.campaign.pk).update(**campaign) if campaign else None
    refused(world, said, "submit", "liaison", **STATEMENT)
