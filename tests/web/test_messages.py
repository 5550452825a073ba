"""The sentence after an act waits in a cookie that only the same login can read."""

from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.web.messages import MessageStorage
from tests.support.world import World

SENTENCE = "已保存 3 项。"


def login() -> SessionStore:
    session = SessionStore()
    session.create()
    return SessionStore(session.session_key)


def written(session: SessionStore, *sentences: str) -> HttpResponse:
    """Return the response of an act that says these sentences."""
    request: Any = RequestFactory().post("/")
    request.session, response = session, HttpResponse()
    request._messages = MessageStorage(request)
    for sentence in sentences:
        messages.success(request, sentence)
    request._messages.update(response)
    return response


def read(session: SessionStore, response: HttpResponse) -> list[str]:
    """Return the sentences on the next page of this session in the browser that got the response."""
    request: Any = RequestFactory().get("/")
    request.session = session
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    return [str(each) for each in MessageStorage(request)]


@pytest.mark.django_db
def test_only_the_login_that_acted_reads_the_sentence() -> None:
    mine, next_person = login(), login()
    response = written(mine, SENTENCE)

    assert SENTENCE not in str(response.cookies)
    assert read(mine, response) == [SENTENCE]
    assert read(next_person, response) == []
    assert not mine.modified


@pytest.mark.django_db
def test_sentences_too_long_for_a_cookie_wait_in_the_session() -> None:
    session = login()
    long = [
        f"{number}：" + "".join(chr(0x4E00 + (number * 997 + place * 31) % 20000) for place in range(900))
        for number in range(3)
    ]
    response = written(session, *long)

    assert sorted(read(session, response)) == sorted(long)


@pytest.mark.django_db
def test_an_act_writes_no_session(world: World) -> None:
    client = world.client("liaison")
    task = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    client.get(task)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(
            reverse("task_notes", args=[world.campaign.pk, world.tasks["lead"].pk]),
            {"day": "2026-07-31", "text": "已开会部署"},
        )
        said = [str(each) for each in get_messages(client.get(answer["Location"]).wsgi_request)]

    assert said
    assert not [query for query in asked.captured_queries if query["sql"].startswith('UPDATE "django_session"')]
