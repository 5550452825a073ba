"""A digest has at most fifteen lines: tasks of one kind share one, and the last says how many things are left."""

from datetime import date, datetime, time

import pytest
import time_machine

from creation.audit.actor import Actor
from creation.models import Channel, Notice, Task, Unit
from creation.notices import digest_builder, dispatch
from creation.people import notifications
from tests.notices.test_mail import channel, server  # noqa: F401 - fixtures
from tests.support.mail_and_webhook_servers import MailServer
from tests.support.many_tasks import many_tasks
from tests.support.world import ZONE, World

MONDAY = date(2026, 8, 3)


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), ZONE)


@pytest.fixture
def given(world: World, channel: Channel) -> World:  # noqa: F811
    """Return the world in which 城管局 has forty tasks of one phase and day more, and an overdue one."""
    many_tasks(world, 40)
    return world


def letter(server: MailServer, who: str, part: str = "plain", on: date = MONDAY) -> str:  # noqa: F811
    digest_builder.run_daily(Actor(None, at(on)))
    dispatch.dispatch_due(lambda: at(on))
    found = [mail for to, mail in server.received if to == f"{who}@example.com"]
    return str(found[-1]["Subject"]) if part == "subject" else found[-1].get_body((part,)).get_content()


def lines(text: str) -> list[str]:
    return [line.partition(". ")[2] for line in text.splitlines() if line.partition(". ")[0].isdecimal()]


def test_tasks_of_one_phase_day_and_request_are_one_line(given: World, server: MailServer) -> None:  # noqa: F811
    text = letter(server, "liaison")
    assert sorted(lines(text)) == [
        "4-3-3、9-9-0、9-9-1 等 41 项：时限 2026-08-10，请报送。",
        "D-3 制定工作方案：时限 2026-07-10 已过，请报送。",
    ]
    phase, unit = given.phases["evidence"].pk, given.units["城管局"].pk
    assert f"/c/{given.campaign.pk}/tasks/?phase={phase}&status=unanswered&unit={unit}\n" in text
    assert Notice.objects.filter(person=given.people["liaison"]).count() == 42, "the inbox has a row for each"


def test_the_page_of_a_line_lists_its_tasks(given: World, server: MailServer) -> None:  # noqa: F811
    html = letter(server, "liaison", "html")
    address = html.split("等 41 项")[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    with time_machine.travel(at(MONDAY), tick=False):
        page = given.client("liaison").get(address[address.index("/c/") :])
    assert page.status_code == 200
    assert len(page.context["table"].data) == 41


def test_the_number_in_the_subject_is_that_of_all_things(given: World, server: MailServer) -> None:  # noqa: F811
    assert "您有 42 条通知" in letter(server, "liaison", "subject")


def test_other_days_and_other_requests_are_other_lines(given: World, server: MailServer) -> None:  # noqa: F811
    points = Task.objects.filter(indicator__code__startswith="9-9-")
    points.exclude(indicator__code__in=[f"9-9-{n}" for n in range(4)]).delete()
    Task.objects.filter(indicator__code="9-9-0").update(due_on=date(2026, 8, 6))
    Task.objects.filter(indicator__code__in=("9-9-1", "9-9-2")).update(status="returned")
    assert sorted(lines(letter(server, "liaison"))) == [
        "4-3-3、9-9-3 共 2 项：时限 2026-08-10，请报送。",
        "9-9-0 要点：时限 2026-08-06，请报送。",
        "9-9-1、9-9-2 共 2 项：时限 2026-08-10，请修改后重新报送。",
        "D-3 制定工作方案：时限 2026-07-10 已过，请报送。",
    ]


def test_a_task_reminded_of_twice_in_one_message_is_one_thing(given: World, server: MailServer) -> None:  # noqa: F811
    person = given.people["liaison"]
    digest_builder.run_daily(Actor(None, at(MONDAY)))
    digest_builder.run_daily(Actor(None, at(date(2026, 8, 7))))
    assert Notice.objects.filter(person=person, task=given.tasks["lead"]).count() == 2
    text = letter(server, "liaison", on=date(2026, 8, 7))
    assert "等 41 项" in text


@pytest.mark.parametrize(
    ("count", "last"), [(15, "第 14 件"), (16, "还有 2 项，请登录查看。"), (40, "还有 26 项，请登录查看。")]
)
def test_what_does_not_fit_is_counted_in_the_last_line(
    world: World,
    channel: Channel,  # noqa: F811
    server: MailServer,  # noqa: F811
    count: int,
    last: str,
) -> None:
    for n in range(count):
        notifications.notify(
            world.people["chief"], "approved", f"第 {n} 件", world.actor("coordinator", at(MONDAY)),  # type: ignore[arg-type]
            subject=f"x/{n}", dedup_key="x",
        )  # fmt: skip
    told = lines(letter(server, "chief"))
    assert (len(told), told[-1]) == (15, last)
    assert told[0] == "第 0 件"


def test_what_is_urgent_is_not_what_is_left_out(
    world: World,
    channel: Channel,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    for n in range(30):
        notifications.notify(
            world.people["chief"], "approved", f"第 {n} 件", world.actor("coordinator", at(MONDAY)),  # type: ignore[arg-type]
            subject=f"x/{n}", dedup_key="x", urgency="at_once" if n == 29 else "daily",
        )  # fmt: skip
    told = lines(letter(server, "chief"))
    assert "第 29 件" in told
    assert told[-1] == "还有 16 项，请登录查看。"


def test_a_list_of_several_units_is_not_narrowed_to_one(given: World, server: MailServer) -> None:  # noqa: F811
    other: Unit = given.units["老街街道"]
    Task.objects.filter(indicator__code="9-9-0").update(unit=other, owner=given.people["liaison"])
    given.people["liaison"].memberships.create(role="liaison", district=given.district, unit=other)
    text = letter(server, "liaison")
    assert "等 41 项" in text
    assert f"?phase={given.phases['evidence'].pk}&status=unanswered\n" in text
