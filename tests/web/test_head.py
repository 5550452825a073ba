"""HEAD is answered like GET, without a body: monitoring asks with it."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.evidence.test_uploads_live import Sender, port  # noqa: F401 - a fixture
from tests.support.routes import PUBLIC, ROUTES
from tests.support.world import World


def test_the_login_page_answers_head(client: Client, db: None) -> None:
    answer = client.head("/login/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer["Content-Length"]) == len(client.get("/login/").content)
    assert client.post("/logout/").status_code == 302
    assert client.head("/logout/").status_code == 405


@pytest.mark.parametrize("who", ["coordinator", "administrator", "liaison", "auditor"])
def test_every_page_answers_head_as_it_answers_get(world: World, who: str) -> None:
    client, found = world.client(who), dict[str, tuple[int, int]]()
    for route in [route for route in ROUTES if route.method == "get"]:
        for arguments in ({}, {"campaign_id": world.campaign.pk}):
            try:
                address = reverse(route.name, kwargs=arguments | route.more)
            except NoReverseMatch:
                continue
            answer = client.head(address)
            assert not b"".join(answer) if answer.streaming else not answer.content, address
            found[address] = answer.status_code, client.get(address).status_code
    assert {address: codes for address, codes in found.items() if codes[0] != codes[1]} == {}
    assert sum(head == 200 for head, _ in found.values()) >= 5
    assert "login" in PUBLIC


@pytest.mark.django_db(transaction=True)
def test_no_body_is_sent_and_the_connection_goes_on(port: int, world: World) -> None:  # noqa: F811
    import http.client

    sender = Sender(port, world.client("liaison"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for method, address in (("HEAD", "/login/"), ("HEAD", "/"), ("HEAD", "/profile/"), ("GET", "/profile/")):
        connection.request(method, address, headers=sender.headers)
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.status, bool(body)) in {(200, method == "GET"), (302, False)}, (method, address)
    connection.close()
