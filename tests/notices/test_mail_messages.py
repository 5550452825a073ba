"""Several messages over one connection: correct content, and never more than one in doubt."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.conf import LazySettings

from creation.audit.actor import Actor
from creation.lib import guarded_sockets
from creation.models import Delivery, Notice, User
from creation.notices import digest_builder, dispatch
from creation.notices.channels import Answered, OutgoingMessage
from creation.notices.channels.smtp import Smtp, build
from creation.notices.dispatch import run
from tests.notices.test_mail import channel, outside_deliveries, server  # noqa: F401 - fixtures
from tests.support.mail_and_webhook_servers import MailServer
from tests.support.world import NOW, World


def message(number: int = 1, **given: str) -> OutgoingMessage:
    values = {
        "name": "张三",
        "to": f"p{number}@example.com",
        "mobile": "",
        "subject": "【法治政府建设示范创建】4-3-3 被退回😀：" + "缺签章，请补正后重新报送" * 5,
        "text": ".一行点开头\n您好\n",
        "html": "<p>您好</p>",
        "brief": "",
        "short": "",
        "message_id": f"<{number}@example.com>",
    }
    return OutgoingMessage(**values | given, at=NOW)  # type: ignore[arg-type]


@pytest.fixture
def sender(server: MailServer) -> Iterator[Smtp]:  # noqa: F811
    config = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "office@例子.example.com"}
    with closing(Smtp(config)) as sender:
        yield sender


def create_people_with_notices(world: World, count: int) -> None:
    unit = world.units["城管局"]
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"人{n}", unit=unit, email=f"p{n}@example.com") for n in range(count)
    )
    Notice.objects.bulk_create(
        Notice(person=each, kind="urge", subject="x", slot="x", text="催办", urgency="at_once", created_at=NOW)
        for each in people
    )
    digest_builder.run_all(Actor(None, NOW))


def test_the_received_message_is_the_one_sent(settings: LazySettings) -> None:
    settings.OFFICE_CONTACT = "创建办"
    given = message()
    content = build(given, "office@example.com").message().as_bytes(linesep="\r\n")
    assert content.isascii()
    assert all(len(each) <= 78 and not each.startswith(b".") for each in content.split(b"\r\n"))
    mail = message_from_bytes(content, policy=default)
    assert str(mail["Subject"]).strip() == given.subject  # begins on the second line
    assert str(mail["From"]) == "创建办 <office@example.com>"
    assert (mail["To"], mail["Message-ID"], mail["Auto-Submitted"]) == (given.to, given.message_id, "auto-generated")
    assert mail["Date"].datetime == NOW
    assert mail.get_body(("plain",)).get_content() == given.text
    assert mail.get_body(("html",)).get_content() == given.html
    assert not mail.defects


@pytest.mark.parametrize(
    "contact", ["创建办（张三，010-12345678）;李四, 王五", 'A, B <x@y> "C"', "很长的办公室名称" * 9]
)
def test_the_offices_name_may_contain_any_characters(settings: LazySettings, contact: str) -> None:
    settings.OFFICE_CONTACT = contact
    content = build(message(), "office@example.com").message().as_bytes(linesep="\r\n")
    [address] = message_from_bytes(content, policy=default)["From"].addresses
    assert (address.display_name, address.addr_spec) == (contact[:40], "office@example.com")


@pytest.mark.parametrize(
    "given",
    [
        {"to": "a@example.com\nBcc: b@example.com"},
        {"to": "a@example.com> SIZE=1"},
        {"to": "a b@example.com"},
        {"to": "nobody"},
        {"subject": "a\r\nBcc: b@example.com"},
        {"message_id": "<1@example.com>\nBcc: b@example.com"},
    ],
)
def test_headers_and_commands_cannot_be_injected(
    sender: Smtp,
    server: MailServer,  # noqa: F811
    given: dict[str, str],
) -> None:
    outcome = sender.send(message(**given))
    assert (outcome.answered, server.dialled) == (Answered.REFUSED, 0)


def test_a_refused_recipient_does_not_affect_the_next_message(
    sender: Smtp,
    server: MailServer,  # noqa: F811
) -> None:
    server.bad = {"p2@example.com", "p5@example.com"}
    server.faults = {"no data": 1, "reject": 1}  # the first and the third
    answers = [sender.send(message(n)) for n in range(1, 7)]
    refused, sent = Answered.REFUSED, Answered.SENT
    assert [each.answered for each in answers] == [refused, refused, refused, sent, refused, sent]
    assert [answers[n].answer[:9] for n in (0, 1, 2)] == ["554 5.5.1", "550 5.1.1", "554 5.7.1"]
    assert server.readers == [f"p{n}@example.com" for n in (4, 6)]
    assert {mail["Message-ID"] for _, mail in server.received} == {f"<{n}@example.com>" for n in (4, 6)}
    assert server.dialled == 1


def test_a_connection_ended_by_the_server_is_reopened_for_the_next_message(
    sender: Smtp,
    server: MailServer,  # noqa: F811
) -> None:
    server.faults = {"busy": 1}
    answers = [sender.send(message(n)) for n in (1, 2)]
    assert [(each.answered, each.is_disconnected) for each in answers] == [
        (Answered.LATER, True),
        (Answered.SENT, False),
    ]
    assert (server.readers, server.dialled) == (["p2@example.com"], 2)


def test_a_local_part_outside_ascii_is_refused_and_a_domain_is_not(
    sender: Smtp,
    server: MailServer,  # noqa: F811
) -> None:
    outcome = sender.send(message(to="张三@例子.example.com"))
    assert (outcome.answered, server.dialled) == (Answered.REFUSED, 0)
    assert outcome.answer == "邮件头不合规范，未发送：“张三@例子.example.com”不是邮箱地址"
    assert sender.send(message(to="zhangsan@例子.example.com")).answered == Answered.SENT
    assert server.readers == ["zhangsan@xn--fsqu00a.example.com"]


def test_an_aborted_run_releases_the_messages_not_attempted_and_keeps_one_lease(
    world: World,
    channel: object,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    create_people_with_notices(world, 5)

    def stop_at_the_third() -> object:
        if len(server.received) == 2:
            raise KeyboardInterrupt
        return NOW

    with pytest.raises(KeyboardInterrupt):
        dispatch.dispatch_due(stop_at_the_third)  # type: ignore[arg-type]
    rows = outside_deliveries()
    assert len([row for row in rows if row.lease_until]) <= 1
    assert {row.attempts for row in rows if row.state == "waiting" and not row.lease_until} == {0}
    dispatch.dispatch_due(lambda: NOW + timedelta(minutes=6))
    assert {row.state for row in outside_deliveries()} == {"sent"}
    assert len(set(server.readers)) == 5
    assert len(server.readers) - 5 == len([row for row in outside_deliveries() if row.doubtful])


def test_a_run_whose_time_is_up_releases_its_claims(
    world: World,
    channel: object,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    create_people_with_notices(world, 6)
    late = lambda: NOW + run.TIME_BUDGET * (len(server.received) >= 4)  # noqa: E731
    assert dispatch.dispatch_due(late) == 4
    free = Delivery.objects.filter(state="waiting", lease_until=None, attempts=0, doubtful=False)
    assert (free.count(), len(server.received)) == (2, 4)


def test_a_batch_needs_as_many_queries_as_a_message(
    world: World,
    channel: object,  # noqa: F811
    django_assert_max_num_queries: object,
) -> None:
    """Besides the mark of each: eight for a claim and its messages, four for the run."""
    create_people_with_notices(world, 30)
    with django_assert_max_num_queries(30 + 16):  # type: ignore[operator]
        assert dispatch.dispatch_due(lambda: NOW) == 30


def test_the_offices_domain_may_be_outside_ascii(sender: Smtp, server: MailServer) -> None:  # noqa: F811
    assert sender.send(message()).answered == Answered.SENT
    [(_, mail)] = server.received
    assert "office@xn--fsqu00a.example.com" in str(mail["From"])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "找不到这个地址，请核对服务器地址，并确认本机能解析域名。"),
        (ConnectionRefusedError(111, "Connection refused"), "对方没有在这个端口接收连接，请核对地址和端口。"),
        (ConnectionResetError(104, "Connection reset by peer"), "连接被对方中断。"),
        (TimeoutError(), "对方长时间没有答复。"),
        (guarded_sockets.AddressRefused("内网是内部网络地址。"), "内网是内部网络地址。"),
        (OSError(113, "No route to host"), "[Errno 113] No route to host"),
    ],
)
def test_connection_errors_are_sentences(error: Exception, words: str) -> None:
    assert guarded_sockets.error_message(error) == words
