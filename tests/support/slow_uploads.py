"""Slow uploads that send a byte from time to time, and a person who opens pages meanwhile. Logins and files are real."""

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from urllib.parse import urlencode

SIZE = 5 * 2**20


class Visitor:
    """A person at a browser with cookies, as far as needed for pages and uploads."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        page = self.ask("GET", "/login/")[1].decode()
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
        form = {"username": login, "password": password, "csrfmiddlewaretoken": token}
        status, _ = self.ask("POST", "/login/", urlencode(form).encode(), "application/x-www-form-urlencoded")
        assert status == 302, f"{login} was not let in"

    def headers(self, kind: str = "application/octet-stream") -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "X-CSRFToken": self.cookies.get("csrftoken", ""), "Content-Type": kind}

    def ask(
        self, method: str, url: str, body: bytes = b"", kind: str = "application/octet-stream"
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, url, body or None, self.headers(kind))
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
            return answer.status, answer.read()
        finally:
            connection.close()

    def announce(self, task: str, name: str, size: int) -> str:
        """Announce a file; return the URL for its bytes."""
        asked = {"name": name, "size": size, "modified": "2026-07-15", "declared": True}
        status, answer = self.ask("POST", f"{task}uploads/", json.dumps(asked).encode(), "application/json")
        assert status == 201, answer
        return str(json.loads(answer)["url"])

    def open(self, url: str) -> float:
        """Return the seconds until the page was received."""
        began = time.perf_counter()
        status, _ = self.ask("GET", url)
        assert status == 200, f"{url}: {status}"
        return time.perf_counter() - began


@contextmanager
def dribbling(visitor: Visitor, task: str, count: int) -> Iterator[list[socket.socket]]:
    """Yield that many started uploads, each with its header and first bytes sent."""
    urls = [visitor.announce(task, f"录像{number}.jpg", SIZE) for number in range(count)]
    lines = [socket.create_connection(("127.0.0.1", visitor.port)) for _ in urls]
    try:
        for line, url in zip(lines, urls, strict=True):
            sent = {"Host": f"127.0.0.1:{visitor.port}", "Content-Length": str(SIZE)} | visitor.headers()
            head = [f"PUT {url}?offset=0 HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
            line.sendall("\r\n".join(head).encode() + b"\xff\xd8\xff")
        yield lines
    finally:
        for line in lines:
            line.close()


def dribble(lines: list[socket.socket]) -> None:
    """Send one more byte on every connection."""
    for line in lines:
        line.sendall(b"\0")


def is_waiting(line: socket.socket) -> bool:
    """Return whether the connection is open and unanswered: the server waits for the rest."""
    line.setblocking(False)
    with suppress(BlockingIOError):
        line.recv(1)
        return False
    return True


def opened_meanwhile(visitor: Visitor, urls: list[str], seconds: float, lines: list[socket.socket]) -> list[float]:
    """Open the pages in turn for so long, sending a byte on every connection in between; return how long each page took."""
    took: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until or not took:
        for url in urls:
            dribble(lines)
            took.append(visitor.open(url))
    return took
