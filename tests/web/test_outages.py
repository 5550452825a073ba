"""A locked database and a full disk are answered with a sentence; nothing is changed and nothing that was typed is lost."""

import errno
import html
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from creation.models import Draft, UserSession
from creation.web import outages
from tests.support.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL locks rows"),
]
ANSWER = {
    "mode": "upload",
    "measures": "\n第一行\n<b>第二行</b>",
    "results": "已完成",
    "highlights": "",
    "draft_seen": "0",
}


@pytest.fixture
def locked(world: World) -> Iterator[sqlite3.Connection]:
    """The database while somebody else writes, and waits that are short."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.isolation_level = None
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 300")
        other.execute("BEGIN IMMEDIATE")
        yield other


def client_of(world: World, who: str) -> Client:
    client = world.client(who)
    client.raise_request_exception = False
    return client


@pytest.fixture
def liaison(world: World, request: pytest.FixtureRequest) -> Client:
    """Logged in before the database is locked."""
    client = client_of(world, "liaison")
    client.get(reverse("todo"))
    request.getfixturevalue("locked")
    return client


def test_a_form_is_kept_and_can_be_sent_again(world: World, liaison: Client, locked: sqlite3.Connection) -> None:
    url = reverse("draft", args=[world.campaign.pk, world.task("lead").pk])
    refused = liaison.post(url, ANSWER)
    assert refused.status_code == 503
    assert refused["Retry-After"]
    page = refused.content.decode()
    assert "没有保存" in page
    assert "请稍后再试" in page
    assert f'action="{url}"' in page
    kept = {
        name: html.unescape(value)
        for name, value in re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    }
    assert kept == ANSWER
    assert not Draft.objects.exists()
    locked.execute("ROLLBACK")
    assert liaison.post(url, kept).status_code < 400
    assert Draft.objects.get().content["measures"].strip() == ANSWER["measures"].strip()


@pytest.mark.parametrize(
    ("headers", "check"),
    [
        ({"Accept": "application/json"}, lambda answer: "请稍后再试" in answer.json()["error"]),
        ({"HX-Request": "true"}, lambda answer: answer.content.decode().startswith('<div class="alert alert-danger"')),
    ],
)
def test_scripts_get_json_and_htmx_a_fragment(
    world: World, liaison: Client, headers: dict[str, str], check: Any
) -> None:
    answer = liaison.post(reverse("draft", args=[world.campaign.pk, world.task("lead").pk]), ANSWER, headers=headers)
    assert answer.status_code == 503
    assert check(answer)
    assert not Draft.objects.exists()


def test_pages_open_while_somebody_writes_for_long(world: World, liaison: Client, locked: sqlite3.Connection) -> None:
    """Recording the visit waits for nobody; the next request does it."""
    earlier = timezone.now() - timedelta(minutes=2)
    locked.execute("UPDATE creation_usersession SET seen_at = ?", [earlier.strftime("%Y-%m-%d %H:%M:%S")])
    locked.execute("COMMIT")
    locked.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 20000")
    began = time.monotonic()
    assert liaison.get(reverse("todo")).status_code == 200
    assert time.monotonic() - began < 10
    assert UserSession.objects.get().seen_at < earlier + timedelta(seconds=1)
    locked.execute("ROLLBACK")
    liaison.get(reverse("todo"))
    assert UserSession.objects.get().seen_at > earlier + timedelta(minutes=1)


def test_a_password_is_never_written_into_a_page(world: World, locked: sqlite3.Connection) -> None:
    client = Client(raise_request_exception=False)
    refused = client.post(reverse("login"), {"username": "liaison", "password": "a secret of mine"})
    assert refused.status_code == 503
    assert "请稍后再试" in refused.content.decode()
    assert "a secret of mine" not in refused.content.decode()


class Lost(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__()
        self.sqlstate = sqlstate


def caused(text: str, sqlstate: str | None = None) -> OperationalError:
    error = OperationalError(text)
    error.__cause__ = Lost(sqlstate) if sqlstate else None
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (caused("database is locked"), 503),
        (caused("database table is locked: creation_task"), 503),
        (caused("canceling statement due to lock timeout", "55P03"), 503),
        (caused("terminating connection", "57P01"), 503),
        (caused("too many connections", "53300"), 503),
        (caused("deadlock detected", "40P01"), 503),
        (caused("database or disk is full"), 507),
        (caused("could not extend file", "53100"), 507),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (caused("no such table: creation_task"), 0),
        (caused("syntax error", "42601"), 0),
        (OSError(errno.ENOENT, "No such file"), 0),
        (ValueError("database is locked"), 0),
        (None, 0),
    ],
)
def test_what_counts_as_an_outage(error: BaseException | None, status: int) -> None:
    assert outages.outage_status(error) == status
    answer = outages.answer(RequestFactory().post("/somewhere/", {"a": "b"}), error)
    assert (answer.status_code if answer else 0) == status


@pytest.mark.parametrize(("cause", "status"), [("database is locked", 503), ("no such table", 400)])
def test_a_session_that_could_not_be_saved_is_an_outage_not_a_bad_request(
    world: World, monkeypatch: pytest.MonkeyPatch, cause: str, status: int
) -> None:
    client = client_of(world, "liaison")
    client.get(reverse("todo"))

    def save(self: SessionStore, must_create: bool = False) -> None:
        try:
            raise OperationalError(cause)
        except OperationalError:
            raise UpdateError  # noqa: B904 as Django's session store does

    def change_session(request: HttpRequest) -> list[str]:
        request.session["place"] = "here"
        return []

    monkeypatch.setattr(SessionStore, "save", save)
    monkeypatch.setattr("creation.tasks.views.todo.first_page.parts_for", change_session)
    assert client.get(reverse("todo")).status_code == status
