"""After a restore, nothing is sent again that was sent before; new notices are sent as usual."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from creation.audit.actor import Actor
from creation.models import (
    AuditEntry,
    Channel,
    Delivery,
    DeliveryState,
    Digest,
    Notice,
    NoticeKind,
    OneTimeLink,
    Task,
    User,
)
from creation.notices import digest_builder
from creation.notices.channels import encryption
from creation.operations.backup import post_restore
from creation.people import credentials, notifications
from tests.support.world import NOW, World

MADE = NOW - timedelta(days=1, hours=2)  # Thursday at eight, before the reminders of the day
NOON = NOW + timedelta(hours=2)
MONDAY = NOW + timedelta(days=3)


@pytest.fixture
def due(world: World) -> World:
    """A reminder is due on this Friday; everybody has an address, and mail is configured."""
    Task.objects.filter(pk=world.tasks["other"].pk).update(due_on=date(2026, 8, 3))
    User.objects.update(email="a@example.gov.cn")
    Channel.objects.create(district=world.district, kind="smtp", name="邮件", sealed=encryption.encrypt({"host": "x"}))
    return world


def round_at(moment: datetime) -> int:
    return digest_builder.run_daily(Actor(None, moment)) + digest_builder.run_urgent(Actor(None, moment))


def waiting() -> int:
    return Delivery.objects.filter(state=DeliveryState.WAITING).count()


@pytest.mark.parametrize("restored", [True, False])
def test_the_first_round_says_nothing_that_was_said_before(due: World, restored: bool) -> None:
    if restored:
        assert post_restore.settle_restored_data(MADE, NOW, NOON)["people"]
    assert bool(round_at(NOON)) is not restored
    assert bool(waiting()) is not restored
    assert Notice.objects.filter(kind="reminder").exists(), "it stands in the inbox either way"
    assert not Notice.objects.filter(digest=None).exists()


def test_what_is_new_is_said_the_next_workday(due: World) -> None:
    post_restore.settle_restored_data(MADE, NOW, NOON)
    before = Notice.objects.count()
    assert round_at(MONDAY)
    assert Notice.objects.count() > before
    assert waiting()


def test_reminders_due_after_the_application_stopped_are_still_sent(due: World) -> None:
    slots = Notice.objects.filter(task=due.tasks["other"]).values_list("slot", flat=True)
    post_restore.settle_restored_data(MADE, NOW.replace(hour=8), NOON)
    assert list(slots) == ["2026-08-03/-7"]
    assert round_at(NOON)
    assert set(slots.all()) == {"2026-08-03/-7", "2026-08-03/-1"}


def test_messages_already_due_are_not_sent_but_later_ones_are(due: World) -> None:
    notifications.notify(
        due.people["liaison"], NoticeKind.RETURNED, "退回", Actor(None, MADE), subject="x", dedup_key="1"
    )
    round_at(MADE + timedelta(hours=2))
    first, later = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("pk")[:2]
    Delivery.objects.filter(pk=later.pk).update(next_try_at=MONDAY)
    post_restore.settle_restored_data(MADE + timedelta(hours=3), NOW, NOON)
    first.refresh_from_db()
    assert (first.state, first.doubtful) == (DeliveryState.STOPPED, True)
    assert "不再发送" in first.answer
    assert list(Delivery.objects.filter(state=DeliveryState.WAITING)) == [later]


def test_a_second_time_changes_nothing(due: World) -> None:
    post_restore.settle_restored_data(MADE, NOW, NOON)
    told = post_restore.settle_restored_data(MADE, NOW, NOON)
    assert not any(told.values())
    assert Digest.objects.count() == len(set(Digest.objects.values_list("person", flat=True)))


def test_links_and_logins_of_before_are_void(due: World, client: Client) -> None:
    person = due.people["liaison"]
    token = credentials.issue_link(person, Actor(None, NOW))
    client.force_login(person)
    assert client.get("/profile/").status_code == 200
    post_restore.settle_restored_data(MADE, NOW, NOON)
    assert credentials.find_link(token, NOON) is None
    assert not OneTimeLink.objects.filter(expires_at__gt=NOON).exists()
    assert client.get("/profile/").status_code == 302
    assert "丢失 2026-07-30 08:00:00 至 2026-07-31 10:00:00" in AuditEntry.objects.get(act="backup.restore").detail
