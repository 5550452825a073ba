"""Status changes: every move from every status by every role, its effects, and concurrent changes."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from creation import access
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AuditEntry,
    Campaign,
    Draft,
    FindingSource,
    Membership,
    Notice,
    Review,
    Submission,
    Task,
    TaskStatus,
    User,
)
from creation.rules.policy import PERMISSION_MATRIX, Role
from creation.supervision import findings
from creation.tasks import workflow
from creation.tasks.workflow import MOVES, Subject
from tests.support.sampling import Chosen
from tests.support.world import CAST, NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

STATEMENT = {
    "mode": "statement",
    "statement": "本年度没有此项业务。",
    "measures": "逐项自查",
    "results": "",
    "highlights": "",
}
DATA: dict[str, dict[str, Any]] = {
    "answer": STATEMENT,
    "comment": {"comment": ""},
    "required_comment": {"comment": "请补充数据"},
    "return": {"reason": "missing", "comment": "缺少通报"},
    "reopen": {"comment": "省级核查需要补充"},
    "close": {"how": "书面", "comment": ""},
    "accept_part": {"comment": "还差三件", "new_due_on": TODAY},
    "keep": {"comment": "领导小组第5次会议", "new_due_on": TODAY},
    "look_again": {"comment": "仍在坚持", "new_due_on": TODAY},
    "relapse": {"comment": "又有三件", "new_due_on": TODAY},
}
OF_UNIT = {"submit": "liaison", "withdraw": "liaison", "sign": "leader", "send_back": "leader"}
WHO = {
    name: "inspector" for name, move in MOVES.items() if move.subject is Subject.RECTIFICATION
} | OF_UNIT  # others: the reviewer


def make(world: World, move: str, who: str = "", task: str = "lead", **data: Any) -> Task:
    """Make a move with the verb, by the person who usually does."""
    found = world.task(task)
    entry = MOVES[move]
    actor = world.actor(who or WHO.get(move, "reviewer"))
    on_behalf = access.acts_on_behalf_of_unit(actor.human, entry.permission, found)
    return workflow.perform(entry, found, actor, found.version, DATA[entry.form] | data, on_behalf)


PATHS = {
    "open": [],
    "signing": ["submit"],
    "submitted": ["submit"],
    "returned": ["submit", "return"],
    "approved": ["submit", "approve"],
}
RECTIFICATION_PATHS = PATHS | {
    "returned": ["submit", "return_rectification"],
    "approved": ["submit", "close"],
    "partial": ["submit", "accept_part"],
    "long_term": ["submit", "keep"],
}
KINDS = {"lead": PATHS, "rectification": RECTIFICATION_PATHS}


@pytest.fixture
def both(world_at_work: World) -> World:
    """Return the world with a finding about the unit of ``lead``: the task ``rectification``."""
    world = world_at_work
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    days = {world.tasks["lead"].unit: None}
    text = findings.FindingText(title="评查不全", source=source)
    made = findings.record_finding(world.campaign, text, days, world.actor("reviewer"))
    world.tasks["rectification"] = made.rectifications.get()
    return world


def bring_to(world: World, status: str, name: str = "lead") -> Task:
    """Bring the task into this status by moves."""
    if status == "signing":
        Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    for move in KINDS[name][status]:
        make(world, move, task=name)
    return world.task(name)


def post(world: World, who: str, move: str, version: int, name: str = "lead", **data: Any) -> Any:
    url = reverse("task_move", args=[world.campaign.pk, world.tasks[name].pk, move])
    return world.client(who).post(url, DATA[MOVES[move].form] | {"version": version} | data)


def expected(person: User, task: Task, move: str) -> tuple[int, str]:
    """Compute the expected result from both tables: 404 for those who may not see the task, 403 without the right, else the move or its
    refusal."""
    entry, status = MOVES[move], task.status
    if not access.may(person, "task.read", task):
        return 404, status
    if not access.may(person, entry.permission, task):
        return 403, status
    if status not in entry.sources or not entry.applies_to(task):
        return 422, status
    return 302, TaskStatus(entry.target)


@pytest.mark.parametrize(("name", "status"), [(name, status) for name, paths in KINDS.items() for status in paths])
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_by_its_roles_from_its_sources_and_by_nobody_from_anywhere_else(
    both: World, move: str, name: str, status: str, one_in: Callable[[int], Chosen]
) -> None:
    """Of those who may not, each run tries a sixth."""
    world, a_sixth = both, one_in(6)
    for who in CAST:
        if Task.objects.get(pk=world.tasks[name].pk).status != status or status in {"open", "long_term"}:
            Review.objects.all().delete()
            Submission.objects.all().delete()
            Task.objects.filter(pk=world.tasks[name].pk).update(status="open")
            bring_to(world, status, name)
            Campaign.objects.update(sign_off=False)
        before = world.task(name)
        code, after = expected(world.people[who], before, move)
        if code in {403, 404} and not a_sixth(move, name, status, who):
            continue
        answer = post(world, who, move, before.version, name)
        now = Task.objects.get(pk=before.pk)
        assert (who, answer.status_code, now.status) == (who, code, after)
        assert now.version == before.version + (code == 302)


def test_what_nobody_sees_is_in_the_table_of_rights() -> None:
    assert {move.permission for move in MOVES.values()} <= set(PERMISSION_MATRIX)


def test_the_page_shows_a_button_for_exactly_the_moves_that_are_open_and_allowed(world: World) -> None:
    for status in PATHS:
        Submission.objects.all().delete() if not Review.objects.exists() else None
        task = world.task("lead")
        Task.objects.filter(pk=task.pk).update(status=status, first_submitted_at=NOW)
        for who in ("liaison", "clerk", "leader", "coordinator", "reviewer", "inspector", "chief"):
            url = reverse("task", args=[world.campaign.pk, task.pk])
            page = world.client(who).get(url, {"behalf": "1"}).content.decode()
            shown = set(re.findall(rf"/tasks/{task.pk}/moves/(\w+)/", page))
            user = world.people[who]
            open_moves = [move for move in MOVES.values() if status in move.sources and move.applies_to(task)]
            allowed = {move.name for move in open_moves if access.may(user, move.permission, task)}
            assert (status, who, shown) == (status, who, allowed)


def test_handing_in_freezes_the_answer_with_what_it_cites(world: World) -> None:
    citation = world.cite("lead")
    make(world, "submit", mode="upload", measures="评查 46 宗")
    submission = Submission.objects.get()
    assert (submission.number, submission.mode, submission.measures) == (1, "upload", "评查 46 宗")
    assert [row.number for row in submission.cited.all()] == ["4-3-3-01"]
    assert submission.digest == workflow.digest_of(submission, list(submission.cited.select_related("version")))
    citation.evidence.title = "后来改名"
    citation.evidence.save()
    assert submission.cited.get().title == "评查通报"


def test_an_upload_answer_without_evidence_is_refused_in_place_with_what_was_typed(world: World) -> None:
    answer = post(world, "liaison", "submit", 1, mode="upload", measures="做了很多工作")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "还没有印证资料" in page
    assert "做了很多工作" in page
    assert not Submission.objects.exists()
    assert world.task("lead").status == "open"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"mode": "on_site", "keeper": "", "place": "档案室"}, "请填写保管人"),
        ({"mode": "on_site", "keeper": "程承办", "place": ""}, "请填写存放地点"),
        ({"mode": "statement", "statement": " "}, "请填写情况说明"),
        ({"mode": "telepathy"}, "选择一个有效的选项"),
    ],
)
def test_an_answer_lacks_what_its_mode_needs(world: World, data: dict[str, str], sentence: str) -> None:
    answer = post(world, "liaison", "submit", 1, **data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_mode_the_action_does_not_take_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="提供方式"):
        make(world, "submit", task="action", mode="on_site", keeper="程", place="室")


def test_with_sign_off_the_leader_signs_before_the_office_sees_it(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    assert make(world, "submit").status == "signing"
    assert world.task("lead").first_submitted_at is None
    assert Notice.objects.get(person=world.people["leader"]).text.startswith("请审签")
    assert make(world, "sign").status == "submitted"
    assert world.task("lead").first_submitted_at == NOW


def test_the_leader_sends_back_with_a_comment_that_the_liaison_sees(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    make(world, "submit")
    assert make(world, "send_back").status == "open"
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "请补充数据" in page.content.decode()
    assert Notice.objects.filter(person=world.people["liaison"], kind="returned").count() == 1


def test_a_return_needs_a_reason_and_other_needs_words(world: World) -> None:
    task = bring_to(world, "submitted")
    assert "请选择退回原因" in post(world, "reviewer", "return", task.version, reason="").content.decode()
    assert "请写明原因" in post(world, "reviewer", "return", task.version, reason="other", comment="").content.decode()
    assert world.task("lead").status == "submitted"


def test_a_return_sets_the_new_day_and_notifies_the_liaison_at_once(world: World) -> None:
    task = bring_to(world, "submitted")
    assert post(world, "reviewer", "return", task.version, new_due_on="2026-08-20").status_code == 302
    assert world.task("lead").due_on.isoformat() == "2026-08-20"
    notice = Notice.objects.get(person=world.people["liaison"], kind="returned")
    assert "缺少通报" in notice.text
    assert notice.urgency == "at_once"


def test_a_return_that_names_the_day_it_had_changes_no_day(world: World) -> None:
    task = bring_to(world, "submitted")
    assert post(world, "reviewer", "return", task.version, new_due_on=task.due_on.isoformat()).status_code == 302
    assert "原时限" not in world.task("lead").events.get(move="return").note


def test_a_new_day_in_the_past_is_no_new_day(world: World) -> None:
    task = bring_to(world, "submitted")
    answer = post(world, "reviewer", "return", task.version, new_due_on="2026-07-30")
    assert (answer.status_code, world.task("lead").status) == (422, "submitted")


def test_after_a_return_the_form_begins_with_the_last_answer_and_it_is_handed_in_again(world: World) -> None:
    task = bring_to(world, "returned")
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, task.pk])).content.decode()
    assert "本年度没有此项业务。" in page
    assert "材料不全" in page
    assert post(world, "liaison", "submit", task.version, statement="补充说明").status_code == 302
    assert [s.statement for s in Submission.objects.order_by("number")] == ["本年度没有此项业务。", "补充说明"]


def test_nobody_reviews_what_they_entered_themselves(world: World) -> None:
    Membership.objects.create(user=world.people["coordinator"], role=Role.REVIEWER, district=world.district)
    make(world, "submit", who="coordinator")
    answer = post(world, "coordinator", "approve", 2)
    assert answer.status_code == 422
    assert "不能审核本人报送或代填的答复" in answer.content.decode()
    assert world.task("lead").status == "submitted"
    assert make(world, "approve").status == "approved"


def test_who_signed_an_answer_does_not_judge_it(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    make(world, "submit")
    make(world, "sign")
    task = world.task("lead")
    with pytest.raises(Refusal, match="审签过"):
        workflow.perform(MOVES["approve"], task, world.actor("leader"), task.version, {"comment": ""})
    assert world.task("lead").status == "submitted"
    assert make(world, "approve").status == "approved"


def test_what_the_office_enters_for_a_unit_is_marked_and_needs_no_signature(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    assert post(world, "coordinator", "submit", 1).status_code == 302
    assert world.task("lead").status == "submitted"
    assert Submission.objects.get().on_behalf
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "代填" in page.content.decode()


def test_a_review_is_not_marked_as_done_for_the_unit(world: World) -> None:
    assert not access.acts_on_behalf_of_unit(world.people["reviewer"], "task.review", world.task("lead"))
    assert access.acts_on_behalf_of_unit(world.people["coordinator"], "task.submit", world.task("lead"))
    assert not access.acts_on_behalf_of_unit(world.people["liaison"], "task.submit", world.task("lead"))


def test_in_a_closed_campaign_nothing_moves(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    answer = post(world, "liaison", "submit", 1)
    assert answer.status_code == 422
    assert "已结束" in answer.content.decode()
    assert world.task("lead").status == "open"


def test_a_late_answer_stays_visible_as_late(world: World) -> None:
    make(world, "submit", task="action")
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["action"].pk]))
    assert "逾期报送" in page.content.decode()


def test_every_move_leaves_an_event_and_an_audit_entry(world: World) -> None:
    bring_to(world, "returned")
    events = world.task("lead").events.values_list("move", "source", "target")
    assert list(events) == [("submit", "open", "submitted"), ("return", "submitted", "returned")]
    assert list(AuditEntry.objects.order_by("id").values_list("act", flat=True)) == ["task.submit", "task.return"]


def test_a_stale_version_gets_a_409_that_shows_both_texts(world: World) -> None:
    bring_to(world, "returned")
    answer = post(world, "liaison", "submit", 1, statement="我在旧页面上写的")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我在旧页面上写的" in page
    assert "本年度没有此项业务。" in page
    assert Submission.objects.count() == 1


def test_from_the_409_page_the_own_text_can_be_sent_knowingly(world: World) -> None:
    bring_to(world, "returned")
    fields = post(world, "liaison", "submit", 1, statement="我在旧页面上写的").context["again"]["fields"]
    url = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
    assert world.client("liaison").post(url, fields).status_code == 302
    assert Submission.objects.order_by("-number")[0].statement == "我在旧页面上写的"


def test_a_reviewer_cannot_approve_what_was_changed_behind_his_back(world: World) -> None:
    seen = bring_to(world, "submitted").version
    make(world, "withdraw")
    make(world, "submit", statement="换了一份")
    answer = post(world, "reviewer", "approve", seen)
    assert answer.status_code == 409
    assert "换了一份" in answer.content.decode()
    assert not Review.objects.exists()


def test_coming_back_to_a_move_by_its_address_leads_to_the_task(world: World) -> None:
    url = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
    assert world.client("liaison").get(url).url == reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    assert world.client("liaison").get(url.replace("submit", "burn")).status_code == 404


def test_handing_in_takes_the_own_draft_and_leaves_the_colleagues(world: World) -> None:
    for who in ("liaison", "clerk"):
        Draft.objects.create(task=world.task("lead"), person=world.people[who], content={"measures": who}, saved_at=NOW)
    make(world, "submit")
    assert [draft.person.username for draft in Draft.objects.all()] == ["clerk"]


@pytest.mark.django_db(transaction=True)
def test_of_two_concurrent_reviews_one_succeeds_and_the_other_is_refused(world: World) -> None:
    Membership.objects.create(user=world.people["inspector"], role=Role.REVIEWER, district=world.district)
    seen = bring_to(world, "submitted").version
    told: list[str] = []
    gate = threading.Barrier(2)

    def judge(who: str, move: str) -> None:
        try:
            task = world.task("lead")
            actor = Actor(User.objects.get(username=who), NOW)
            gate.wait(10)
            workflow.perform(MOVES[move], task, actor, seen, DATA[MOVES[move].form])
            told.append("done")
        except Stale as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=judge, args=args) for args in (("reviewer", "approve"), ("inspector", "return"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(word[:4] for word in told) == sorted(["done", "该任务刚"])
    assert Review.objects.count() == 1
    assert world.task("lead").version == seen + 1


def test_today_is_the_day_the_tests_live_in() -> None:
    assert NOW.date() == TODAY
