"""Uploads and downloads through real sockets: complete, interrupted, and resumed."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config import serve
from creation.lib import storage
from creation.models import Citation, EvidenceVersion, Upload
from tests.conftest import wait_for
from tests.support import evidence_files, upload_requests
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_data_dir")]


@pytest.fixture
def port() -> Iterator[int]:
    """Our web server in a thread, on the tests' database."""
    server = serve.create_server(serve.application(), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.port
    server.close()
    thread.join(5)


class Sender:
    """Sends raw HTTP with the cookies of a logged-in browser."""

    def __init__(self, port: int, client: Client) -> None:
        self.port = port
        cookies = {name: cookie.value for name, cookie in client.cookies.items()}
        cookies["csrftoken"] = "c" * 32
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": "c" * 32,
            "Host": f"127.0.0.1:{port}",
        }

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, url, body or None, self.headers | headers)
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def break_off(self, url: str, announced: int, body: bytes) -> None:
        """Announce more than is sent, then close the connection."""
        lines = [f"PUT {url} HTTP/1.1", f"Content-Length: {announced}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def begun(world: World, client: Client, name: str, size: int) -> str:
    url: str = upload_requests.begin(client, world.task("lead"), name, size).json()["url"]
    return url


def test_a_raw_body_arrives_whole_and_is_downloaded_in_ranges(world: World, port: int) -> None:
    client = world.client("liaison")
    body = evidence_files.mp4() + evidence_files.box(b"free", bytes(range(256)) * 40_000)
    sender, url = Sender(port, client), begun(world, client, "录像.mp4", len(body))
    middle = 3_000_000
    assert sender.ask("PUT", f"{url}?offset=0", body[:middle])[0] == 200
    assert sender.ask("PUT", f"{url}?offset={middle}", body[middle:])[0] == 201
    file = reverse("evidence_file", args=[EvidenceVersion.objects.get().evidence_id, 1])
    status, headers, content = sender.ask("GET", file)
    assert (status, headers["content-length"], content) == (200, str(len(body)), body)
    status, headers, content = sender.ask("GET", file, Range=f"bytes={middle}-{middle + 2_000_000}")
    assert (status, content) == (206, body[middle : middle + 2_000_001])
    assert headers["content-range"] == f"bytes {middle}-{middle + 2_000_000}/{len(body)}"
    status, headers, content = sender.ask("HEAD", file)
    assert (status, headers["content-length"], content) == (200, str(len(body)), b"")


@pytest.mark.parametrize("server", ["port", "live_server"])
def test_after_a_broken_connection_the_upload_continues_from_the_servers_offset(
    world: World, server: str, request: pytest.FixtureRequest
) -> None:
    """Our server acknowledges whole pieces; one that passes bytes on as they arrive keeps every byte."""
    found: Any = request.getfixturevalue(server)
    client, body = world.client("liaison"), evidence_files.jpg() + bytes(400_000)
    sender = Sender(found if server == "port" else found.thread.port, client)
    url = begun(world, client, "现场.jpg", len(body))
    assert sender.ask("PUT", f"{url}?offset=0", body[:1000])[0] == 200
    sender.break_off(f"{url}?offset=1000", len(body) - 1000, body[1000:300_000])
    token = Upload.objects.get().token
    there = 1000 if server == "port" else 300_000
    wait_for(lambda: storage.part_size(token) == there)
    assert int(sender.ask("HEAD", url)[1]["upload-offset"]) == there
    assert sender.ask("PUT", f"{url}?offset={there}", body[there:])[0] == 201
    version = EvidenceVersion.objects.get()
    assert storage.blob_path(version.blob).read_bytes() == body


def test_two_windows_that_send_the_same_piece_make_one_file(world: World, port: int) -> None:
    client, body = world.client("liaison"), evidence_files.jpg() + bytes(2_000_000)
    sender, url, codes = Sender(port, client), begun(world, client, "现场.jpg", len(body)), []
    threads = [
        threading.Thread(target=lambda: codes.append(sender.ask("PUT", f"{url}?offset=0", body)[0])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 201 in codes
    assert set(codes) <= {201, 409}
    version = EvidenceVersion.objects.get()
    assert storage.blob_path(version.blob).read_bytes() == body
    assert not list(storage.part_path(Upload.objects.get().token).parent.glob("*.part"))


def test_a_second_window_gets_the_citation_of_the_first(world: World, port: int) -> None:
    """The second request does not see the first one's lock and begins a part of its own; both wait for the database."""
    client, body = world.client("liaison"), evidence_files.jpg() + bytes(1000)
    sender, url, answers = Sender(port, client), begun(world, client, "现场.jpg", len(body)), []
    send = lambda: answers.append(sender.ask("PUT", f"{url}?offset=0", body))  # noqa: E731
    windows = [threading.Thread(target=send) for _ in range(2)]
    with transaction.atomic():  # one writer at a time, so no upload can finish meanwhile
        for count, window in enumerate(windows, 1):
            window.start()
            wait_for(lambda count=count: sum(len(keys) for keys in storage.old_blobs(9e9)) == count)
            storage.delete_part(Upload.objects.get().token)
    for window in windows:
        window.join(60)
    assert [status for status, _, _ in answers] == [201, 201]
    assert {json.loads(text)["citation"] for _, _, text in answers} == {Citation.objects.get().pk}
    assert [EvidenceVersion.objects.get().blob] == [key for keys in storage.old_blobs(9e9) for key in keys]
    assert not list(storage.part_path(Upload.objects.get().token).parent.glob("*.part"))


def test_four_who_send_the_same_bytes_at_once_make_one_piece(world: World, port: int) -> None:
    client, body = world.client("liaison"), evidence_files.jpg() + bytes(1000)
    sender, codes = Sender(port, client), []
    urls = [begun(world, client, f"现场{number}.jpg", len(body)) for number in range(4)]
    threads = [
        threading.Thread(target=lambda url=url: codes.append(sender.ask("PUT", f"{url}?offset=0", body)[0]))
        for url in urls
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == [201, 422, 422, 422]
    assert EvidenceVersion.objects.count() == 1
    assert sum(len(keys) for keys in storage.old_blobs(9e9)) == 1
