"""A message says what is open when it leaves, with the day instead of days left. The inbox keeps what was said when."""

from datetime import date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creation.audit.actor import Actor
from creation.models import (
    Campaign,
    Channel,
    Delivery,
    Evidence,
    Membership,
    Notice,
    NoticeKind,
    Preference,
    SecrecyMark,
    Task,
    Urgency,
)
from creation.notices import digest_builder, dispatch
from creation.notices.dispatch import current_text, message_text
from creation.people import notifications
from tests.notices.test_mail import channel, server  # noqa: F401 - fixtures
from tests.support.mail_and_webhook_servers import MailServer
from tests.support.query_counts import count_queries
from tests.support.world import NOW, ZONE, World

pytestmark = pytest.mark.usefixtures("at_now")

FRIDAY, MONDAY = date(2026, 8, 7), date(2026, 8, 10)  # three days before the due day of ``lead``, and that day


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), ZONE)


@pytest.fixture
def held(world: World, channel: Channel, server: MailServer) -> World:  # noqa: F811
    """Return the world in which Friday's reminders are written but not sent yet."""
    digest_builder.run_daily(Actor(None, at(FRIDAY)))
    return world


def sent(server: MailServer, who: str, day: date = MONDAY) -> str:  # noqa: F811
    dispatch.dispatch_due(lambda: at(day))
    found = [mail.get_body(("plain",)).get_content() for to, mail in server.received if to == f"{who}@example.com"]
    return "".join(found)


def finish(world: World, name: str) -> None:
    Task.objects.filter(pk=world.tasks[name].pk).update(status="approved", first_submitted_at=NOW)


def test_it_names_the_day_and_not_days_left(held: World, server: MailServer) -> None:  # noqa: F811
    said = list(Notice.objects.filter(person=held.people["liaison"]).values_list("text", flat=True))
    assert any("还有 3 天" in text for text in said)
    text = sent(server, "liaison")
    assert "4-3-3 每年组织案卷评查：时限 2026-08-10，请报送。" in text
    assert "D-3 制定工作方案：时限 2026-07-10 已过，请报送。" in text
    assert "还有" not in text
    assert list(Notice.objects.filter(person=held.people["liaison"]).values_list("text", flat=True)) == said


def test_what_was_done_meanwhile_is_left_out(held: World, server: MailServer) -> None:  # noqa: F811
    finish(held, "lead")
    text = sent(server, "liaison")
    assert "4-3-3" not in text
    assert "D-3 制定工作方案" in text


def test_a_moved_due_day_is_the_one_that_is_named(held: World, server: MailServer) -> None:  # noqa: F811
    Task.objects.filter(pk=held.tasks["lead"].pk).update(due_on=date(2026, 8, 20))
    assert "时限 2026-08-20，请报送" in sent(server, "liaison")


@pytest.mark.parametrize("how", ["approved", "closed"])
def test_nothing_is_sent_when_nothing_is_open(held: World, server: MailServer, how: str) -> None:  # noqa: F811
    if how == "closed":
        Campaign.objects.filter(pk=held.campaign.pk).update(state="closed")
    else:
        finish(held, "lead")
        finish(held, "action")
    assert sent(server, "liaison") == ""
    row = Delivery.objects.exclude(outlet=None).get(digest__person=held.people["liaison"])
    assert (row.state, row.answer) == ("stopped", "所列事项都已办理，不再发送。")


def test_other_notices_are_sent_as_they_were_said(held: World, server: MailServer) -> None:  # noqa: F811
    Notice.objects.filter(person=held.people["liaison"]).update(kind="returned", text="被退回：请补正")
    assert "被退回：请补正" in sent(server, "liaison")


def test_the_offices_line_counts_what_is_open_now(
    world: World,
    channel: Channel,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    Membership.objects.filter(user=world.people["rival"]).update(ended_on=FRIDAY)
    Task.objects.filter(unit=world.units["老街街道"]).update(owner=None)
    digest_builder.run_daily(Actor(None, at(FRIDAY)))
    assert Notice.objects.filter(person=world.people["coordinator"], text__contains="2 项").exists()
    finish(world, "assist")
    text = sent(server, "coordinator")
    assert "单位没有联络员：1 项，涉及 老街街道，最早的时限 2026-08-10。" in text


STOPS = {
    "hidden": {"hidden_at": NOW, "hide_reason": "误传"},
    "deleted": {"deleted_at": NOW, "delete_reason": "误传"},
    "blocked": {},
}


@pytest.mark.parametrize("how", STOPS)
@pytest.mark.parametrize("rhythm", ["at_once", "weekly"])
def test_a_stopped_piece_is_not_named_by_mail(
    world: World,
    channel: Channel,  # noqa: F811
    server: MailServer,  # noqa: F811
    how: str,
    rhythm: str,
) -> None:
    """A letter may leave a week after what it tells of: on the next Monday."""
    piece = world.cite("lead", "绿茵场").evidence
    reader, office = world.people["reviewer"], world.actor("coordinator")
    Preference.objects.create(person=reader, rhythm=rhythm, changed_at=NOW).channels.add(channel)
    about = {"subject": "link/1", "dedup_key": "x", "evidence": piece, "urgency": Urgency.AT_ONCE}
    notifications.notify(reader, NoticeKind.CHANGED, "链接已失效：绿茵场", office, **about)
    digest_builder.run_urgent(Actor(None, NOW))
    Evidence.objects.filter(pk=piece.pk).update(**STOPS[how] or {"version": 2})
    if how == "blocked":
        SecrecyMark.objects.create(evidence=piece, version=piece.versions.get(), place="text", word="机密")
    digest_builder.run_daily(Actor(None, at(MONDAY)))
    text = sent(server, "reviewer", MONDAY)
    assert "绿茵场" not in text
    assert "内容不予显示" in text


def test_more_people_cost_no_more_queries(held: World) -> None:
    rows = list(Delivery.objects.exclude(outlet=None).select_related("digest__person").order_by("pk"))
    assert len(rows) > 1

    def queries(deliveries: list[Delivery]) -> int:
        return count_queries(lambda: message_text.build_messages(deliveries, at(MONDAY)))

    assert queries(rows) == queries(rows[:1])


@pytest.mark.parametrize("about", ["hidden", "unsignable"])
def test_more_lines_about_hidden_pieces_or_missing_leaders_cost_no_more_queries(
    world: World,
    channel: Channel,  # noqa: F811
    about: str,
) -> None:
    person, office = world.people["liaison"], world.actor("coordinator")
    Membership.objects.filter(user=world.people["leader"]).update(ended_on=FRIDAY)
    Task.objects.update(status="signing", first_submitted_at=NOW)
    for name in ("lead", "action", "assist", "other"):
        more = {"evidence": world.cite(name, name).evidence} if about == "hidden" else {"task": world.task(name)}
        kind = "changed" if about == "hidden" else "reminder"
        notifications.notify(
            person,
            kind,  # type: ignore[arg-type]
            f"说的是 {name}",
            office,
            subject=f"task/{name}",
            dedup_key=name,
            urgency="at_once",
            **more,
        )
    Evidence.objects.update(hidden_at=NOW, hide_reason="误传")
    notices = Notice.objects.select_related("person", "task__campaign", "task__indicator", "task__action")

    def queries(count: int) -> int:
        rows = list(notices[:count])
        assert len(rows) == count
        with CaptureQueriesContext(connection) as captured:
            items = current_text.open_items(rows, MONDAY)
        word = "内容不予显示" if about == "hidden" else "无人审签"
        assert [word in items[row.pk].text for row in rows] == [True] * len(rows)
        return len(captured)

    assert queries(4) == queries(1)
