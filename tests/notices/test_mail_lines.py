"""Letters on the line: said ahead where the other side takes it, what a mail reader expects, and never more than one in doubt."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import connection

from creation.audit.trail import Actor
from creation.lib import commits, lines
from creation.models import Delivery, Notice, User
from creation.notices import delivery, posting
from creation.notices.channels import Answered, Letter, mime
from creation.notices.channels.smtp import Smtp
from creation.notices.posting import rounds
from tests.notices.test_mail import channel, outside, server  # noqa: F401 - fixtures
from tests.otherside import MailServer
from tests.world import NOW, World


def letter(number: int = 1, **given: str) -> Letter:
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
    return Letter(**values | given, at=NOW)  # type: ignore[arg-type]


@pytest.fixture
def line(server: MailServer) -> Iterator[Smtp]:  # noqa: F811
    config = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "office@例子.example.com"}
    with closing(Smtp(config)) as line:
        yield line


def crowd(world: World, count: int) -> None:
    unit = world.units["城管局"]
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"人{n}", unit=unit, email=f"p{n}@example.com") for n in range(count)
    )
    Notice.objects.bulk_create(
        Notice(person=each, kind="urge", subject="x", slot="x", text="催办", urgency="at_once", at=NOW)
        for each in people
    )
    delivery.digest_all(Actor(None, NOW))


def test_what_goes_over_the_line_reads_as_it_was_written() -> None:
    given = letter()
    content = mime.wire(given, "创建办", "office@example.com").content
    assert content.isascii()
    assert all(len(each) <= 78 and not each.startswith(b".") for each in content.split(b"\r\n")[:-2])
    mail = message_from_bytes(content, policy=default)
    assert mail["Subject"] == given.subject
    assert str(mail["From"]) == "创建办 <office@example.com>"
    assert (mail["To"], mail["Message-ID"], mail["Auto-Submitted"]) == (given.to, given.message_id, "auto-generated")
    assert mail["Date"].datetime == NOW
    assert mail.get_body(("plain",)).get_content() == given.text
    assert mail.get_body(("html",)).get_content() == given.html
    assert not mail.defects


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
def test_no_header_and_no_command_is_smuggled_in(
    line: Smtp,
    server: MailServer,  # noqa: F811
    given: dict[str, str],
) -> None:
    outcome = line.send(letter(**given))
    assert (outcome.answered, server.dialled) == (Answered.REFUSED, 0)


@pytest.mark.parametrize("features", [[], ["PIPELINING"]])
@pytest.mark.parametrize("lax", [False, True])
def test_between_a_refused_recipient_and_the_next_letter_nothing_is_mixed_up(
    line: Smtp,
    server: MailServer,  # noqa: F811
    features: list[str],
    lax: bool,
) -> None:
    server.features, server.lax, server.bad = features, lax, {"p2@example.com", "p5@example.com"}
    server.faults = {"reject": 1}  # the first content
    letters = [letter(n) for n in range(1, 7)]
    answers = [line.send(each, after) for each, after in zip(letters, [*letters[1:], None], strict=True)]
    refused, sent = Answered.REFUSED, Answered.SENT
    assert [each.answered for each in answers] == [refused, refused, sent, sent, refused, sent]
    assert [answers[n].answer[:9] for n in (0, 1)] == ["554 5.7.1", "550 5.1.1"]
    assert server.readers == [f"p{n}@example.com" for n in (3, 4, 6)]
    assert {mail["Message-ID"] for _, mail in server.received} == {f"<{n}@example.com>" for n in (3, 4, 6)}
    assert server.dialled == 1


def test_a_letter_announced_and_then_not_sent_spoils_no_other(line: Smtp, server: MailServer) -> None:  # noqa: F811
    assert line.send(letter(1), letter(2)).answered == Answered.SENT
    assert line.send(letter(3)).answered == Answered.SENT
    assert server.readers == ["p1@example.com", "p3@example.com"]


def test_names_in_other_letters_need_a_server_that_reads_them(line: Smtp, server: MailServer) -> None:  # noqa: F811
    foreign = letter(to="张三@例子.example.com")
    assert line.send(foreign).answered == Answered.REFUSED
    line.close()
    server.features = ["PIPELINING", "8BITMIME", "SMTPUTF8"]
    assert line.send(foreign).answered == Answered.SENT
    assert server.readers == ["张三@xn--fsqu00a.example.com"]


def test_who_breaks_off_leaves_the_untouched_letters_free_and_one_in_hand(
    world: World,
    channel: object,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    crowd(world, 5)

    def stop_at_the_third() -> object:
        if len(server.received) == 2:
            raise KeyboardInterrupt
        return NOW

    with pytest.raises(KeyboardInterrupt):
        posting.post_due(stop_at_the_third)  # type: ignore[arg-type]
    rows = outside()
    assert len([row for row in rows if row.lease_until]) <= 1
    assert {row.attempts for row in rows if row.state == "waiting" and not row.lease_until} == {0}
    posting.post_due(lambda: NOW + timedelta(minutes=6))
    assert {row.state for row in outside()} == {"sent"}
    assert len(set(server.readers)) == 5
    assert len(server.readers) - 5 == len([row for row in outside() if row.doubtful])


def test_a_round_whose_time_is_up_lets_go_of_what_it_claimed(
    world: World,
    channel: object,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    crowd(world, 6)
    late = lambda: NOW + rounds.BUDGET * (len(server.received) >= 4)  # noqa: E731
    assert posting.post_due(late) == 4
    free = Delivery.objects.filter(state="waiting", lease_until=None, attempts=0, doubtful=False)
    assert (free.count(), len(server.received)) == (2, 4)


def test_a_batch_costs_as_many_queries_as_a_letter(
    world: World,
    channel: object,  # noqa: F811
    django_assert_max_num_queries: object,
) -> None:
    """Beside the mark of each: eight of a claim and its letters, four of the round."""
    crowd(world, 30)
    with django_assert_max_num_queries(30 + 16):  # type: ignore[operator]
        assert posting.post_due(lambda: NOW) == 30


@pytest.mark.django_db(transaction=True)
def test_marks_may_be_lost_by_a_power_cut_and_nothing_else() -> None:
    is_sqlite = connection.vendor == "sqlite"
    asked = "PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit"

    def answer() -> object:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return cursor.fetchone()[0]

    usual = answer()
    meanwhile = []
    with suppress(RuntimeError), commits.unhurried():
        meanwhile.append(answer())
        raise RuntimeError
    assert meanwhile == [1 if is_sqlite else "off"]
    assert answer() == usual


def test_the_office_may_lie_in_a_domain_of_other_letters(line: Smtp, server: MailServer) -> None:  # noqa: F811
    assert line.send(letter()).answered == Answered.SENT
    [(_, mail)] = server.received
    assert "office@xn--fsqu00a.example.com" in str(mail["From"])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "找不到这个地址，请核对服务器地址，并确认本机能解析域名。"),
        (ConnectionRefusedError(111, "Connection refused"), "对方没有在这个端口接收连接，请核对地址和端口。"),
        (ConnectionResetError(104, "Connection reset by peer"), "连接被对方中断。"),
        (TimeoutError(), "对方长时间没有答复。"),
        (lines.LineRefused("内网是内部网络地址。"), "内网是内部网络地址。"),
        (OSError(113, "No route to host"), "[Errno 113] No route to host"),
    ],
)
def test_what_went_wrong_with_a_line_is_a_sentence(error: Exception, words: str) -> None:
    assert lines.in_words(error) == words
