"""nginx with deploy/nginx.conf sends files with our headers and ranges, and only after the application has checked the rights."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse

from creation.models import EvidenceVersion, Membership, User
from tests.conftest import free_port, listens, nginx, wait_for
from tests.evidence.test_uploads_live import Sender, port  # noqa: F401 - fixtures
from tests.support import evidence_files, upload_requests
from tests.support.server_process import ROOT
from tests.support.world import World

pytestmark = [pytest.mark.needs_nginx, pytest.mark.django_db(transaction=True)]
BODY = evidence_files.mp4() + evidence_files.box(b"free", bytes(range(256)) * 4000)
KEPT = {
    "content-type": "video/mp4",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "private, no-cache",
    "referrer-policy": "same-origin",
    "accept-ranges": "bytes",
}


def as_shipped(server: int, listen: int, folder: Path, files: Path) -> str:
    """Write the configuration from deploy/ without TLS, with ports and folders of the test."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"    (listen|ssl_certificate|ssl_certificate_key|ssl_protocols) .*\n", "", text)
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{server}").replace("/srv/creation-data/files/", f"{files}/")
    text = text.replace("    server_name", f"    listen 127.0.0.1:{listen};\n    server_name", 1)
    text = text.replace("/var/log/nginx/", f"{folder}/")
    who = "user root;" if not os.getuid() else ""
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"{who} pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {places}\n{text}\n}}"


@pytest.fixture
def front(port: int, fresh_data_dir: Path, settings: LazySettings, tmp_path: Path) -> Iterator[int]:  # noqa: F811
    settings.ACCEL_REDIRECT = "/kept"
    listen, config = free_port(), tmp_path / "nginx.conf"
    config.write_text(as_shipped(port, listen, tmp_path, settings.FILES_ROOT))
    command = [str(nginx()), "-p", str(tmp_path), "-c", str(config), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        wait_for(lambda: listens(listen))
        yield listen
        server.terminate()


@pytest.fixture
def sent(world: World, front: int) -> tuple[Sender, str]:
    """Return a sender and the URL of a video uploaded through nginx."""
    client = world.client("liaison")
    sender = Sender(front, client)
    url = upload_requests.begin(client, world.task("lead"), "录像.mp4", len(BODY)).json()["url"]
    assert sender.ask("PUT", f"{url}?offset=0", BODY)[0] == 201
    version = EvidenceVersion.objects.get()
    return sender, reverse("evidence_file", args=[version.evidence_id, 1])


def test_files_go_out_through_nginx_with_our_headers_and_in_ranges(sent: tuple[Sender, str]) -> None:
    sender, url = sent
    status, headers, content = sender.ask("GET", url)
    assert (status, content) == (200, BODY)
    assert headers.items() >= KEPT.items()
    assert headers["content-disposition"].startswith("inline; filename*=utf-8''")
    assert not {name for name in headers if name.startswith("x-accel")}
    status, part_headers, content = sender.ask("GET", url, Range="bytes=1000-1999")
    assert (status, content) == (206, BODY[1000:2000])
    assert part_headers["content-range"] == f"bytes 1000-1999/{len(BODY)}"
    assert part_headers["content-security-policy"].startswith("sandbox")
    assert sender.ask("GET", url, Range="bytes=-7", **{"If-Range": headers["etag"]})[2] == BODY[-7:]
    assert sender.ask("GET", url, Range=f"bytes={len(BODY)}-")[0] == 416
    assert sender.ask("GET", url, **{"If-None-Match": headers["etag"]})[0] == 304
    status, headers, content = sender.ask("HEAD", url)
    assert (status, headers["content-length"], content) == (200, str(len(BODY)), b"")
    assert sender.ask("GET", f"{url}?download")[1]["content-disposition"].startswith("attachment")


def test_nobody_bypasses_the_application(sent: tuple[Sender, str], world: World, front: int) -> None:
    sender, url = sent
    key = EvidenceVersion.objects.get().blob
    assert sender.ask("GET", f"/kept/{key}")[0] == 404
    assert Sender(front, world.client("rival")).ask("GET", url)[0] == 404
    assert sender.ask("GET", url, Range="bytes=0-9")[0] == 206
    Membership.objects.filter(user=world.people["liaison"]).delete()
    assert sender.ask("GET", url, Range="bytes=10-19")[0] == 404, "an open link stops at once"
    User.objects.filter(pk=world.people["liaison"].pk).update(is_active=False)
    assert sender.ask("GET", url, Range="bytes=10-19")[0] in {302, 401}


def test_a_stranger_sends_little_through_nginx(front: int, fresh_data_dir: Path) -> None:
    """What nginx lets pass the application refuses before it is read."""
    for path, status in (("/login/", "413"), ("/c/1/announcements/new/", "401"), ("/uploads/", "401")):
        with socket.create_connection(("127.0.0.1", front), timeout=20) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n".encode())
            line.settimeout(20)
            assert line.recv(4096).startswith(f"HTTP/1.1 {status} ".encode()), path
    assert not list((fresh_data_dir / "incoming").iterdir())


def test_a_body_without_a_length_is_refused_through_nginx(front: int) -> None:
    with socket.create_connection(("127.0.0.1", front), timeout=20) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 411 ")


def test_the_shipped_configuration_has_limits_for_each_address() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for directive in (
        "limit_conn_zone $binary_remote_addr",
        "limit_conn creation_addresses",
        "client_header_timeout",
        "client_body_timeout",
        "send_timeout",
        "keepalive_timeout",
    ):
        assert re.search(rf"^ *{re.escape(directive)}", text, re.MULTILINE), directive
    assert min(int(size) for size in re.findall(r"client_max_body_size (\d+)k;", text)) <= 64


def test_a_file_that_is_gone_or_half_is_our_sentence_also_behind_nginx(sent: tuple[Sender, str], settings: Any) -> None:
    sender, url = sent
    path = settings.FILES_ROOT / EvidenceVersion.objects.get().blob
    path.write_bytes(BODY[:-1])
    status, _, content = sender.ask("GET", url)
    assert status == 404
    assert "与登记的大小不符" in content.decode()
    path.unlink()
    assert "找不到" in sender.ask("GET", url)[2].decode()


def test_addresses_that_open_by_themselves_are_masked_in_the_log(world: World, front: int, tmp_path: Path) -> None:
    sender = Sender(front, world.client("liaison"))
    token = "Tk0-secret_of_a_link"
    for address in (
        f"/link/{token}/",
        f"//link//{token}",
        f"/LINK/{token}/x?y={token}",
        f"/feed/{token}.ics",
        f"/%6Cink/{token}/",
    ):
        sender.ask("GET", address)
        sender.ask("GET", "/login/", Referer=f"http://127.0.0.1{address}" if "%" not in address else "")
    sender.ask("GET", "/login/?next=/c/1/")
    written = tmp_path / "creation.log"
    wait_for(lambda: "GET /login/?next=/c/1/ HTTP/1.1" in written.read_text())  # a line follows its answer
    log = written.read_text()
    assert token not in log
    assert "GET /link/*** HTTP/1.1" in log
    assert "GET /feed/*** HTTP/1.1" in log
