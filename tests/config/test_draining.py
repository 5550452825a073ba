"""A web process that is replaced: what is under way is finished, and nobody keeps it alive by an open connection."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import serve
from tests.conftest import wait_for

pytestmark = pytest.mark.usefixtures("fresh_data_dir")
ENDS = 4  # seconds within which a process without requests has ended


class Slowly:
    """A page that is answered once the test allows it."""

    def __init__(self) -> None:
        self.begun, self.allowed = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow/":
            self.begun.set()
            self.allowed.wait(20)
        body = environ["wsgi.input"].read() or b"page"
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]


class Replaced:
    """A server that runs in a thread until it is drained."""

    def __init__(self) -> None:
        self.application = Slowly()
        self.server = serve.create_server(self.application, host="127.0.0.1", port=0, threads=4)
        self.lines: list[http.client.HTTPConnection] = []
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def connection(self) -> http.client.HTTPConnection:
        self.lines.append(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20))
        return self.lines[-1]

    def has_ended(self) -> bool:
        return not self.thread.is_alive()


@pytest.fixture
def replaced() -> Iterator[Replaced]:
    found = Replaced()
    yield found
    for line in found.lines:
        line.close()
    found.application.allowed.set()
    found.server.close()
    found.thread.join(5)


def ask(line: http.client.HTTPConnection, path: str = "/") -> http.client.HTTPResponse:
    line.request("GET", path)
    answer = line.getresponse()
    assert answer.read() == b"page"
    return answer


def test_idle_connections_are_closed_at_once(replaced: Replaced) -> None:
    lines = [replaced.connection() for _ in range(20)]
    assert all(ask(line).headers["Connection"] is None for line in lines)
    began = time.monotonic()
    replaced.server.drain()
    wait_for(replaced.has_ended, ENDS)
    assert time.monotonic() - began < ENDS
    assert all(line.sock.recv(1) == b"" for line in lines)


def test_a_connection_in_use_is_closed_with_its_answer(replaced: Replaced) -> None:
    line, idle = replaced.connection(), replaced.connection()
    ask(line)
    ask(idle)
    line.request("GET", "/slow/")
    replaced.application.begun.wait(10)
    replaced.server.drain()
    wait_for(lambda: idle.sock.recv(1) == b"", ENDS)
    assert not replaced.has_ended()
    replaced.application.allowed.set()
    answer = line.getresponse()
    assert (answer.status, answer.headers["Connection"], answer.read()) == (200, "close", b"page")
    wait_for(replaced.has_ended, ENDS)


def test_a_body_that_is_arriving_is_received_and_answered(replaced: Replaced) -> None:
    line = replaced.connection()
    line.putrequest("POST", "/")
    line.putheader("Content-Length", "10")
    line.endheaders(b"first")
    time.sleep(0.5)
    replaced.server.drain()
    time.sleep(2)
    line.send(b"after")
    answer = line.getresponse()
    assert (answer.status, answer.headers["Connection"], answer.read()) == (200, "close", b"firstafter")
    wait_for(replaced.has_ended, ENDS)


def test_a_browser_that_asks_again_and_again_loses_no_request(replaced: Replaced) -> None:
    """Twenty browsers, each with one connection; whoever finds it closed by its last answer asks another process."""
    said: list[str | None] = []

    def browse() -> None:
        line = replaced.connection()
        while True:
            answer = ask(line)
            said.append(answer.headers["Connection"])
            if answer.headers["Connection"] == "close":
                return

    browsers = [threading.Thread(target=browse) for _ in range(20)]
    for each in browsers:
        each.start()
    time.sleep(1)
    replaced.server.drain()
    for each in browsers:
        each.join(ENDS)
    assert said.count("close") == 20
    wait_for(replaced.has_ended, ENDS)
