"""Processes that share an address: a request goes to one that has a free thread."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from config import serve
from tests.support.local_servers import wait_for

pytestmark = pytest.mark.usefixtures("fresh_data_dir")


class Neighbour:
    """One of two servers with a single thread each, as two processes would be."""

    def __init__(self, name: str, listening: socket.socket) -> None:
        self.name, self.allowed = name, threading.Event()
        self.server = serve.create_server(self, sockets=[listening], threads=1)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow/":
            self.allowed.wait(20)
        start_response("200 OK", [("Content-Length", "5")])
        return [self.name.encode()]

    @property
    def waiting(self) -> int:
        return len(self.server.dispatcher.queue)


@pytest.fixture
def neighbours() -> Iterator[tuple[Neighbour, Neighbour]]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.setblocking(False)
        pair = Neighbour("first", listening), Neighbour("other", listening)
        yield pair
        for each in pair:
            each.allowed.set()
            each.server.close()


def connect(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    return connection


def ask(connection: http.client.HTTPConnection) -> tuple[str, str | None]:
    connection.request("GET", "/")
    answer = connection.getresponse()
    return answer.read().decode(), answer.headers["Connection"]


def test_who_has_requests_in_the_queue_takes_no_more_and_lets_go(neighbours: tuple[Neighbour, Neighbour]) -> None:
    first, other = neighbours
    with ExitStack() as lines:
        first.thread.start()
        slow, queued = (lines.enter_context(closing(connect(first.server.port))) for _ in range(2))
        assert [ask(slow), ask(queued)] == [("first", None)] * 2
        slow.request("GET", "/slow/")
        wait_for(lambda: bool(first.server.dispatcher.active_count))
        queued.request("GET", "/")
        wait_for(lambda: first.waiting == 1)

        other.thread.start()
        for _ in range(10):
            assert ask(lines.enter_context(closing(connect(first.server.port)))) == ("other", None)

        first.allowed.set()
        answer = slow.getresponse()
        assert (answer.read(), answer.headers["Connection"]) == (b"first", "close")
        assert queued.getresponse().headers["Connection"] is None  # nobody waited any more
