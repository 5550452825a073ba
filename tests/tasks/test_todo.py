"""待办: what each role finds on the first page, in which order, and the number of queries."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.models import (
    Campaign,
    Draft,
    Indicator,
    Membership,
    Notice,
    NoticeKind,
    Phase,
    RequestKind,
    Task,
    TaskRequest,
)
from creation.tasks import progress
from creation.templatetags.creation_tags import day, moment
from tests.support.query_counts import page_queries
from tests.support.world import NOW, TODAY, World
from tests.tasks.test_moves import bring_to, make

pytestmark = pytest.mark.usefixtures("at_now")


def first_page(world: World, who: str, **query: str) -> Any:
    answer = world.client(who).get("/", query)
    assert answer.status_code == 200
    return answer


def buckets(world: World, who: str, **query: str) -> list[tuple[str, list[str]]]:
    desk = first_page(world, who, **query).context["dashboard"]
    return [(bucket.name, [task.code for task in bucket.tasks]) for bucket in desk.buckets]


def text(world: World, who: str) -> str:
    return str(first_page(world, who).content.decode())


def test_returned_tasks_come_first_then_overdue_ones_then_by_day(world: World) -> None:
    bring_to(world, "returned")
    assert buckets(world, "liaison") == [("退回", ["4-3-3"]), ("已逾期", ["D-3"])]


def test_a_return_shows_its_reason_and_the_reviewers_words(world: World) -> None:
    bring_to(world, "returned")
    page = text(world, "liaison")
    assert "材料不全" in page
    assert "缺少通报" in page


def test_tasks_sent_back_by_the_leader_are_among_the_returned_ones(world: World) -> None:
    bring_to(world, "signing")
    make(world, "send_back")
    assert buckets(world, "liaison")[0] == ("退回", ["4-3-3"])
    assert "请补充数据" in text(world, "liaison")


def test_an_old_reason_is_not_shown_after_the_next_answer_was_withdrawn(world: World) -> None:
    bring_to(world, "returned")
    make(world, "submit")
    make(world, "withdraw")
    page = text(world, "liaison")
    assert "退回原因：" not in page
    assert "报送已撤回，尚未重新报送" in page


def test_the_leader_finds_what_awaits_the_signature_first(world: World) -> None:
    bring_to(world, "signing")
    assert buckets(world, "leader")[0] == ("请审签", ["4-3-3"])
    assert ("待分管领导审签", ["4-3-3"]) in buckets(world, "liaison")


def test_the_figures_count_by_phase_what_is_open_overdue_and_near(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=TODAY + timedelta(days=3))
    desk = first_page(world, "liaison").context["dashboard"]
    assert [(p.phase, p.total, p.left, p.overdue, p.near) for p in desk.phases] == [
        ("动员部署", 1, 1, 1, 0),
        ("收集印证资料", 1, 1, 0, 1),
    ]
    assert (desk.totals["left"], desk.totals["overdue"], desk.totals["near"]) == (2, 1, 1)


@pytest.mark.parametrize(("show", "codes"), [("overdue", ["D-3"]), ("returned", ["4-3-3"]), ("near", []), ("sign", [])])
def test_a_tile_narrows_the_rows_to_what_it_counts(world: World, show: str, codes: list[str]) -> None:
    bring_to(world, "returned")
    assert [code for _, found in buckets(world, "liaison", show=show) for code in found] == codes


def test_an_unknown_filter_shows_everything(world: World) -> None:
    assert buckets(world, "liaison", show="<script>") == buckets(world, "liaison")


def test_a_colleagues_draft_is_announced_and_the_own_one_too(world: World) -> None:
    Draft.objects.create(
        task=world.task("lead"), person=world.people["clerk"], content={"measures": "写"}, saved_at=NOW
    )
    assert "程承办 已起草" in text(world, "liaison")
    assert "有未报送的草稿" in text(world, "clerk")
    Draft.objects.update(person=world.people["liaison"])
    page = text(world, "clerk")
    assert "刘联络 已起草" in page
    assert "承办人已起草" not in page


def test_the_offices_own_draft_for_a_unit_is_no_colleagues(world: World) -> None:
    Draft.objects.create(
        task=world.task("lead"), person=world.people["coordinator"], content={"measures": "写"}, saved_at=NOW
    )
    assert "已起草" not in text(world, "liaison")


def test_only_the_own_unit_and_open_campaigns_are_shown(world: World) -> None:
    assert {code for _, codes in buckets(world, "rival") for code in codes} == {"4-3-3", "1-1-1"}
    assert {code for _, codes in buckets(world, "outsider") for code in codes} == {"1-1-1"}
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert buckets(world, "liaison") == []
    assert "还没有分配给本单位的任务" in text(world, "liaison")


def test_with_two_open_campaigns_a_row_names_its_own(world: World) -> None:
    """Next year's checkpoints have the same codes and titles."""
    action = world.tasks["action"]
    assert f"{world.campaign} · " not in text(world, "liaison")
    system, host = world.campaign.system, world.campaign.host
    following = {"district": world.district, "system": system, "host": host, "state": "open", "year": 2027}
    window = {"window_from": date(2025, 1, 1), "window_to": date(2028, 1, 1)}
    later = Campaign.objects.create(name="2027年示范创建", **following, **window)
    phase = Phase.objects.create(campaign=later, kind="evidence", name="收集印证资料", order=1)
    Task.objects.create(
        campaign=later, unit=action.unit, indicator=world.tasks["lead"].indicator, phase=phase, role="lead"
    )
    page = text(world, "liaison")
    assert "2027年示范创建 · 收集印证资料" in page
    assert f"{world.campaign} · {world.tasks['lead'].phase}" in page


def ask_for_time(world: World, task: str = "lead") -> TaskRequest:
    row = world.tasks[task]
    return TaskRequest.objects.create(
        task=row, kind="extension", reason="汛期", wanted_on=date(2026, 8, 20), created_by=row.owner, created_at=NOW
    )


@pytest.mark.parametrize("who", ["liaison", "clerk", "leader"])
def test_a_unit_sees_what_it_has_asked_for_until_it_is_decided(world: World, who: str) -> None:
    asked = ask_for_time(world)
    ask_for_time(world, "other")  # another unit's
    assert first_page(world, who).context["own_requests"] == [asked]
    assert "答复前原时限不变" in text(world, who)
    TaskRequest.objects.update(granted=False, answer="否", decided_by=world.people["coordinator"], decided_at=NOW)
    assert "等待创建办答复的申请" not in text(world, who)


def test_unread_notices_stand_by_day_and_task(world: World) -> None:
    def said(days: int, task: str, words: str) -> Notice:
        return Notice.objects.create(
            person=world.people["liaison"],
            kind=NoticeKind.REMINDER,
            subject=f"task/{world.tasks[task].pk}",
            task=world.tasks[task],
            slot=words,
            text=words,
            created_at=NOW - timedelta(days=days),
        )

    old, first, other, last = (
        said(1, "lead", "甲"),
        said(0, "lead", "乙"),
        said(0, "action", "丙"),
        said(0, "lead", "丁"),
    )
    days = first_page(world, "liaison").context["unread_days"]
    assert [(each.day, [(g.newest, g.earlier) for g in each.groups]) for each in days] == [
        (TODAY, [(last, [first]), (other, [])]),
        (TODAY - timedelta(days=1), [(old, [])]),
    ]
    assert "同一任务当天另有 1 条" in text(world, "liaison")
    world.client("liaison").get(last.get_absolute_url())
    assert [g.newest for day in first_page(world, "liaison").context["unread_days"] for g in day.groups] == [other]


@pytest.mark.parametrize(
    ("kind", "folded"), [("reminder", True), ("approved", True), ("assigned", True), ("returned", False)]
)
def test_three_routine_notices_of_a_day_make_one_line_and_returns_never_do(
    world: World, kind: str, folded: bool
) -> None:
    Notice.objects.bulk_create(
        Notice(
            person=world.people["liaison"],
            kind=kind,
            subject=f"task/{number}",
            slot="甲",
            text=f"第 {number} 件",
            created_at=NOW,
        )
        for number in range(3)
    )
    (day,) = first_page(world, "liaison").context["unread_days"]
    assert [(each.is_folded, len(each.groups)) for each in day.bundles] == ([(True, 3)] if folded else [(False, 1)] * 3)
    words = text(world, "liaison")
    assert all(f"第 {number} 件" in words for number in range(3))
    assert ("3 项</span>" in words) == folded


def test_when_all_is_handed_in_the_page_says_what_it_waits_for(world: World) -> None:
    make(world, "submit")
    make(world, "submit", task="action")
    assert "2 项已报送，等待创建办审核" in text(world, "liaison")


def test_the_office_finds_reviews_and_requests_that_wait(world: World) -> None:
    make(world, "submit")
    task = world.task("other")
    TaskRequest.objects.create(
        task=task, kind=RequestKind.OBJECTION, reason="不是本单位职责", created_by=world.people["rival"], created_at=NOW
    )
    counts = first_page(world, "coordinator").context["campaigns"]
    assert [(c.campaign, c.waiting, c.overdue, c.late_units, c.oldest_on) for c, _ in counts] == [
        (world.campaign, 1, 1, 1, NOW)
    ]
    assert "不是本单位职责" in text(world, "coordinator")
    assert "不是本单位职责" not in text(world, "reviewer")
    assert "开始审核" in text(world, "reviewer")


def test_an_answer_taken_back_and_handed_in_again_waits_since_then(world: World) -> None:
    make(world, "submit")
    make(world, "withdraw")
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        task = world.task("lead")
        from creation.tasks import workflow
        from tests.tasks.test_moves import STATEMENT

        workflow.perform(
            workflow.MOVES["submit"], task, world.actor("liaison", NOW + timedelta(days=1)), task.version, STATEMENT
        )
        assert first_page(world, "reviewer").context["campaigns"][0][0].oldest_on == NOW + timedelta(days=1)


@pytest.mark.parametrize("who", ["chief", "assessor", "inspector"])
def test_those_who_only_read_find_the_way_to_the_progress(world: World, who: str) -> None:
    make(world, "submit")
    make(world, "approve")
    page = text(world, who)
    assert "查看进度" in page
    assert "开始审核" not in page
    assert "收集印证资料：已通过 1 项，共" in page
    assert "行政执法严格规范公正文明：已通过 1 项，共" in page


@pytest.mark.parametrize(("who", "way"), [("administrator", "/accounts/"), ("auditor", "/audit/")])
def test_administrator_and_auditor_find_their_pages(world: World, who: str, way: str) -> None:
    page = text(world, who)
    assert "您没有待办理的任务" in page
    assert way in page


def test_who_reads_only_finds_what_changed_within_a_week(world: World) -> None:
    progress.take_snapshot(world.campaign, TODAY - timedelta(days=8))
    progress.take_snapshot(world.campaign, TODAY - timedelta(days=3))
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    Task.objects.filter(pk=world.tasks["assist"].pk).update(due_on=TODAY - timedelta(days=1))
    for who in ("chief", "assessor"):
        page = text(world, who)
        assert "<h1>总览</h1>" in page
        assert "7月23日以来的变化" in page
        assert "已通过 <strong>1</strong> 项，增加 1 项" in page
        assert "逾期 <strong>2</strong> 项，增加 1 项" in page
        assert "逾期增加的单位：老街街道 1 项" in page
    assert "以来的变化" not in text(world, "coordinator")


def test_without_a_former_day_nothing_is_compared(world: World) -> None:
    progress.take_snapshot(world.campaign, TODAY)
    assert "还没有往日的统计" in text(world, "chief")


def test_who_has_no_role_is_told_whom_to_ask(world: World) -> None:
    assert "还没有分配角色" in text(world, "nobody")


def test_one_person_with_two_roles_finds_both_parts(world: World) -> None:
    from creation.models import Membership
    from creation.rules.policy import Role

    Membership.objects.create(user=world.people["liaison"], role=Role.REVIEWER, district=world.district)
    page = text(world, "liaison")
    assert "D-3" in page
    assert "开始审核" in page


@pytest.mark.parametrize("who", ["liaison", "coordinator", "chief"])
def test_one_task_and_sixty_cost_the_same_number_of_queries(world: World, who: str) -> None:
    def cost() -> int:
        client = world.client(who)
        return page_queries(client, "/")

    ask_for_time(world)
    cost()
    few = cost()
    for number in range(60):
        indicator = Indicator.objects.create(
            system=world.campaign.system,
            parent=world.indicators["4-3"],
            level=3,
            code=f"4-3-{number + 10}",
            key=f"more-{number}",
            order=100 + number,
            title=f"要点 {number}",
        )
        task = Task.objects.create(
            campaign=world.campaign,
            unit=world.units["城管局"],
            indicator=indicator,
            phase=world.phases["evidence"],
            owner=world.people["liaison"],
            due_on=date(2026, 8, 10),
        )
        TaskRequest.objects.create(
            task=task, kind="objection", reason="异议", created_by=world.people["liaison"], created_at=NOW
        )
        Notice.objects.create(
            person=world.people[who],
            kind=NoticeKind.REMINDER,
            subject=f"task/{task.pk}",
            slot="1",
            task=task,
            text="临期",
            created_at=NOW,
        )
    cost()  # indicators have changed, and are read again
    assert cost() == few
    if who == "liaison":
        assert "显示前 50 项" in text(world, who)


def test_a_coordinator_of_a_draft_is_led_to_the_setup(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="draft")
    page = world.client("coordinator").get("/").content.decode()
    assert "活动还没有启动" in page
    assert f'href="/c/{world.campaign.pk}/setup/"' in page
    assert "活动还没有启动" not in world.client("liaison").get("/").content.decode()


def test_the_first_administrator_is_told_the_first_step(world: World) -> None:
    assert "第一步" not in world.client("administrator").get("/").content.decode()
    Membership.objects.filter(user=world.people["coordinator"]).update(ended_on=NOW.date())
    assert "第一步：建立综合协调组的账号" in world.client("administrator").get("/").content.decode()
    assert "第一步" not in world.client("auditor").get("/").content.decode()


# People who only sign


def test_a_leader_sees_first_what_to_sign_and_then_what_is_for_knowing(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="signing")
    Task.objects.filter(pk=world.tasks["action"].pk).update(status="returned")
    page = world.client("leader").get(reverse("todo")).content.decode()
    assert page.index("4-3-3") < page.index("本单位还没有报送的任务") < page.index("D-3")
    assert "点开看内容，再审签同意或退回" in page
    assert "本单位还没有报送的任务" not in world.client("liaison").get(reverse("todo")).content.decode()
    old = [Task(campaign=world.campaign, unit=world.units["城管局"], indicator=world.indicators["1-1-1"], period=f"p{n}",
                phase=world.phases["evidence"], status="returned", due_on=TODAY) for n in range(60)]  # fmt: skip
    Task.objects.bulk_create(old)
    page = world.client("leader").get(reverse("todo")).content.decode()
    assert "点开看内容" in page, "the rest does not push it off the page"
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    page = world.client("leader").get(reverse("todo")).content.decode()
    assert "没有等待您审签的答复" in page
    task = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    assert "由责任人 刘联络办理，您可以查看，报送后请您审签" in world.client("leader").get(task).content.decode()
    assert "您可以查看" not in world.client("rival").get(reverse("todo")).content.decode()


def test_without_sign_off_a_leader_is_promised_no_signature(world: World) -> None:
    page = world.client("leader").get(reverse("todo")).content.decode()
    assert "审签" not in page[page.index("<main") :].replace("待分管领导审签", "")
    assert "由联络员和承办人办理，这里供您了解和督促" in page


def test_a_day_of_another_year_is_named_with_its_year() -> None:
    assert (day(date(2026, 3, 29)), day(date(2027, 3, 29)), day(None)) == ("3月29日", "2027年3月29日", "")
    assert day(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)) == "2027年1月1日"
    assert moment(datetime(2026, 7, 1, 1, 5, tzinfo=UTC)) == "7月1日 09:05"
    assert moment(datetime(2025, 7, 1, 1, 5, tzinfo=UTC)) == "2025年7月1日 09:05"
