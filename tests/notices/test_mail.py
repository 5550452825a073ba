"""Digests by e-mail to a real server: every message arrives, and none twice unless the response was cut off; then it is flagged."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from creation.audit.actor import Actor
from creation.lib import guarded_sockets
from creation.models import Channel, Delivery, Holiday, Notice, Preference, User
from creation.notices import digest_builder, dispatch
from creation.notices.channels import encryption
from tests.support.mail_and_webhook_servers import MailServer, mail_server
from tests.support.world import NOW, World


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with mail_server() as server:
        yield server


def mail_channel(world: World, port: int, **given: object) -> Channel:
    config = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "office@example.com", "username": ""}
    return Channel.objects.create(
        district=world.district, kind="smtp", name="邮件", sealed=encryption.encrypt(config), **given
    )


@pytest.fixture
def channel(world: World, server: MailServer) -> Channel:
    for name, person in world.people.items():
        User.objects.filter(pk=person.pk).update(email=f"{name}@example.com")
    return mail_channel(world, server.port)


def tell(
    world: World, who: str = "liaison", text: str = "任务被退回", urgency: str = "at_once", at: datetime = NOW
) -> None:
    slot = str(Notice.objects.count())
    Notice.objects.create(
        person=world.people[who], kind="returned", subject="x", slot=slot, text=text, urgency=urgency, created_at=at
    )


def run_dispatch(at: datetime = NOW) -> int:
    digest_builder.run_all(Actor(None, at))
    return dispatch.dispatch_due(lambda: at)


def outside_deliveries() -> list[Delivery]:
    return list(Delivery.objects.exclude(outlet=None).order_by("pk"))


def test_an_email_contains_all_details_and_a_link(
    world: World, channel: Channel, server: MailServer, settings: LazySettings
) -> None:
    tell(world, text="4-3-3 被退回：<b>缺签章</b> {name}")
    assert run_dispatch() == 1
    [(to, mail)] = server.received
    assert to == "liaison@example.com"
    assert mail["To"] == "liaison@example.com"
    assert "4-3-3 被退回" in str(mail["Subject"])
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "缺签章</b> {name}" in text
    assert "&lt;b&gt;缺签章" in html
    assert f"{settings.SITE_URL}/notices/" in text
    [row] = outside_deliveries()
    assert (row.state, row.attempts, row.answer, row.doubtful) == ("sent", 1, "250 2.0.0 queued as 42", False)
    assert mail["Message-ID"] == row.message_id
    assert run_dispatch() == 0
    assert len(server.received) == 1


def test_several_urgent_digests_a_day_are_several_emails(world: World, channel: Channel, server: MailServer) -> None:
    for hour in (0, 1, 2):
        tell(world)
        run_dispatch(NOW + timedelta(hours=hour))
    assert server.readers == ["liaison@example.com"] * 3
    assert [each.digest.number for each in outside_deliveries()] == [1, 2, 3]


def test_a_person_without_address_is_notified_in_the_inbox_only(
    world: World, channel: Channel, server: MailServer
) -> None:
    User.objects.filter(pk=world.people["liaison"].pk).update(email="")
    tell(world)
    run_dispatch()
    assert (outside_deliveries(), server.received) == ([], [])
    assert Delivery.objects.get().channel == "inbox"


def test_a_person_disabled_meanwhile_gets_no_email(world: World, channel: Channel, server: MailServer) -> None:
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    User.objects.filter(pk=world.people["liaison"].pk).update(is_active=False)
    dispatch.dispatch_due(lambda: NOW)
    assert (outside_deliveries()[0].state, server.received) == ("stopped", [])


def test_people_of_another_district_get_no_email(world: World, channel: Channel, server: MailServer) -> None:
    tell(world, "outsider")
    run_dispatch()
    assert server.received == []


@pytest.mark.parametrize("fault", ["refuse", "busy"])
def test_a_temporary_refusal_is_retried_a_minute_later(
    world: World, channel: Channel, server: MailServer, fault: str
) -> None:
    server.faults = {fault: 1}
    tell(world)
    run_dispatch()
    [row] = outside_deliveries()
    assert (row.state, row.attempts, row.next_try_at, row.doubtful) == ("waiting", 1, NOW + timedelta(minutes=1), False)
    assert row.answer.startswith({"refuse": "554", "busy": "421"}[fault])
    run_dispatch(NOW + timedelta(minutes=1))
    assert (server.happened, server.readers) == ([fault], ["liaison@example.com"])


@pytest.mark.parametrize("fault", ["hang", "dribble"])
def test_a_hanging_or_slow_server_delays_a_run_only_briefly(
    world: World, channel: Channel, server: MailServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_sockets, "STEP_SECONDS", 0.5)
    monkeypatch.setattr(guarded_sockets, "TOTAL_SECONDS", 1.0)
    server.faults = {fault: 1}
    tell(world)
    tell(world, "rival")
    run_dispatch()
    assert server.happened == [fault]
    assert server.dialled == 1  # the other message was not tried on the same server in the same run
    assert {row.answer for row in outside_deliveries() if row.attempts} == {"未能连接邮件服务器：对方长时间没有答复。"}
    run_dispatch(NOW + timedelta(minutes=1))
    assert sorted(server.readers) == ["liaison@example.com", "rival@example.com"]


def test_a_cut_after_the_data_is_flagged_and_sent_again_under_the_same_number(
    world: World, channel: Channel, server: MailServer
) -> None:
    server.faults = {"cut": 1}
    tell(world)
    run_dispatch()
    [row] = outside_deliveries()
    assert (row.state, row.doubtful) == ("waiting", True)
    run_dispatch(NOW + timedelta(minutes=1))
    [row] = outside_deliveries()
    assert (row.state, row.doubtful, row.attempts) == ("sent", True, 2)
    assert {mail["Message-ID"] for _, mail in server.received} == {row.message_id}
    assert (server.happened, len(server.received)) == (["cut"], 2)


@pytest.mark.parametrize(("fault", "is_there"), [("late hang", True), ("late dribble", True), ("late busy", False)])
def test_a_failure_after_the_content_was_sent_is_doubtful_without_a_response(
    world: World,
    channel: Channel,
    server: MailServer,
    fault: str,
    is_there: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarded_sockets, "STEP_SECONDS", 0.3)
    monkeypatch.setattr(guarded_sockets, "TOTAL_SECONDS", 0.6)
    server.faults = {fault: 1}
    tell(world)
    run_dispatch()
    [row] = outside_deliveries()
    assert (row.state, row.doubtful, server.happened) == ("waiting", is_there, [fault])
    assert row.answer.startswith("邮件已交出，对方答复前" if is_there else "421 4.3.2")
    run_dispatch(NOW + timedelta(minutes=1))
    [row] = outside_deliveries()
    assert (row.state, row.doubtful, len(server.received)) == ("sent", is_there, 1 + is_there)


def test_one_bad_address_in_a_hundred_is_reported_and_the_others_arrive(
    world: World, channel: Channel, server: MailServer
) -> None:
    unit = world.units["城管局"]
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"人{n}", unit=unit, email=f"p{n}@example.com") for n in range(100)
    )
    server.bad = {"p50@example.com"}
    Notice.objects.bulk_create(
        Notice(person=each, kind="urge", subject="x", slot="x", text="催办", urgency="at_once", created_at=NOW)
        for each in people
    )
    run_dispatch()
    assert len(set(server.readers)) == len(server.readers) == 99
    failed = Delivery.objects.get(state="failed")
    assert (failed.address, failed.answer) == ("p50@example.com", "550 5.1.1 no such user")
    assert server.dialled == 1


def test_a_message_refused_as_spam_fails_with_the_servers_response(
    world: World, channel: Channel, server: MailServer
) -> None:
    server.faults = {"reject": 1}
    tell(world)
    run_dispatch()
    assert [(row.state, row.answer) for row in outside_deliveries()] == [("failed", "554 5.7.1 looks like spam")]


def test_a_line_break_in_an_address_or_a_text_makes_no_header(
    world: World, channel: Channel, server: MailServer
) -> None:
    User.objects.filter(pk=world.people["liaison"].pk).update(email="a@example.com\nBcc: b@example.com")
    tell(world)
    tell(world, "rival", "退回\r\nBcc: c@example.com")
    run_dispatch()
    assert sorted(row.state for row in outside_deliveries()) == ["failed", "sent"]
    [(_, mail)] = server.received
    assert mail["Bcc"] is None
    assert server.readers == ["rival@example.com"]


def test_after_the_last_attempt_it_has_failed_with_the_last_answer(
    world: World, channel: Channel, server: MailServer
) -> None:
    server.faults = {"busy": 99}
    tell(world)
    run_dispatch()
    at = NOW
    for _ in dispatch.BACKOFF_MINUTES:
        at = max(at, outside_deliveries()[0].next_try_at or at)
        while dispatch.is_quiet(at, Holiday.objects.calendar()):
            at += timedelta(hours=1)
        dispatch.dispatch_due(lambda at=at: at)  # type: ignore[misc]
    [row] = outside_deliveries()
    assert (row.state, row.attempts) == ("failed", len(dispatch.BACKOFF_MINUTES) + 1)
    assert row.answer.startswith("421")


def test_after_three_days_off_a_person_gets_one_email_with_everything(
    world: World, channel: Channel, server: MailServer
) -> None:
    for day in range(3):
        at = NOW + timedelta(days=day)
        tell(world, text=f"第{day}天", at=at)
        digest_builder.run_all(Actor(None, at))
    dispatch.dispatch_due(lambda: NOW + timedelta(days=3))  # a Monday
    [(_, mail)] = server.received
    text = mail.get_body(("plain",)).get_content()
    assert all(f"第{day}天" in text for day in range(3))
    assert sorted(row.state for row in outside_deliveries()) == ["carried", "carried", "sent"]


@pytest.mark.parametrize("hours", [-3, 12, 24])  # 07:00, 22:00, Saturday
def test_nothing_is_sent_in_quiet_hours(world: World, channel: Channel, server: MailServer, hours: int) -> None:
    tell(world, at=NOW - timedelta(hours=9))
    assert run_dispatch(NOW + timedelta(hours=hours)) == 0
    assert server.received == []
    dispatch.dispatch_due(lambda: NOW + timedelta(days=3))
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("rhythm", "slowest", "when"),
    [
        ("at_once", "weekly", NOW),
        ("daily", "weekly", NOW.replace(hour=9) + timedelta(days=3)),
        ("weekly", "weekly", NOW.replace(hour=9) + timedelta(days=3)),
        ("weekly", "at_once", NOW),
    ],
)
def test_a_person_chooses_how_often_within_what_the_office_allows(
    world: World, channel: Channel, rhythm: str, slowest: str, when: datetime
) -> None:
    Channel.objects.update(slowest=slowest)
    Preference.objects.create(person=world.people["liaison"], rhythm=rhythm, changed_at=NOW).channels.set([channel])
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    assert outside_deliveries()[0].next_try_at == when


def test_a_person_without_channels_gets_only_the_required_ones(world: World, channel: Channel) -> None:
    Preference.objects.create(person=world.people["liaison"], changed_at=NOW)
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    assert outside_deliveries() == []
    Channel.objects.update(required=True)
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    assert len(outside_deliveries()) == 1


def test_one_of_two_claims_succeeds_and_an_expired_lease_is_flagged(world: World, channel: Channel) -> None:
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    wanted = [each.pk for each in outside_deliveries()]
    [mine] = dispatch.claim_deliveries(wanted, NOW)
    assert (mine.attempts, mine.doubtful) == (1, False)
    assert dispatch.claim_deliveries(wanted, NOW + timedelta(minutes=4)) == []
    [mine] = dispatch.claim_deliveries(wanted, NOW + timedelta(minutes=5))
    assert (mine.attempts, mine.doubtful) == (2, True)
    assert outside_deliveries()[0].doubtful


def test_an_internal_server_is_not_connected_to_unless_the_operator_allows(
    world: World, channel: Channel, server: MailServer, settings: LazySettings
) -> None:
    settings.CHANNEL_HOSTS = []
    tell(world)
    run_dispatch()
    assert server.dialled == 0
    assert "CHANNEL_HOSTS" in outside_deliveries()[0].answer
