"""通知偏好 and the calendar feed: a person's own settings and due days, and a key that can be revoked."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from creation.models import Channel, FeedToken, Holiday, Preference, User
from tests.notices.test_mail import mail_channel
from tests.support.world import NOW, World


@pytest.fixture
def channel(world: World) -> Channel:
    return mail_channel(world, 25)


def test_preferences_are_saved_and_shown_again(world: World, channel: Channel) -> None:
    client = world.client("liaison")
    assert 'value="at_once"' in client.get("/notices/settings/").content.decode()
    assert client.post("/notices/settings/", {"rhythm": "weekly", "channels": []}).status_code == 302
    wish = Preference.objects.get()
    assert (wish.person, wish.rhythm, wish.channels.count()) == (world.people["liaison"], "weekly", 0)


def test_only_channels_of_the_own_district_that_are_on_can_be_chosen(world: World, channel: Channel) -> None:
    for change in ({"enabled": False}, {"enabled": True, "district": world.elsewhere.district}):
        Channel.objects.update(**change)
        client = world.client("liaison")
        response = client.post("/notices/settings/", {"rhythm": "daily", "channels": [channel.pk]})
        assert response.status_code == 422
    assert not Preference.objects.exists()


def feed_of(world: World, who: str = "liaison") -> tuple[str, Client]:
    client = world.client(who)
    response = client.post("/notices/feed/", follow=True)
    text = response.content.decode()
    path = "/feed/" + text.split(".ics")[0].rsplit("/feed/", 1)[1] + ".ics"
    assert re.search(rf'href="webcal://[^/"]+{path}"', text), "a telephone opens its calendar with it"
    assert ".ics" not in client.get("/notices/settings/").content.decode()  # shown once
    return path, client


def events(path: str) -> dict[str, date]:
    response = Client().get(path)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    return {str(each["summary"]): each["dtstart"].dt for each in Calendar.from_ical(response.content).walk("VEVENT")}


@time_machine.travel(NOW, tick=False)
def test_the_feed_has_only_the_persons_own_due_days(world: World) -> None:
    path, _ = feed_of(world)
    found = events(path)
    assert sorted(found.values()) == [date(2026, 7, 10), date(2026, 8, 10)]
    assert any("4-3-3" in summary for summary in found)
    assert len(FeedToken.objects.get().digest) == 64
    assert FeedToken.objects.get().digest not in path


@time_machine.travel(NOW, tick=False)
def test_a_due_day_that_is_a_day_off_names_the_workday_before(world: World) -> None:
    Holiday.objects.update_or_create(day=date(2026, 8, 10), defaults={"kind": "off", "name": "放假"})
    path, _ = feed_of(world)
    assert "2026-08-07" in Client().get(path).content.decode().replace("\r\n ", "")


@time_machine.travel(NOW, tick=False)
def test_a_revoked_or_replaced_key_opens_no_feed(world: World) -> None:
    old, _ = feed_of(world)
    new, _ = feed_of(world)
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    User.objects.filter(username="liaison").update(is_active=False)
    assert Client().get(new).status_code == 404
    User.objects.filter(username="liaison").update(is_active=True)
    world.client("liaison").post("/notices/feed/revoke/")
    assert Client().get(new).status_code == 404
    assert Client().get("/feed/x.ics").status_code == 404
