"""Sessions expire, can be ended remotely, and are listed for the person."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creation.models import AuditEntry, UserSession
from creation.people import accounts
from tests.support.world import NOW, World

PAGE = "/profile/"


@pytest.fixture(autouse=True)
def at_ten(time_machine: Any) -> Any:
    time_machine.move_to(NOW, tick=False)
    return time_machine


def entered(world: World, name: str = "liaison") -> Client:
    client = world.client(name)
    assert client.get(PAGE).status_code == 200
    return client


def test_half_an_hour_without_activity_ends_it(world: World, at_ten: Any) -> None:
    client = entered(world)
    at_ten.move_to(NOW + timedelta(minutes=29, seconds=59), tick=False)
    assert client.get(PAGE).status_code == 200
    at_ten.move_to(NOW + timedelta(minutes=59, seconds=59), tick=False)
    assert client.get(PAGE)["Location"] == "/login/?next=/profile/&ended=idle"
    assert "较长时间没有操作" in client.get("/login/?next=/profile/&ended=idle").content.decode()
    assert AuditEntry.objects.filter(act="session.idle", person_id=world.people["liaison"].pk).count() == 1


def test_eight_hours_end_it_despite_activity(world: World, at_ten: Any) -> None:
    client = entered(world)
    for minutes in range(20, 480, 20):
        at_ten.move_to(NOW + timedelta(minutes=minutes), tick=False)
        assert client.get(PAGE).status_code == 200
    at_ten.move_to(NOW + timedelta(hours=8), tick=False)
    assert client.get(PAGE)["Location"].endswith("ended=expired")


def test_polling_is_not_activity(world: World, at_ten: Any) -> None:
    client = entered(world)
    for minutes in (10, 20, 29):
        at_ten.move_to(NOW + timedelta(minutes=minutes), tick=False)
        assert client.get(PAGE, headers={"X-Polling": "1"}).status_code == 200
    at_ten.move_to(NOW + timedelta(minutes=30), tick=False)
    assert client.get(PAGE, headers={"X-Polling": "1"}).status_code == 401


def test_the_timer_writes_once_a_minute(world: World, at_ten: Any) -> None:
    client = entered(world)

    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)

    at_ten.move_to(NOW + timedelta(seconds=59), tick=False)
    assert writes() == 0
    at_ten.move_to(NOW + timedelta(seconds=60), tick=False)
    assert [writes(), writes()] == [1, 0]


def test_scripts_get_a_401_instead_of_the_login_page(world: World) -> None:
    for headers in ({"HX-Request": "true"}, {"X-CSRFToken": "x"}, {"X-Polling": "1"}):
        answer = Client().post(PAGE, headers=headers)
        assert answer.status_code == 401
        assert answer.content.decode() == "登录已过期，请重新登录。"


def test_a_person_sees_and_ends_their_other_sessions(world: World) -> None:
    here, there = entered(world), entered(world)
    other = UserSession.objects.get(session_key=there.session.session_key)
    assert here.get(PAGE).content.decode().count("来自 127.0.0.1") == 2
    here.post(f"/profile/sessions/{other.pk}/end/")
    assert there.get(PAGE)["Location"].startswith("/login/")
    assert here.get(PAGE).status_code == 200
    assert not Session.objects.filter(session_key=other.session_key).exists()


def test_a_person_cannot_end_the_session_of_another(world: World) -> None:
    rival = entered(world, "rival")
    theirs = UserSession.objects.get(user=world.people["rival"])
    assert entered(world).post(f"/profile/sessions/{theirs.pk}/end/").status_code == 404
    assert rival.get(PAGE).status_code == 200


def test_an_ended_session_cannot_be_reused_by_its_key(world: World) -> None:
    """Even if Django's own session row still exists."""
    client = entered(world)
    UserSession.objects.update(ended_at=NOW)
    assert client.get(PAGE)["Location"].endswith("ended=ended")


def test_disabling_an_account_ends_its_logins_at_once(world: World) -> None:
    client = entered(world)
    accounts.disable_account(world.people["liaison"], world.actor("administrator"))
    assert client.get(PAGE).status_code == 302
    assert not UserSession.objects.active().filter(user=world.people["liaison"]).exists()


def test_moving_a_person_to_another_unit_ends_their_logins(world: World) -> None:
    client, person = entered(world), world.people["liaison"]
    data = {"name": person.name, "unit": world.units["司法局"], "post": "", "office_phone": "", "email": ""}
    accounts.edit_account(person, data, person.version, world.actor("administrator"))
    assert client.get(PAGE).status_code == 302


def test_own_phones_are_edited_by_version(world: World) -> None:
    client = entered(world)
    data = {"office_phone": "0395-1234567", "mobile": "13900005678", "email": "", "seen": "1"}
    assert client.post(PAGE, data)["Location"] == PAGE
    lost = client.post(PAGE, data | {"mobile": "13700000000"})
    assert lost.status_code == 409
    text = lost.content.decode()
    assert "13700000000" in text
    assert "13900005678" in text
    world.people["liaison"].refresh_from_db()
    assert world.people["liaison"].mobile == "13900005678"


def test_a_wrong_phone_is_a_sentence(world: World) -> None:
    page = entered(world).post(PAGE, {"mobile": "12", "seen": "1"})
    assert "11 位数字" in page.content.decode()
