"""Robots of chat groups: they report errors with HTTP 200; the code in the response counts."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings

from creation.audit.actor import Actor
from creation.lib import guarded_sockets
from creation.models import Channel, ChannelKind, Preference
from creation.notices import digest_builder, dispatch
from creation.notices.channels import encryption, webhooks
from tests.notices.test_mail import outside_deliveries, tell
from tests.support.mail_and_webhook_servers import WebhookServer, webhook_server
from tests.support.world import NOW, World


@pytest.fixture
def server(settings: LazySettings) -> Iterator[WebhookServer]:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with webhook_server() as server:
        yield server


def send(world: World, server: WebhookServer, kind: str = "wecom", secret: str = "") -> Any:
    config = {"url": server.url, "secret": secret}
    channel = Channel.objects.create(district=world.district, kind=kind, name="群", sealed=encryption.encrypt(config))
    Preference.objects.create(person=world.people["liaison"], changed_at=NOW).channels.set([channel])
    tell(world, text="只该在站内看到的内容")
    tell(world, "rival")  # who did not choose the robot
    digest_builder.run_all(Actor(None, NOW))
    dispatch.dispatch_due(lambda: NOW)
    [row] = outside_deliveries()
    return row


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_the_group_message_contains_no_details(world: World, server: WebhookServer, kind: str) -> None:
    server.answers = [(200, {"code": 0, "msg": "success"} if kind == "feishu" else {"errcode": 0, "errmsg": "ok"})]
    row = send(world, server, kind)
    assert row.state == "sent"
    [(_, body)] = server.asked
    text = body["content"]["text"] if kind == "feishu" else body["text"]["content"]
    assert world.people["liaison"].name in text
    assert "您有 1 条通知" in text
    assert "只该在站内看到的内容" not in str(body)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, {"errcode": 93000, "errmsg": "invalid webhook url"}), "failed"),
        ((200, {"errcode": 45009, "errmsg": "api freq out of limit"}), "waiting"),
        ((200, {"code": 19021, "msg": "sign match fail"}), "failed"),
        ((200, ["what?"]), "failed"),
        ((404, {"errcode": 0}), "failed"),
        ((503, {}), "waiting"),
    ],
)
def test_a_200_response_with_an_error_code_is_a_failure(
    world: World, server: WebhookServer, answer: Any, state: str
) -> None:
    server.answers = [answer]
    row = send(world, server)
    assert (row.state, row.doubtful) == (state, False)
    assert str(answer[0]) in row.answer


def test_a_truncated_response_is_flagged_and_retried(world: World, server: WebhookServer) -> None:
    server.answers = [(0, None), (200, {"errcode": 0})]
    row = send(world, server)
    assert (row.state, row.doubtful) == ("waiting", True)
    dispatch.dispatch_due(lambda: row.next_try_at)
    assert (outside_deliveries()[0].state, outside_deliveries()[0].doubtful) == ("sent", True)


def test_dingtalk_and_feishu_are_signed(world: World, server: WebhookServer) -> None:
    send(world, server, "dingtalk", "SEC1")
    query = parse_qs(urlsplit(server.asked[0][0]).query)
    stamp = query["timestamp"][0]
    assert stamp == f"{int(NOW.timestamp())}000"
    expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(expected).decode()]
    expected = hmac.new(b"1599360473\nSEC2", b"", hashlib.sha256).digest()
    assert webhooks.feishu_signature(1599360473, "SEC2") == base64.b64encode(expected).decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com.evil.example/send",
        "https://user@qyapi.weixin.qq.com/send",
        "https://127.0.0.1/send",
        "https://qyapi.weixin.qq.com:x/send",
        "file:///etc/passwd",
        "https://oapi.dingtalk.com/robot/send",
    ],
)
def test_only_the_addresses_of_such_robots_are_taken(world: World, url: str) -> None:
    assert webhooks.address_error(ChannelKind.WECOM, url)
    form = {"name": "群", "slowest": "weekly", "url": url}
    assert world.client("coordinator").post("/channels/new/wecom/", form).status_code == 422
    assert not Channel.objects.exists()


def test_the_right_address_is_taken(world: World) -> None:
    form = {"name": "群", "slowest": "weekly", "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"}
    assert world.client("coordinator").post("/channels/new/wecom/", form).status_code == 302


@pytest.mark.parametrize("inner", ["10.0.0.1", "224.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"])
def test_an_embedded_internal_address_is_refused(inner: str) -> None:
    with pytest.raises(guarded_sockets.AddressRefused, match="内部网络地址"):
        guarded_sockets.resolve(inner, 443)
