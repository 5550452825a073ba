"""What the web server reads before anybody has logged in, keeps of bodies that are arriving, and how long it waits."""

import ast
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.urls import get_resolver, reverse

from config import body_buffer, serve, web_channel
from config.web_server import LimitedServer
from creation.models import UserSession
from creation.web import request_sizes
from tests.conftest import wait_for
from tests.evidence.test_uploads_live import Sender
from tests.support import evidence_files, upload_requests
from tests.support.server_process import ROOT
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_data_dir")]
MIB = 2**20
CHUNK = b"x" * 65536
WRITE_BUFFER = 65536  # bytes that have not reached the file yet, at most


@contextmanager
def serving(**changed: Any) -> Iterator[int]:
    """Run our web server in a thread, on the tests' database."""
    server = serve.create_server(serve.application(), host="127.0.0.1", port=0, threads=4, **changed)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    usual, tempfile.tempdir = tempfile.tempdir, str(django_settings.INCOMING_ROOT)  # as ``serve.main`` does
    try:
        yield server.port
    finally:
        tempfile.tempdir = usual
        server.close()
        thread.join(5)


@pytest.fixture
def port(settings: LazySettings) -> Iterator[int]:
    settings.BUFFER_TOTAL, settings.BUFFER_BY_ADDRESS = 12 * MIB, 8 * MIB
    with serving() as port:
        yield port


class Line:
    """A connection that sends what a test wants it to send."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def head(self, method: str, path: str, length: int | str, **headers: str) -> "Line":
        size = f"Content-Length: {length}" if isinstance(length, int) else length
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", size]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        return self

    def send(self, size: int) -> int:
        """Send this many bytes, or fewer if the server stops reading for two seconds. Return how many were taken."""
        self.socket.settimeout(2)
        taken = 0
        try:
            while taken < size:
                taken += self.socket.send(CHUNK[: size - taken])
        except OSError:
            pass
        self.socket.settimeout(20)
        return taken

    def answer(self) -> str:
        """Return all that the server says until it closes."""
        found = b""
        while part := self.socket.recv(65536):
            found += part
        return found.decode()

    def is_closed(self) -> bool:
        self.socket.settimeout(0.05)
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


def deleted_bytes(folder: Path) -> int:
    """Return the bytes of this process's files without a name in the folder: what waitress has buffered there."""
    total = 0
    for handle in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(handle)
            if target.startswith(str(folder)) and target.endswith("(deleted)"):
                total += os.stat(handle).st_size
        except OSError:
            pass
    return total


def cookies(world: World, who: str = "liaison") -> dict[str, str]:
    client = world.client(who)
    client.get(reverse("todo"))  # the login's row
    found = Sender(0, client).headers
    return {"Cookie": found["Cookie"], "X_CSRFToken": found["X-CSRFToken"]}


def upload_url(world: World, size: int) -> str:
    answer = upload_requests.begin(world.client("liaison"), world.task("lead"), "录像.mp4", size)
    return f"{answer.json()['url']}?offset=0"


@pytest.mark.parametrize("path", ["/login/", "/", "/uploads/00000000-0000-4000-8000-000000000000/", "/no/such/page"])
def test_a_stranger_fills_no_disk(port: int, settings: LazySettings, path: str) -> None:
    temporary = settings.INCOMING_ROOT
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(port)).head("POST", path, 4 * MIB) for _ in range(20)]
        for line in lines:
            line.send(MIB)
        assert deleted_bytes(temporary) == 0
        assert not list(temporary.iterdir())
        for line in lines:
            said = line.answer()
            assert said.startswith(("HTTP/1.1 401", "HTTP/1.1 413")), said[:60]
            assert "没有接收" in said


@pytest.mark.parametrize(
    ("headers", "kind", "part"),
    [
        ({"Accept": "application/json"}, "application/json", '{"error": "登录已过期'),
        ({"HX_Request": "true"}, "text/html", "data-refusal>登录已过期"),
        ({"Accept": "text/html,*/*"}, "text/html", '<h1 class="h4">没有接收</h1>'),
        ({}, "text/plain", "登录已过期"),
    ],
)
def test_the_answer_is_json_a_fragment_or_a_page(port: int, headers: dict[str, str], kind: str, part: str) -> None:
    with Line(port).head("POST", reverse("todo"), MIB, **headers) as line:
        said = line.answer()
    assert said.startswith("HTTP/1.1 401 ")
    assert f"Content-Type: {kind}" in said
    assert part in said
    assert "X-Content-Type-Options: nosniff" in said


def test_a_browser_that_asks_first_hears_no_before_it_sends(port: int) -> None:
    with Line(port).head("PUT", "/uploads/x/", 5 * MIB, Expect="100-continue") as line:
        assert line.answer().startswith("HTTP/1.1 413")


@pytest.mark.parametrize(
    "first", ["", "1\r\nx\r\n", "5\r\na=b&c\r\n0\r\n\r\n", "GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
)
@pytest.mark.parametrize("who", ["", "liaison"])
def test_a_body_without_a_length_is_refused_unread(world: World, port: int, who: str, first: str) -> None:
    sent = {"Accept": "text/html", **(cookies(world, who) if who else {})}
    with Line(port) as line:
        encoding = "Transfer-Encoding: chunked"
        head = [
            "POST /login/ HTTP/1.1",
            "Host: 127.0.0.1",
            encoding,
            *(f"{key}: {value}" for key, value in sent.items()),
        ]
        line.socket.sendall("\r\n".join([*head, "", first]).encode())
        said = line.answer()
    assert said.startswith("HTTP/1.1 411 ")
    assert "请求没有写明长度" in said
    assert said.count("HTTP/1.1") == 1, "what follows is no request"


def test_a_form_that_dribbles_is_closed_sooner_than_an_upload(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_channel, "FORM_GRACE_SECONDS", 2)
    with Line(port) as line:
        began = time.monotonic()
        line.socket.sendall(b"POST /login/ HTTP/1.1\r\nContent-Length: 9000\r\n\r\nabc")
        while not line.is_closed():
            assert time.monotonic() - began < 15
            try:
                line.socket.sendall(b"x")
            except OSError:
                break
            time.sleep(0.2)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("todo", 5 * MIB, "413"), ("uploads", 2 * 2**30 + 80 * MIB, "413")],
)
def test_a_person_sends_as_much_as_the_address_takes(
    world: World, port: int, path: str, size: int, status: str
) -> None:
    url = reverse("todo") if path == "todo" else upload_url(world, 100)
    with Line(port).head("PUT", url, size, **cookies(world)) as line:
        said = line.answer()
    assert said.startswith(f"HTTP/1.1 {status} ")
    assert "请压缩或分成几次后再提交" in said


def test_an_ended_login_sends_nothing_more(world: World, port: int) -> None:
    url, sent = upload_url(world, 3 * MIB), cookies(world)
    UserSession.objects.update(ended_at="2026-01-01T00:00Z")
    with Line(port).head("PUT", url, 3 * MIB, **sent) as line:
        assert line.answer().startswith("HTTP/1.1 401 ")


def test_a_large_upload_still_arrives_and_frees_its_room(world: World, port: int) -> None:
    body = evidence_files.mp4() + evidence_files.box(b"free", bytes(5 * MIB))
    client = world.client("liaison")
    client.get(reverse("todo"))
    for _ in range(3):  # together more than the buffer holds at once
        url = upload_url(world, len(body))
        status, _, said = Sender(port, client).ask("PUT", url, body)
        assert status in {201, 422}, said
        assert status == 201 or "duplicate" in json.loads(said)


def test_one_address_has_its_share_and_the_others_theirs(world: World, port: int, settings: LazySettings) -> None:
    sent = cookies(world)
    with ExitStack() as stack:

        def begin(source: str) -> Line:
            return stack.enter_context(Line(port, source)).head("PUT", upload_url(world, 5 * MIB), 5 * MIB, **sent)

        first = begin("127.0.0.1")
        assert first.send(4 * MIB) == 4 * MIB
        wait_for(lambda: 4 * MIB - WRITE_BUFFER <= deleted_bytes(settings.INCOMING_ROOT) <= 4 * MIB)
        said = begin("127.0.0.1").answer()
        assert said.startswith("HTTP/1.1 503 ")
        assert "Retry-After: 15" in said
        assert "您的网络地址" in said
        assert begin("127.0.0.2").send(4 * MIB) == 4 * MIB
        said = begin("127.0.0.3").answer()
        assert said.startswith("HTTP/1.1 503 ")
        assert "正在上传的人太多" in said
        assert deleted_bytes(settings.INCOMING_ROOT) <= settings.BUFFER_TOTAL
        first.socket.close()
        time.sleep(0.5)
        assert begin("127.0.0.3").send(4 * MIB) == 4 * MIB


def test_behind_the_proxy_the_share_is_the_browsers(world: World, settings: LazySettings) -> None:
    settings.BUFFER_BY_ADDRESS, settings.TRUSTED_PROXY = 8 * MIB, "127.0.0.1"
    sent = cookies(world)
    with serving() as port, ExitStack() as stack:

        def begin(browser: str, source: str = "127.0.0.1") -> Line:
            line = stack.enter_context(Line(port, source))
            return line.head("PUT", upload_url(world, 5 * MIB), 5 * MIB, X_Forwarded_For=browser, **sent)

        assert begin("10.0.0.1").send(4 * MIB) == 4 * MIB
        assert begin("10.0.0.2").send(4 * MIB) == 4 * MIB
        assert begin("10.0.0.9, 10.0.0.1").answer().startswith("HTTP/1.1 503 "), "the last one is the proxy's word"
        assert begin("10.0.0.1", "127.0.0.5").send(4 * MIB) == 4 * MIB, "nobody else may name an address"


def test_the_reserve_of_the_disk_is_kept_and_small_forms_still_pass(
    world: World, port: int, settings: LazySettings
) -> None:
    url = upload_url(world, 3 * MIB)
    settings.RESERVED_DISK = 2**60
    with serving() as full, Line(full).head("PUT", url, 3 * MIB, Accept="application/json", **cookies(world)) as line:
        said = line.answer()
        assert said.startswith("HTTP/1.1 507 ")
        assert "磁盘空间不足" in json.loads(said.partition("\r\n\r\n")[2])["error"]
        with Line(full).head("POST", "/login/", 5) as form:
            form.socket.sendall(b"a=b&c")
            form.socket.shutdown(socket.SHUT_WR)
            assert form.answer().startswith("HTTP/1.1 403 ")  # read, and refused for want of a token


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[int]:
    for name in ("HEAD_SECONDS", "KEEP_ALIVE_SECONDS", "FORM_SECONDS", "FORM_GRACE_SECONDS"):
        monkeypatch.setattr(web_channel, name, 2)
    settings.CONNECTIONS_BY_ADDRESS = 30
    with serving(connection_limit=50) as port:
        yield port


@pytest.mark.parametrize("sent", ["", "GET / HT", "POST /login/ HTTP/1.1\r\nContent-Length: 9000\r\n\r\nabc"])
def test_a_connection_that_says_nothing_more_is_closed(hasty: int, sent: str) -> None:
    with Line(hasty) as line:
        line.socket.sendall(sent.encode())
        assert not line.is_closed()
        wait_for(line.is_closed, 8)


def test_a_head_that_dribbles_is_closed(hasty: int) -> None:
    with Line(hasty) as line:
        began = time.monotonic()
        line.socket.sendall(b"GET / HTTP/1.1\r\n")
        while not line.is_closed():
            assert time.monotonic() - began < 8
            try:
                line.socket.sendall(b"X: y\r\n")
            except OSError:
                break
            time.sleep(0.1)


def asks(port: int, source: str = "127.0.0.1") -> bool:
    with Line(port, source).head("GET", "/login/", "Connection: close") as line:
        return line.answer().startswith("HTTP/1.1 200")


def test_one_address_holds_a_number_of_connections_and_still_gets_pages(hasty: int) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(hasty, "127.0.0.7")) for _ in range(40)]
        assert asks(hasty)
        assert asks(hasty, "127.0.0.7")
        wait_for(lambda: sum(line.is_closed() for line in lines) >= 10, 5)
        others = [stack.enter_context(Line(hasty, f"127.0.1.{number}")) for number in range(60)]
        assert asks(hasty), "many addresses together hold no more than there is room for"
        wait_for(lambda: sum(line.is_closed() for line in [*lines, *others]) >= 50, 5)


@pytest.mark.parametrize(
    "begun", ["", "GET / HT", "POST /login/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"]
)
def test_a_person_gets_a_page_behind_a_crowd_of_strangers(port: int, begun: str) -> None:
    with ExitStack() as stack:
        for number in range(300):
            stack.enter_context(Line(port, f"127.0.{2 + number % 5}.{number % 250 + 1}")).socket.sendall(begun.encode())
        assert asks(port)


def test_a_crowd_is_accepted_many_at_a_turn() -> None:
    server = serve.create_server(serve.application(), host="127.0.0.1", port=0, threads=1)
    listener, turns = next(each for each in server.map.values() if isinstance(each, LimitedServer)), 0
    with ExitStack() as stack:
        for number in range(300):
            stack.enter_context(Line(server.port, f"127.0.{2 + number % 5}.{number % 250 + 1}"))
        while len(listener.active_channels) < 300:
            listener.handle_accept()
            turns += 1
        assert turns < 100
        server.close()


def test_each_view_that_reads_files_says_how_much() -> None:
    """Find views in the source that read files, and the view of raw bytes."""
    reading = set()
    for path in [*ROOT.glob("creation/*/views/*.py"), *ROOT.glob("reports/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and {"FILES", "read"} & attributes_of_request(node):
                reading.add(node.name)
    views = {callback.__name__: callback for callback in callbacks(get_resolver().url_patterns)}
    assert len(reading) > 6
    assert {name for name in reading if not hasattr(views[name], "max_file_bytes")} == set()


def attributes_of_request(node: ast.AST) -> set[str]:
    return {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "request"
    }


def callbacks(patterns: Any) -> Iterator[Any]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from callbacks(pattern.url_patterns)
        else:
            yield pattern.callback


def test_limits_by_path() -> None:
    assert request_sizes.max_body("/login/") == request_sizes.MAX_FORM_BODY
    assert request_sizes.max_body("/no/such/page") == request_sizes.MAX_STRANGERS_BODY
    assert request_sizes.max_body("/uploads/00000000-0000-4000-8000-000000000000/") > 2**31
    assert body_buffer.too_large(65536).sentence.startswith("提交的内容超过此处的上限 64 KB")
