"""E-mail over TLS to a real server: encrypted as configured, certificate verified, failed logins reported as such."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.conf import LazySettings

from creation.lib import guarded_sockets
from creation.notices.channels import Answered, Outcome
from creation.notices.channels.smtp import Smtp
from tests.notices.test_mail_messages import message
from tests.support.certificates import LOOPBACK, Authority
from tests.support.mail_and_webhook_servers import MailServer, mail_server
from tests.support.world import World

ELSEWHERE = x509.DNSName("mail.example.com")


@pytest.fixture
def authority(tmp_path: Path, settings: LazySettings) -> Authority:
    authority = Authority(tmp_path)
    settings.CHANNEL_CA_FILE = str(authority.file)
    return authority


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with mail_server() as server:
        yield server


def send(server: MailServer, security: str, **given: Any) -> Outcome:
    config = {"host": "127.0.0.1", "port": server.port, "security": security, "sender": "office@example.com"} | given
    with closing(Smtp(config)) as sender:
        return sender.send(message())


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_with_a_certificate_of_a_known_authority_the_message_is_sent_encrypted(
    server: MailServer, authority: Authority, security: str
) -> None:
    server.security, server.trust = security, authority.server(LOOPBACK)
    server.logins = {"office": "geheim"}
    outcome = send(server, security, username="office", password="geheim")
    assert (outcome.answered, server.readers) == (Answered.SENT, ["p1@example.com"])
    assert server.overheard == ([] if security == "ssl" else ["EHLO", "STARTTLS"])


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize(
    ("names", "more", "words"),
    [
        ([ELSEWHERE], {}, "不是发给这个"),
        ([LOOPBACK], {"self_signed": True}, "自签名"),
        ([LOOPBACK], {"ends": timedelta(days=-1)}, "过期"),
    ],
)
def test_a_server_with_an_invalid_certificate_gets_neither_password_nor_message(
    server: MailServer, authority: Authority, security: str, names: list[Any], more: dict[str, Any], words: str
) -> None:
    server.security, server.trust = security, authority.server(*names, **more)
    outcome = send(server, security, username="office", password="geheim")
    assert (outcome.answered, outcome.is_disconnected) == (Answered.LATER, True)
    assert words in outcome.answer
    assert outcome.answer.startswith("未能连接邮件服务器：127.0.0.1 的证书")
    assert server.received == []
    assert "AUTH" not in server.overheard


def test_an_unknown_authority_is_not_trusted(server: MailServer, authority: Authority, settings: LazySettings) -> None:
    server.security, server.trust = "ssl", authority.server(LOOPBACK)
    settings.CHANNEL_CA_FILE = ""
    assert "不受信任的机构" in send(server, "ssl").answer


def test_a_server_without_tls_gets_no_password(server: MailServer) -> None:
    assert "没有建立加密连接" in send(server, "ssl").answer
    answer = send(server, "starttls", username="office", password="geheim").answer
    assert answer.startswith("对方不支持 STARTTLS")
    assert "AUTH" not in server.overheard


def test_a_missing_handshake_does_not_block_the_run(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_sockets, "STEP_SECONDS", 0.3)
    server.faults = {"hang": 1}
    outcome = send(server, "ssl")
    assert (outcome.answered, outcome.is_disconnected) == (Answered.LATER, True)


@pytest.mark.parametrize(
    ("logins", "password", "words"),
    [
        ({"office": "geheim"}, "falsch", "请核对登录名和密码（或授权码）：535 5.7.8"),
        ({}, "geheim", "对方不要求或不支持登录"),
        ({"office": "geheim"}, "密码", "对方不支持的字符"),
    ],
)
def test_a_failed_login_is_reported_and_messages_wait(
    server: MailServer, logins: dict[str, str], password: str, words: str
) -> None:
    server.logins = logins
    outcome = send(server, "none", username="office", password=password)
    assert (outcome.answered, outcome.is_disconnected, server.received) == (Answered.LATER, True, [])
    assert words in outcome.answer


def test_without_encryption_only_to_a_server_the_operator_named(world: World, settings: LazySettings) -> None:
    form = {"name": "邮件", "slowest": "weekly", "host": "10.1.2.3", "port": 25, "security": "none"}
    form["sender"] = "office@example.com"
    answer = world.client("coordinator").post("/channels/new/smtp/", form)
    assert (answer.status_code, "CHANNEL_HOSTS" in answer.content.decode()) == (422, True)
    settings.CHANNEL_HOSTS = ["10.1.2.3:25"]
    assert world.client("coordinator").post("/channels/new/smtp/", form).status_code == 302
