"""A rectification is answered like a task, verified by the inspection group, closed (销号), and opened when the problem comes back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import (
    EvidenceNumber,
    Finding,
    FindingSource,
    Notice,
    RectificationPlan,
    Review,
    Task,
    User,
)
from creation.rules.policy import Role
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import progress, rectification_plans, workflow
from tests.support.world import NOW, TODAY, World, add_person

DUE = TODAY + timedelta(days=20)
LATER = TODAY + timedelta(days=40)
ANSWER = {"mode": "statement", "statement": "已按要求整改到位，评查记录补齐。", "results": "补齐案卷 12 件"}


@pytest.fixture
def finding(world: World) -> Finding:
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    text = FindingText(title="案卷没有评查记录", source=source, indicator=world.indicators["4-3-3"])
    return findings.record_finding(world.campaign, text, {world.units["城管局"]: DUE}, world.actor("coordinator"))


@pytest.fixture
def task(finding: Finding) -> Task:
    return finding.rectifications.for_table().get()


def move(world: World, task: Task, name: str, by: str = "inspector", **data: Any) -> Task:
    now = Task.objects.for_table().get(pk=task.pk)
    return workflow.perform(workflow.MOVES[name], now, world.actor(by), now.version, data)


def reported(world: World, task: Task) -> Task:
    return move(world, task, "submit", "liaison", **ANSWER)


def test_it_is_reported_and_closed(world: World, task: Task) -> None:
    assert reported(world, task).get_status_display() == "已报整改"
    closed = move(world, task, "close", how="现场", comment="看了 12 件案卷")
    assert closed.get_status_display() == "已销号"
    assert Review.objects.get().comment == "现场核查：看了 12 件案卷"
    assert Notice.objects.filter(person=world.people["liaison"], text__startswith="已销号").exists()


def test_the_first_page_of_the_unit_does_not_count_it_as_a_task_that_passed(world: World, task: Task) -> None:
    reported(world, task)
    move(world, task, "close", how="现场", comment="看了 12 件案卷")
    page = world.client("liaison").get("/")
    assert (page.context["dashboard"].totals["approved"], page.context["dashboard"].totals["closed"]) == (0, 1)
    assert "整改已销号" in page.content.decode()


def test_part_stays_open_with_what_is_left(world: World, task: Task) -> None:
    reported(world, task)
    with pytest.raises(Refusal, match="还有什么没有整改到位"):
        move(world, task, "accept_part", comment=" ", new_due_on=LATER)
    part = move(world, task, "accept_part", comment="还差 3 件", new_due_on=LATER)
    assert (part.get_status_display(), part.due_on) == ("部分整改", LATER)
    assert reported(world, task).submissions.count() == 2
    assert move(world, task, "close", how="书面").status == "approved"


def test_what_lasts_needs_the_consent_and_is_looked_at_again(world: World, task: Task) -> None:
    reported(world, task)
    with pytest.raises(Refusal, match="领导小组同意"):
        move(world, task, "keep", comment="", new_due_on=LATER)
    with pytest.raises(Refusal, match="请填写日期"):
        move(world, task, "keep", comment="9月3日领导小组第5次会议")
    kept = move(world, task, "keep", comment="9月3日领导小组第5次会议", new_due_on=LATER)
    assert (kept.get_status_display(), kept.due_on) == ("长期坚持", LATER)
    again = move(world, task, "look_again", comment="仍在坚持", new_due_on=LATER + timedelta(days=365))
    assert again.due_on == LATER + timedelta(days=365)
    assert move(world, task, "close", how="书面").status == "approved"
    assert Review.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_what_comes_back_is_rectified_again_and_counted(world: World, task: Task) -> None:
    reported(world, task)
    move(world, task, "close", how="书面")
    back = move(world, task, "relapse", comment="抽查又缺记录", new_due_on=LATER)
    assert back.get_status_display() == "退回整改"
    page = world.client("inspector").get(reverse("rectifications", args=[world.campaign.pk])).content.decode()
    assert "1 次" in page
    assert '<td data-label="状态" class="">退回整改</td>' in page


def test_two_inspectors_at_once(world: World, task: Task) -> None:
    """One closes, one returns what both have seen: the second is told and shown what is now."""
    reported(world, task)
    seen = Task.objects.for_table().get(pk=task.pk)
    second = Task.objects.for_table().get(pk=task.pk)
    workflow.perform(workflow.MOVES["close"], seen, world.actor("inspector"), seen.version, {"how": "书面"})
    with pytest.raises(Stale, match="已销号") as stale:
        workflow.perform(
            workflow.MOVES["return_rectification"],
            second,
            world.actor("coordinator"),
            second.version,
            {"reason": "missing", "comment": "缺附件"},
        )
    assert "销号" in str(stale.value.theirs)


def test_the_moves_of_tasks_and_of_rectifications_are_kept_apart(world: World, task: Task) -> None:
    reported(world, task)
    with pytest.raises(Refusal, match="不能通过"):
        move(world, task, "approve", "coordinator")
    world.cite("lead")
    move(world, world.task("lead"), "submit", "liaison", mode="upload", results="已评查")
    with pytest.raises(Refusal, match="不能销号"):
        move(world, world.task("lead"), "close", "coordinator", how="书面")


def test_nobody_verifies_what_he_reported(world: World, task: Task) -> None:
    now = Task.objects.for_table().get(pk=task.pk)
    workflow.perform(workflow.MOVES["submit"], now, world.actor("coordinator"), now.version, ANSWER, on_behalf=True)
    with pytest.raises(Refusal, match="没有参与过的人办理：杜督导"):
        move(world, task, "close", "coordinator", how="书面")
    Finding.objects.update(created_by=world.people["inspector"])
    with pytest.raises(Refusal, match="本人报送或代填"):
        move(world, task, "close", "coordinator", how="书面", why_alone="只有我")
    Finding.objects.update(created_by=world.people["coordinator"])
    assert move(world, task, "close", how="书面").status == "approved"


# Who wrote the finding or the rectification does not verify it


@pytest.fixture
def second(world: World) -> User:
    world.people["second"] = add_person("second", "严督导", Role.INSPECTOR, world.units["司法局"])
    return world.people["second"]


@pytest.fixture
def own_task(world: World, finding: Finding) -> Task:
    """Return a rectification of a finding that the inspector recorded, reported by the unit."""
    text = replace(findings.text_of(finding), title="档案没有编号")
    made = findings.record_finding(world.campaign, text, {world.units["城管局"]: DUE}, world.actor("inspector"))
    return reported(world, made.rectifications.for_table().get())


VERDICTS = {
    "close": {"how": "书面"},
    "accept_part": {"comment": "还差 3 件", "new_due_on": LATER},
    "keep": {"comment": "9月3日领导小组第5次会议", "new_due_on": LATER},
}


@pytest.mark.parametrize("name", VERDICTS)
def test_who_recorded_a_finding_leaves_the_verification_to_others(
    world: World, second: User, own_task: Task, name: str
) -> None:
    with pytest.raises(Refusal, match="您登记了这个问题，销号等核查须由督导检查组没有参与过的人办理：严督导"):
        move(world, own_task, name, why_alone="赶时间", **VERDICTS[name])
    assert Task.objects.get(pk=own_task.pk).version == own_task.version
    move(world, own_task, name, "second", **VERDICTS[name])


def test_who_recorded_a_finding_may_return_the_report(world: World, second: User, own_task: Task) -> None:
    assert move(world, own_task, "return_rectification", reason="missing", comment="缺附件").status == "returned"


def test_who_wrote_the_plan_or_changed_the_wording_does_not_verify(world: World, second: User, task: Task) -> None:
    rectification_plans.set_plan(task, "逐卷补齐", "", "", 0, world.actor("second"))
    now = Finding.objects.get(pk=task.finding_id)
    text = replace(findings.text_of(now), title="案卷评查没有记录")
    reported(world, task)
    with pytest.raises(Refusal, match=r"您填写过整改方案.*：杜督导。"):
        move(world, task, "close", "second", how="书面")
    findings.edit_finding(now, text, world.actor("inspector"), now.version)
    with pytest.raises(Refusal, match="请写明为什么"):
        move(world, task, "close", how="书面")
    with pytest.raises(Refusal, match="请写明为什么"):
        move(world, task, "close", "second", how="书面", why_alone=" ")


def test_a_group_of_one_says_why_on_the_page(world: World, at_now: None, own_task: Task) -> None:
    client = world.client("inspector")
    page = client.get(own_task.get_absolute_url()).content.decode()
    assert "为什么由您本人核查" in page
    address = reverse("task_move", args=[world.campaign.pk, own_task.pk, "close"])
    said = {"version": own_task.version, "how": "书面", "comment": "", "why_alone": ""}
    refused = client.post(address, said)
    assert (refused.status_code, Review.objects.count()) == (422, 0)
    assert "请写明为什么由您本人核查" in refused.content.decode()
    client.post(address, said | {"why_alone": "另一人在驻村"})
    page = client.get(own_task.get_absolute_url()).content.decode()
    assert "核查人登记了这个问题，督导检查组没有其他人可以核查：另一人在驻村" in page


def test_the_page_says_who_verifies_instead(world: World, at_now: None, second: User, own_task: Task) -> None:
    page = world.client("inspector").get(own_task.get_absolute_url()).content.decode()
    assert "您登记了这个问题，销号等核查须由督导检查组没有参与过的人办理：严督导。" in page
    assert "确认销号" not in page
    assert "确认退回整改" in page
    page = world.client("second").get(own_task.get_absolute_url()).content.decode()
    assert "确认销号" in page
    assert "为什么由您本人核查" not in page


def test_evidence_has_numbers_of_the_finding(world: World, finding: Finding, task: Task) -> None:
    from creation.evidence import citing

    piece = world.cite("lead").evidence
    citing.cite(task, piece, world.actor("liaison"))
    assert [str(number) for number in EvidenceNumber.objects.filter(point=finding.code)] == ["W001-01"]


def test_progress_ledger_and_review_queue_do_not_count_it(world: World, task: Task) -> None:
    before = progress.matrix(Task.objects.active().of_plan().filter(campaign=world.campaign), TODAY).whole.total
    reported(world, task)
    page = world.client("reviewer").get(reverse("review_queue", args=[world.campaign.pk])).content.decode()
    assert "案卷没有评查记录" not in page
    page = world.client("coordinator").get(reverse("task_list", args=[world.campaign.pk])).content.decode()
    assert "案卷没有评查记录" not in page
    assert progress.matrix(Task.objects.active().of_plan().filter(campaign=world.campaign), TODAY).whole.total == before


@time_machine.travel(NOW, tick=False)
def test_the_unit_sees_it_in_its_todo_and_writes_its_plan(world: World, finding: Finding, task: Task) -> None:
    client = world.client("liaison")
    assert finding.title in client.get(reverse("todo")).content.decode()
    page = client.get(task.get_absolute_url()).content.decode()
    assert finding.number in page
    assert f'href="{world.task("lead").get_absolute_url()}"' in page, "the unit's task at the finding's checkpoint"
    address = reverse("rectification_plan", args=[world.campaign.pk, task.pk])
    sent = {"measures": "逐卷补齐", "leader": "方分管", "person": "刘联络", "seen": 0}
    assert "整改方案已保存" in client.post(address, sent, follow=True).content.decode()
    assert client.post(address, sent).status_code == 409
    assert "请填写整改措施" in client.post(address, {"seen": 1}).content.decode()
    assert RectificationPlan.objects.get().measures == "逐卷补齐"
    lead = client.get(world.task("lead").get_absolute_url()).content.decode()
    assert finding.title in lead


@time_machine.travel(NOW, tick=False)
def test_the_inspector_closes_it_on_the_page(world: World, task: Task) -> None:
    reported(world, task)
    client = world.client("inspector")
    page = client.get(task.get_absolute_url()).content.decode()
    assert "确认销号" in page
    assert "确认通过" not in page
    now = Task.objects.get(pk=task.pk)
    address = reverse("task_move", args=[world.campaign.pk, task.pk, "close"])
    answer = client.post(address, {"version": now.version, "how": "现场", "comment": ""}, follow=True)
    assert "现为“已销号”" in answer.content.decode()
