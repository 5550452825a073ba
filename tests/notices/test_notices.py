"""The inbox: unread first, notices link to their subject, nobody reads another person's."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creation.models import Notice, NoticeKind, Task
from creation.people.notifications import notify_about_task
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World


def tell(world: World, person: str = "liaison", count: int = 1, **given: object) -> list[Notice]:
    values = {
        "kind": NoticeKind.REMINDER,
        "task": world.tasks["lead"],
        "subject": f"task/{world.tasks['lead'].pk}",
    } | given
    first = Notice.objects.count()
    return [
        Notice.objects.create(
            person=world.people[person], slot=str(first + n), text=f"第{first + n}条", created_at=NOW + timedelta(minutes=first + n),
            **values,
        )
        for n in range(count)
    ]  # fmt: skip


def page(world: World, who: str = "liaison", query: str = "") -> str:
    response = world.client(who).get(f"/notices/{query}")
    assert response.status_code == 200
    return response.content.decode()


def read_at(notice: Notice) -> datetime | None:
    notice.refresh_from_db()
    return notice.read_at


def test_unread_ones_come_first_and_then_the_newest(world: World) -> None:
    old, read, new = tell(world, count=3)
    Notice.objects.filter(pk=read.pk).update(read_at=NOW)
    text = page(world)
    assert text.index(new.text) < text.index(old.text) < text.index(read.text)
    assert text.count("未读：") == 2
    assert "2 条未读" in text


def test_a_day_has_one_entry_for_each_task(world: World) -> None:
    yesterday, first, last = tell(world, count=3)
    other, another = tell(world, count=2, task=None, subject="unit/0")
    Notice.objects.filter(pk=yesterday.pk).update(created_at=NOW - timedelta(days=1))
    days = world.client("liaison").get("/notices/").context["days"]
    assert [[(group.newest, group.earlier) for group in each.groups] for each in days] == [
        [(another, []), (other, []), (last, [first])],
        [(yesterday, [])],
    ]
    assert "同一任务当天另有 1 条" in page(world)


def test_only_the_unread_ones_when_asked(world: World) -> None:
    read, new = tell(world, count=2)
    Notice.objects.filter(pk=read.pk).update(read_at=NOW)
    text = page(world, query="?show=unread")
    assert new.text in text
    assert read.text not in text


def test_opening_one_marks_it_and_earlier_ones_on_the_same_thing_as_read_and_leads_to_the_task(world: World) -> None:
    earlier, opened, later = tell(world, count=3)
    [other] = tell(world, subject="task/0", task=None)
    response = world.client("liaison").get(f"/notices/{opened.pk}/")
    lead = world.tasks["lead"]
    assert (response.status_code, response.headers["Location"]) == (302, f"/c/{lead.campaign_id}/tasks/{lead.pk}/")
    assert read_at(earlier)
    assert read_at(opened)
    assert read_at(later) is read_at(other) is None


def test_opening_again_keeps_the_time_of_the_first_reading(world: World) -> None:
    [notice] = tell(world)
    Notice.objects.update(read_at=NOW)
    world.client("liaison").get(f"/notices/{notice.pk}/")
    assert read_at(notice) == NOW


def test_a_notice_on_a_campaign_leads_to_its_tasks(world: World) -> None:
    [notice] = tell(world, subject=f"campaign/{world.campaign.pk}", task=None)
    response = world.client("liaison").get(f"/notices/{notice.pk}/")
    assert response.headers["Location"] == f"/c/{world.campaign.pk}/tasks/"


@pytest.mark.parametrize("subject", ["campaign/{elsewhere}", "campaign/x", "campaign/²", "other"])
def test_a_notice_whose_object_is_not_visible_is_shown_as_text(world: World, subject: str) -> None:
    [notice] = tell(world, subject=subject.format(elsewhere=world.elsewhere.pk), task=None)
    response = world.client("liaison").get(f"/notices/{notice.pk}/")
    assert response.status_code == 200
    assert notice.text in response.content.decode()


def test_a_dropped_task_is_named_but_not_opened(world: World) -> None:
    [notice] = tell(world)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(dropped_on=NOW.date())
    text = world.client("liaison").get(f"/notices/{notice.pk}/").content.decode()
    assert "无法打开" in text


def test_a_person_cannot_see_the_notice_of_another(world: World) -> None:
    [notice] = tell(world)
    assert world.client("rival").get(f"/notices/{notice.pk}/").status_code == 404
    assert notice.text not in page(world, "rival")
    assert read_at(notice) is None


def test_marking_all_affects_only_ones_own_notices_on_the_page(world: World) -> None:
    shown, mine = tell(world), tell(world, "rival")
    late = tell(world)
    response = world.client("liaison").post("/notices/read/", {"newest": shown[0].pk})
    assert response.headers["Location"] == "/notices/"
    assert read_at(shown[0])
    assert read_at(late[0]) is read_at(mine[0]) is None


@pytest.mark.parametrize("newest", ["", "x", "-1", "²", "9" * 40])
def test_marking_all_with_nonsense_marks_nothing_and_breaks_nothing(world: World, newest: str) -> None:
    [notice] = tell(world, "rival")
    assert world.client("liaison").post("/notices/read/", {"newest": newest}).status_code == 302
    assert read_at(notice) is None


def test_marking_all_requires_a_post(world: World) -> None:
    assert world.client("liaison").get("/notices/read/").status_code == 405


def test_the_text_of_a_notice_is_escaped(world: World) -> None:
    tell(world, kind=NoticeKind.RETURNED)
    Notice.objects.update(text="<script>alert(1)</script>{{ 7*7 }}")
    text = page(world)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in text


def test_fifty_a_page(world: World) -> None:
    tell(world, count=60)
    assert page(world).count("未读：") == 50
    assert page(world, query="?page=2").count("未读：") == 10
    assert page(world, query="?page=99").count("未读：") == 10


def test_a_folded_line_that_goes_on_to_another_page_counts_both(world: World) -> None:
    tell(world, count=57, task=None, subject="unit/0")
    assert "57 项，本页 50 项</span>" in page(world)
    assert "57 项，本页 7 项</span>" in page(world, query="?page=2")
    Notice.objects.filter(pk__lt=Notice.objects.order_by("pk")[7].pk).update(created_at=NOW - timedelta(days=1))
    assert "50 项</span>" in page(world)
    assert "7 项</span>" in page(world, query="?page=2")


def test_one_notice_and_two_hundred_take_as_many_queries(world: World) -> None:
    def queries() -> int:
        client = world.client("liaison")
        return count_queries(client.get, "/notices/")

    tell(world)
    few = queries()
    tell(world, count=199)
    assert queries() == few


def test_an_empty_inbox_explains_what_will_appear(world: World) -> None:
    assert "还没有通知" in page(world)
    assert "全部标为已读" not in page(world)


def test_the_badge_counts_the_unread_ones(world: World) -> None:
    tell(world, count=3)
    assert '3<span class="visually-hidden"> 条未读' in page(world)


def test_a_person_is_told_once_even_if_named_twice(world: World) -> None:
    task, people = world.tasks["lead"], [world.people["liaison"], world.people["rival"], world.people["liaison"]]
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            notify_about_task(people, NoticeKind.CHANGED, "请看", task, world.actor("coordinator"))
        (written,) = [each["sql"] for each in asked if each["sql"].startswith("INSERT")]
        assert written.count("请看") == 2
    told = Notice.objects.filter(text="请看").order_by("person")
    assert sorted(told.values_list("person", flat=True)) == sorted({person.pk for person in people})
