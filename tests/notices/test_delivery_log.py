"""送达记录 and 通知渠道: recipients, responses and reading times; retries; secrets are write-only."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from creation.audit.actor import Actor
from creation.models import AuditEntry, Channel, Delivery, Digest, Notice, User
from creation.notices import digest_builder, dispatch
from creation.notices.channels import encryption
from tests.notices.test_mail import mail_channel, outside_deliveries, tell
from tests.support.mail_and_webhook_servers import MailServer, mail_server
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with mail_server() as server:
        yield server


@pytest.fixture
def channel(world: World, server: MailServer) -> Channel:
    User.objects.filter(username__in=["liaison", "rival", "coordinator"]).update(email="a@example.com")
    return mail_channel(world, server.port)


def posted() -> None:
    digest_builder.run_all(Actor(None, NOW))
    dispatch.dispatch_due(lambda: NOW)


def page(world: World, query: str = "", who: str = "coordinator") -> str:
    response = world.client(who).get(f"/proof/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_recipient_notices_time_channel_and_reading(world: World, channel: Channel) -> None:
    tell(world, text="任务被退回：缺签章")
    posted()
    Notice.objects.update(read_at=NOW)
    text = page(world)
    for said in ("任务被退回：缺签章", "站内通知", "邮件", "a@example.com", "250 2.0.0", "07-31 10:00 已读"):
        assert said in text
    assert world.people["liaison"].name in text


def test_it_is_narrowed_down_by_person_unit_task_and_day(world: World, channel: Channel) -> None:
    tell(world, text="给联络员的")
    tell(world, "rival", text="给街道的")
    Notice.objects.filter(person=world.people["liaison"]).update(task=world.tasks["lead"])
    posted()
    unit = world.units["城管局"].pk
    for query in (f"?unit={unit}", f"?person={world.people['liaison'].name}", "?task=4-3-3"):
        text = page(world, query)
        assert "给联络员的" in text
        assert "给街道的" not in text
    assert "给联络员的" not in page(world, "?since=2026-08-01")
    assert "给联络员的" in page(world, "?since=2026-07-31&until=2026-07-31")


def test_a_long_digest_is_folded_but_where_a_task_is_asked_for(world: World, channel: Channel) -> None:
    for number in range(4):
        tell(world, text=f"第{number}件事")
    Notice.objects.filter(person=world.people["liaison"]).update(task=world.tasks["lead"])
    posted()
    Notice.objects.filter(text="第0件事").update(read_at=NOW)
    assert "<summary>4 条，未读 3 条</summary><div>第0件事" in page(world)
    assert "<summary>4 条，" not in page(world, "?task=4-3-3")
    assert "第3件事" in page(world, "?task=4-3-3")


def test_other_districts_stay_out(world: World) -> None:
    tell(world, "outsider", text="别区的")
    posted()
    assert "别区的" not in page(world)


def test_one_and_fifty_rows_cost_the_same_queries(world: World, channel: Channel) -> None:
    counts = []
    for total in (1, 30):
        for _ in range(total):
            tell(world)
            posted()
        client = world.client("coordinator")
        counts.append(count_queries(client.get, "/proof/"))
    assert counts[0] == counts[1]


def test_the_office_can_retry_a_failed_delivery(world: World, channel: Channel, server: MailServer) -> None:
    server.bad = {"a@example.com"}
    tell(world)
    posted()
    [failed] = outside_deliveries()
    assert "重试" in page(world, "?state=failed")
    assert "重试" not in page(world, "?state=failed", who="inspector")
    assert world.client("inspector").post(f"/proof/{failed.pk}/retry/").status_code == 403
    User.objects.filter(username="liaison").update(email="new@example.com")
    assert world.client("coordinator").post(f"/proof/{failed.pk}/retry/").status_code == 302
    dispatch.dispatch_due(lambda: NOW)
    assert server.readers == ["new@example.com"]
    assert outside_deliveries()[0].message_id == failed.message_id
    assert AuditEntry.objects.filter(act="delivery.retry").count() == 1


def test_all_failed_deliveries_shown_can_be_retried_together(
    world: World, channel: Channel, server: MailServer
) -> None:
    server.bad = {"a@example.com"}
    for name in ("liaison", "rival"):
        tell(world, name)
    posted()
    assert {row.state for row in outside_deliveries()} == {"failed"}
    assert "全部重试（2 条）" in page(world, "?state=failed")
    assert "全部重试" not in page(world)
    assert "全部重试" not in page(world, "?state=failed", who="inspector")
    User.objects.filter(username="liaison").update(email="new@example.com")
    User.objects.filter(username="rival").update(email="")
    sent = {"filter": "state=failed&person=刘联络", "next": "/proof/?state=failed"}
    answer = world.client("coordinator").post("/proof/retry/", sent, follow=True).content.decode()
    assert "1 条已重新排队" in answer
    assert "不能重试" not in answer
    answer = world.client("coordinator").post("/proof/retry/", {"filter": "state=failed"}, follow=True).content.decode()
    assert "重新排队" not in answer
    assert "1 条不能重试：渠道已停用，或收件人没有填写电子邮箱。" in answer
    dispatch.dispatch_due(lambda: NOW)
    assert server.readers == ["new@example.com"]
    assert [entry.detail for entry in AuditEntry.objects.filter(act="delivery.retry")] == ["1 条"]


def test_deliveries_of_another_district_are_not_retried(world: World, channel: Channel) -> None:
    digest = Digest.objects.create(person=world.people["outsider"], day=TODAY, urgency="daily", created_at=NOW)
    Delivery.objects.create(digest=digest, channel="smtp/1", outlet=channel, address="a@b.cn", state="failed")
    User.objects.filter(username="outsider").update(email="a@b.cn")
    world.client("coordinator").post("/proof/retry/", {"filter": ""})
    assert [row.state for row in outside_deliveries()] == ["failed"]


def test_a_late_click_does_not_resend_a_sent_delivery(world: World, channel: Channel, server: MailServer) -> None:
    tell(world)
    posted()
    response = world.client("coordinator").post(f"/proof/{outside_deliveries()[0].pk}/retry/", follow=True)
    assert "无需再试" in response.content.decode()
    dispatch.dispatch_due(lambda: NOW)
    assert len(server.received) == 1


FORM = {
    "name": "区政府邮箱", "enabled": "on", "slowest": "weekly", "host": "mail.example.com", "port": "465",
    "security": "ssl", "sender": "office@example.com", "username": "office", "password": "streng-geheim",
}  # fmt: skip


def test_a_password_is_write_only(world: World) -> None:
    client = world.client("coordinator")
    assert client.post("/channels/new/smtp/", FORM).status_code == 302
    made = Channel.objects.get()
    assert "streng-geheim" not in made.sealed
    assert "mail.example.com" not in made.sealed
    text = client.get(f"/channels/{made.pk}/").content.decode()
    assert "mail.example.com" in text
    assert "streng-geheim" not in text
    client.post(f"/channels/{made.pk}/", FORM | {"password": "", "port": "587", "seen": "1"})
    kept = encryption.decrypt(Channel.objects.get().sealed)
    assert (kept["password"], kept["port"]) == ("streng-geheim", 587)
    assert "streng-geheim" not in "".join(AuditEntry.objects.values_list("detail", flat=True))


def test_the_second_of_two_editors_is_told(world: World) -> None:
    client = world.client("coordinator")
    client.post("/channels/new/smtp/", FORM)
    pk = Channel.objects.get().pk
    client.post(f"/channels/{pk}/", FORM | {"name": "甲", "seen": "1"})
    response = client.post(f"/channels/{pk}/", FORM | {"name": "乙", "seen": "1"})
    assert "刚被他人修改" in response.content.decode()
    assert Channel.objects.get().name == "甲"


def test_settings_of_another_key_are_reported_as_unreadable(
    world: World, channel: Channel, settings: LazySettings
) -> None:
    settings.CHANNEL_KEY = "another"
    text = world.client("coordinator").post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert "无法解密" in text


def test_a_test_shows_the_other_sides_answer(world: World, channel: Channel, server: MailServer) -> None:
    client = world.client("coordinator")
    assert "250 2.0.0 queued" in client.post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    server.bad = {"a@example.com"}
    assert "550 5.1.1 no such user" in client.post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert list(AuditEntry.objects.filter(act="channel.test").order_by("pk").values_list("result", flat=True)) == [
        "done",
        "failed",
    ]


def test_a_carried_delivery_shows_the_outcome_of_its_message(world: World, channel: Channel) -> None:
    for _ in range(2):
        tell(world)
        digest_builder.run_all(Actor(None, NOW))
    dispatch.dispatch_due(lambda: NOW)
    assert Delivery.objects.filter(state="carried").count() == 1
    assert "与其他通知合并发送" in page(world)
