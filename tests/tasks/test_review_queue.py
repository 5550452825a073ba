"""The review queue: oldest first, filtered, with current viewers; after a decision, the next task opens."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from creation.models import Submission, Task, Viewing
from creation.tasks import pending_reviews
from tests.support.query_counts import page_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")


def submit_task(task: Task, by: Any, at: datetime, number: int = 1) -> Submission:
    Task.objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=at)
    return Submission.objects.create(
        task=task,
        number=number,
        mode="statement",
        statement="本单位无此项业务。",
        due_on=task.due_on,
        handed_on=at.date(),
        created_by=by,
        created_at=at,
        digest="x",
    )


@pytest.fixture
def three(world: World) -> World:
    """``other`` was submitted five days ago, ``lead`` two days ago, ``assist`` today."""
    for name, person, days in [("other", "rival", 5), ("lead", "liaison", 2), ("assist", "rival", 0)]:
        submit_task(world.task(name), world.people[person], NOW - timedelta(days=days))
    return world


def address(world: World, query: str = "") -> str:
    return reverse("review_queue", args=[world.campaign.pk]) + query


def rows(client: Client, world: World, query: str = "") -> list[str]:
    names = {task.pk: name for name, task in world.tasks.items()}
    page = client.get(address(world, query))
    return [names[row.record.pk] for row in page.context["table"].paginated_rows]


def open_review(client: Client, world: World, name: str, query: str = "") -> Any:
    return client.get(reverse("review", args=[world.campaign.pk, world.tasks[name].pk]) + query)


def judge(client: Client, world: World, name: str, move: str = "approve", query: str = "", **data: Any) -> Any:
    task = world.task(name)
    return client.post(
        reverse("review_move", args=[world.campaign.pk, task.pk, move]) + query, {"version": task.version} | data
    )


def leads_to(world: World, name: str, query: str = "") -> str:
    return reverse("review", args=[world.campaign.pk, world.tasks[name].pk]) + query


def test_the_oldest_submission_is_first_with_its_days_of_waiting(three: World) -> None:
    reviewer = three.client("reviewer")
    assert rows(reviewer, three) == ["other", "lead", "assist"]
    page = reviewer.get(address(three)).content.decode()
    assert "5 天" in page
    assert "今天报送" in page
    assert "情况说明" in page


def test_the_queue_is_divided_by_section_and_unit_in_the_address(three: World) -> None:
    reviewer = three.client("reviewer")
    assert rows(reviewer, three, "?section=4") == ["lead", "assist"]
    assert rows(reviewer, three, f"?unit={three.units['老街街道'].pk}") == ["other", "assist"]
    assert rows(reviewer, three, f"?section=4&unit={three.units['城管局'].pk}") == ["lead"]


def test_the_tabs_count_what_waits_in_each_part(three: World) -> None:
    context = three.client("reviewer").get(address(three)).context
    assert [(tab.value, tab.count) for tab, _ in context["tabs"]] == [("1", 1), ("4", 2)]
    assert [(tab.label, tab.count) for tab in context["units"]] == [("老街街道", 2), ("城管局", 1)]


def test_work_that_is_no_indicator_has_a_tab_of_its_own(three: World) -> None:
    submit_task(three.task("action"), three.people["liaison"], NOW)
    reviewer = three.client("reviewer")
    assert rows(reviewer, three, "?section=action") == ["action"]
    assert "工作事项" in reviewer.get(address(three)).content.decode()


def test_an_opened_item_shows_to_others_for_ten_minutes(three: World) -> None:
    open_review(three.client("reviewer"), three, "lead")
    assert "申审核 正在审核此项" in open_review(three.client("coordinator"), three, "lead").content.decode()
    assert "申审核 正在审核" in three.client("coordinator").get(address(three)).content.decode()
    assert "申审核 正在审核" not in three.client("reviewer").get(address(three)).content.decode()
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert "申审核 正在审核" not in three.client("coordinator").get(address(three)).content.decode()


def test_working_on_the_page_keeps_the_mark_alive(three: World) -> None:
    open_review(three.client("reviewer"), three, "lead")
    with time_machine.travel(NOW + timedelta(minutes=8), tick=False):
        watch = reverse("review_watch", args=[three.campaign.pk, three.tasks["lead"].pk])
        assert three.client("reviewer").post(watch).status_code == 200
    assert Viewing.objects.get().until == NOW + timedelta(minutes=18)


def test_after_an_approval_the_next_one_of_the_same_part_opens(three: World) -> None:
    answer = judge(three.client("reviewer"), three, "lead", query="?section=4")
    assert answer.url == leads_to(three, "assist", "?section=4")
    assert not Viewing.objects.exists()


def test_at_the_end_it_begins_again_with_what_was_passed_over(three: World) -> None:
    assert judge(three.client("reviewer"), three, "assist").url == leads_to(three, "other")


def test_the_next_one_is_not_what_somebody_else_reads(three: World) -> None:
    open_review(three.client("coordinator"), three, "lead")
    assert judge(three.client("reviewer"), three, "other").url == leads_to(three, "assist")


def test_the_next_one_is_not_the_person_s_own(three: World) -> None:
    Submission.objects.filter(task=three.tasks["lead"]).update(created_by=three.people["coordinator"], on_behalf=True)
    assert judge(three.client("coordinator"), three, "other").url == leads_to(three, "assist")


def test_the_last_one_leads_back_to_a_friendly_queue(three: World) -> None:
    reviewer = three.client("reviewer")
    assert judge(reviewer, three, "other", query="?section=1").url == address(three, "?section=1")
    assert "这一部分审完了。其他部分还有 2 项" in reviewer.get(address(three, "?section=1")).content.decode()
    judge(reviewer, three, "lead")
    assert judge(reviewer, three, "assist").url == address(three)
    assert "全部审完了" in reviewer.get(address(three)).content.decode()


def test_place_and_neighbours_are_those_of_the_part(three: World) -> None:
    context = open_review(three.client("reviewer"), three, "lead").context
    assert context["position"] == (2, 3, three.tasks["other"].pk, three.tasks["assist"].pk)
    context = open_review(three.client("reviewer"), three, "lead", "?section=4").context
    assert context["position"] == (1, 2, None, three.tasks["assist"].pk)


def test_what_left_the_queue_meanwhile_is_said_and_leads_back(three: World) -> None:
    judge(three.client("coordinator"), three, "lead")
    page = three.client("reviewer").get(leads_to(three, "lead"), follow=True)
    assert page.redirect_chain == [(address(three), 302)]
    assert "现为“已通过”，不在审核队列中" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "code"),
    [("reviewer", 200), ("coordinator", 200), ("liaison", 403), ("inspector", 403), ("chief", 403), ("outsider", 404)],
)
def test_who_may_read_the_queue_and_open_an_item(three: World, name: str, code: int) -> None:
    client = three.client(name)
    assert client.get(address(three)).status_code == code
    assert open_review(client, three, "lead").status_code == code


def fill(world: World, count: int) -> None:
    lead = world.task("lead")
    for number in range(count):
        task = Task.objects.create(
            campaign=lead.campaign,
            unit=lead.unit,
            indicator=lead.indicator,
            phase=lead.phase,
            owner=lead.owner,
            period=f"p{number}",
        )
        submit_task(task, world.people["liaison"], NOW - timedelta(hours=number))
        Viewing.objects.create(task=task, person=world.people["coordinator"], until=NOW + timedelta(minutes=5))


def cost(client: Client, where: str) -> int:
    client.get(where)
    return page_queries(client, where)


def test_two_hundred_waiting_items_cost_no_more_queries_than_three(three: World) -> None:
    client = three.client("reviewer")
    pages = [address(three), leads_to(three, "lead")]
    few = [cost(client, page) for page in pages]
    fill(three, 200)
    assert [cost(client, page) for page in pages] == few


def test_a_task_outside_the_queue_is_placed_before_the_first() -> None:
    assert pending_reviews.position_of(Task(pk=9), [1, 2]) == (0, 2, None, 1)
