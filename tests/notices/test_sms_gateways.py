"""SMS gateways and apprise: short messages, counted, without details; success only where the response says so."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings

from creation.audit.actor import Actor
from creation.models import AuditEntry, Channel, Preference, User
from creation.notices import digest_builder, dispatch
from creation.notices.channels import encryption, sms_gateway
from tests.notices.test_mail import outside_deliveries, tell
from tests.notices.test_mail_messages import message
from tests.support.mail_and_webhook_servers import WebhookServer, webhook_server
from tests.support.world import NOW, World

FORM = {
    "name": "短信",
    "slowest": "weekly",
    "enabled": "on",
    "method": "form",
    "mobile_field": "mobile",
    "text_field": "content",
    "serial_field": "sn",
    "extra": "account=office\npassword=geheim",
    "answer_field": "code",
    "answer_value": "0",
    "sign": "源汇法治",
}


@pytest.fixture
def server(settings: LazySettings) -> Iterator[WebhookServer]:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with webhook_server() as server:
        yield server


def channel(world: World, server: WebhookServer, kind: str = "sms", **given: str) -> Channel:
    config = {"url": server.url} | FORM | given
    made = Channel.objects.create(district=world.district, kind=kind, name="渠道", sealed=encryption.encrypt(config))
    Preference.objects.create(person=world.people["liaison"], changed_at=NOW).channels.set([made])
    User.objects.filter(pk=world.people["liaison"].pk).update(mobile="13800138000")
    return made


def send_and_dispatch(world: World) -> Any:
    tell(world, text="只该在站内看到的内容")
    digest_builder.run_all(Actor(None, NOW))
    dispatch.dispatch_due(lambda: NOW)
    [row] = outside_deliveries()
    return row


@pytest.mark.parametrize("method", ["form", "json", "get"])
def test_a_text_message_contains_no_details(world: World, server: WebhookServer, method: str) -> None:
    server.answers = [(200, {"code": 0, "msg": "ok"})]
    channel(world, server, method=method)
    row = send_and_dispatch(world)
    [(path, body)] = server.asked
    fields = (
        body if method == "json" else {key: value[0] for key, value in parse_qs(body or urlsplit(path).query).items()}
    )
    text = fields["content"]
    assert text == f"【源汇法治】{world.people['liaison'].name}：您有 1 条创建工作通知，请登录系统查看。"
    assert (fields["mobile"], fields["account"], fields["password"]) == ("13800138000", "office", "geheim")
    assert fields["sn"] == row.message_id[1:].split("@")[0]
    assert "只该在站内看到的内容" not in str(server.asked)
    assert (row.state, row.address) == ("sent", "138****8000")
    assert row.answer == f'HTTP 200 {{"code": 0, "msg": "ok"}}（{len(text)} 字，计 1 条）'


@pytest.mark.parametrize(
    ("answer", "given", "state"),
    [
        ((200, {"code": 0}), {}, "sent"),
        ((200, {"code": "0"}), {}, "sent"),
        ((200, {"code": 1003, "msg": "余额不足"}), {}, "failed"),
        ((200, {"msg": "ok"}), {}, "failed"),
        ((200, ["what?"]), {}, "failed"),
        ((200, {"code": None}), {"answer_value": "None"}, "failed"),
        ((200, {"data": [{"ok": True}]}), {"answer_field": "data.0.ok", "answer_value": "true"}, "sent"),
        ((200, "OK:12345"), {"answer_field": "", "answer_value": '"OK'}, "sent"),
        ((200, "ERR:7"), {"answer_field": "", "answer_value": '"OK'}, "failed"),
        ((403, {"code": 0}), {}, "failed"),
        ((429, {"code": 0}), {}, "waiting"),
        ((502, {}), {}, "waiting"),
    ],
)
def test_success_is_read_from_the_named_field(
    world: World, server: WebhookServer, answer: Any, given: dict[str, str], state: str
) -> None:
    server.answers = [answer]
    channel(world, server, **given)
    row = send_and_dispatch(world)
    assert (row.state, row.doubtful) == (state, False)
    assert f"HTTP {answer[0]}" in row.answer


def test_a_truncated_response_is_flagged_and_retried_with_the_same_number(world: World, server: WebhookServer) -> None:
    server.answers = [(0, None), (200, {"code": 0})]
    channel(world, server)
    row = send_and_dispatch(world)
    assert (row.state, row.doubtful) == ("waiting", True)
    dispatch.dispatch_due(lambda: row.next_try_at)
    assert (outside_deliveries()[0].state, outside_deliveries()[0].doubtful) == ("sent", True)
    assert len({parse_qs(body)["sn"][0] for _, body in server.asked}) == 1


def test_a_person_without_mobile_is_notified_in_the_inbox_only(world: World, server: WebhookServer) -> None:
    channel(world, server)
    User.objects.update(mobile="")
    tell(world)
    digest_builder.run_all(Actor(None, NOW))
    assert outside_deliveries() == []


def test_a_message_is_one_part_whatever_the_names() -> None:
    long = message(short="很长" * 60)
    assert len(sms_gateway.sms_text(long, "源汇法治")) == 70
    assert [sms_gateway.count_parts("字" * n) for n in (1, 70, 71, 134, 135)] == [1, 1, 2, 2, 3]


def test_the_office_sets_up_a_gateway_tries_it_and_sees_no_secret_again(world: World, server: WebhookServer) -> None:
    office = world.client("coordinator")
    assert office.post("/channels/new/sms/", FORM | {"url": server.url}).status_code == 302
    made = Channel.objects.get()
    assert "geheim" not in made.sealed
    page = office.get(f"/channels/{made.pk}/").content.decode()
    assert "geheim" not in page
    assert "key=geheim" not in page
    changed = FORM | {"url": "", "extra": "", "sign": "", "seen": made.version}
    assert office.post(f"/channels/{made.pk}/", changed).status_code == 302
    User.objects.filter(pk=world.people["coordinator"].pk).update(mobile="")
    assert "请先在“我的账号”中填写" in office.post(f"/channels/{made.pk}/test/", follow=True).content.decode()
    User.objects.filter(pk=world.people["coordinator"].pk).update(mobile="13900139000")
    server.answers = [(200, {"code": 1003, "msg": "余额不足"})]
    page = office.post(f"/channels/{made.pk}/test/", follow=True).content.decode()
    assert "余额不足" in page
    [(_, body)] = server.asked
    assert parse_qs(body)["password"] == ["geheim"]
    assert AuditEntry.objects.filter(act="channel.test", result="failed").exists()
    assert not AuditEntry.objects.filter(detail__contains="geheim").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://sms.example.com/send", "不加密"),
        ("ftp://sms.example.com/send", "https://"),
        ("https://a:b@sms.example.com/send", "https://"),
        ("https://sms.example.com:x/send", "无法识别"),
    ],
)
def test_a_gateway_needs_https_or_the_operators_permission(world: World, url: str, words: str) -> None:
    answer = world.client("coordinator").post("/channels/new/sms/", FORM | {"url": url})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_a_field_that_is_not_a_pair_is_reported_by_its_line(world: World) -> None:
    form = FORM | {"url": "https://sms.example.com/send", "extra": "a=1\nb"}
    assert "第 2 行应写成" in world.client("coordinator").post("/channels/new/sms/", form).content.decode()


def test_an_internal_gateway_is_not_connected_to_unless_allowed(
    world: World, server: WebhookServer, settings: LazySettings
) -> None:
    channel(world, server)
    settings.CHANNEL_HOSTS = []
    row = send_and_dispatch(world)
    assert (row.state, server.asked) == ("failed", [])
    assert "CHANNEL_HOSTS" in row.answer


@pytest.mark.parametrize(
    ("status", "state", "words"), [(200, "sent", "成功"), (500, "waiting", "失败"), (0, "waiting", "失败")]
)
def test_apprise_reports_only_success_or_failure(
    world: World, server: WebhookServer, status: int, state: str, words: str
) -> None:
    server.answers = [(status, {} if status else None)]
    channel(world, server, kind="apprise", url=server.url.replace("http://", "json://"))
    row = send_and_dispatch(world)
    assert row.state == state
    assert row.answer.startswith(f"{words}（Apprise 只回答成功或失败")
    assert row.doubtful == (status == 0)
    assert len(server.asked) == 1
    assert "只该在站内看到的内容" not in str(server.asked)


@pytest.mark.parametrize(
    "url",
    [
        "syslog://",
        "dbus://",
        "json://127.0.0.1/x",
        "mailto://a:b@example.com",
        "file:///etc/passwd",
        "xyz",
        "json://[x",
    ],
)
def test_only_listed_services_of_apprise_are_accepted(world: World, url: str) -> None:
    answer = world.client("coordinator").post(
        "/channels/new/apprise/", {"name": "其他", "slowest": "weekly", "url": url}
    )
    assert answer.status_code == 422
    assert not Channel.objects.exists()
    form = {"name": "其他", "slowest": "weekly", "url": "ntfys://ntfy.example.com/topic"}
    assert world.client("coordinator").post("/channels/new/apprise/", form).status_code == 302


def test_apprise_connects_to_no_internal_server_unless_allowed(
    world: World, server: WebhookServer, settings: LazySettings
) -> None:
    channel(world, server, kind="apprise", url=server.url.replace("http://", "jsons://"))
    settings.CHANNEL_HOSTS = []
    row = send_and_dispatch(world)
    assert (row.state, server.asked) == ("failed", [])
    assert "CHANNEL_HOSTS" in row.answer
