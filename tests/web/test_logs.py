"""What stands in the log: no address that opens a page by itself, and one line for a refused request."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from config.logs import LineFormatter
from creation.lib import secret_addresses
from creation.models import AuditEntry
from creation.notices import delivery_preferences
from creation.people import credentials
from tests.support.world import World


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the processes write, by the handlers of the settings."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    line = dict(settings.LOGGING["formatters"]["line"])
    made = LineFormatter if line.pop("()", "") else logging.Formatter
    handler.setFormatter(made(line["format"]))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_a_token_that_is_still_valid_is_not_in_the_log(world: World, log: io.StringIO) -> None:
    token = credentials.issue_link(world.people["liaison"], world.actor("administrator"))
    feed = delivery_preferences.create_feed(world.actor("liaison"))
    careful = Client(enforce_csrf_checks=True)
    assert careful.post(f"/link/{token}/", {"new_password1": "x"}).status_code == 403
    for client in (Client(), world.client("liaison")):
        for address in (
            f"/link/{token}",
            f"/link/{token}/more/",
            f"/LINK/{token}/",
            f"/feed/{feed}",
            f"/feed/{feed}.ics/",
        ):
            client.get(address)
            client.get("/nowhere/", {"next": address})
        client.post(f"/feed/{feed}.ics")
    logging.getLogger("waitress").info("Client disconnected while serving %s", f"/link/{token}/")
    logging.getLogger("x").error("failed", exc_info=ValueError(f"http://a/?next=%2Flink%2F{token}%2F"))
    said = log.getvalue()
    assert "/link/***" in said
    assert "%2Flink%2F***%2F" in said
    assert token not in said
    assert feed not in said
    assert credentials.find_link(token, world.actor("liaison").at), "it is still valid"


def test_keys_of_other_services_are_not_in_the_log() -> None:
    address = "https://robot.example.com/send?key=1234-abcd&access_token=ffff&x=1"
    assert secret_addresses.mask(f"POST {address} failed") == (
        "POST https://robot.example.com/send?key=***&access_token=***&x=1 failed"
    )


@pytest.mark.parametrize("address", ["/links/1/", "/c/1/links/", "/linking/abc/", "/notices/feed/"])
def test_other_addresses_are_readable(address: str) -> None:
    assert secret_addresses.mask(f'"GET {address} HTTP/1.1"') == f'"GET {address} HTTP/1.1"'


def test_each_refused_request_is_one_line(world: World, log: io.StringIO) -> None:
    client = world.client("liaison")
    assert client.get(reverse("accounts")).status_code == 403
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/login/", headers={"host": "evil.example.com"}).status_code == 400
    careful = Client(enforce_csrf_checks=True)
    assert careful.post("/login/").status_code == 403
    said = log.getvalue()
    assert "Traceback" not in said
    assert said.count("Forbidden (Permission denied): /accounts/") == 1
    assert len(said.splitlines()) == 4, said


def test_a_fault_of_ours_keeps_its_traceback(log: io.StringIO) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        logging.getLogger("django.request").exception("Internal Server Error: /", extra={"status_code": 500})
    assert "Traceback" in log.getvalue()


def test_a_refused_page_with_a_key_is_masked_in_the_trail(world: World, monkeypatch: Any) -> None:
    from django.core.exceptions import PermissionDenied
    from django.test import RequestFactory

    from creation.web import errors

    request = RequestFactory().get("/link/Tk0-secret/")
    request.user = world.people["liaison"]
    errors.forbidden(request, PermissionDenied())
    entry = AuditEntry.objects.get(act="page.refused")
    assert (entry.object, entry.detail) == ("/link/***/", "GET /link/***/")


def test_the_page_of_a_link_gives_its_address_to_nothing_that_it_loads(world: World, client: Client) -> None:
    token = credentials.issue_link(world.people["liaison"], world.actor("administrator"))
    assert client.get(f"/link/{token}/")["Referrer-Policy"] == "strict-origin"
    assert client.get("/link/spent/")["Referrer-Policy"] == "strict-origin"
    assert client.get("/login/")["Referrer-Policy"] == "same-origin"
    careful = Client(enforce_csrf_checks=True)
    page = careful.get(f"/link/{token}/")
    data = {"csrfmiddlewaretoken": page.context["csrf_token"], "new_password1": "", "new_password2": ""}
    assert careful.post(f"/link/{token}/", data, headers={"origin": "http://testserver"}).status_code != 403
