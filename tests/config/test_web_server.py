"""The web server: which proxies it trusts, what it refuses, and that slow uploads do not block other requests."""

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server_process import web_server
from tests.support.shared_folders import prepared_folder

NAME = "fzjs.example.gov.cn"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    data = prepared_folder(tmp_path_factory)
    with web_server(data, HTTPS="1", ALLOWED_HOSTS=NAME, TRUSTED_PROXY="127.0.0.1") as port:
        yield port


def get(port: int, host: str = NAME, source: str = "127.0.0.1", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", "/login/", headers={"Host": host, **named})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_without_tls_it_sends_the_browser_to_https(port: int) -> None:
    answer = get(port)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/login/")


def test_the_proxy_is_believed_when_it_says_that_the_browser_came_by_tls(port: int) -> None:
    answer = get(port, X_Forwarded_Proto="https")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Secure" in answer.headers["Set-Cookie"]


def test_headers_from_others_are_not_trusted(port: int) -> None:
    assert get(port, source="127.0.0.2", X_Forwarded_Proto="https").status == 301


def test_a_name_that_is_not_ours_is_refused(port: int) -> None:
    assert get(port, host="elsewhere.example", X_Forwarded_Proto="https").status == 400


def test_two_hundred_dribbling_uploads_do_not_stop_pages(port: int) -> None:
    head = f"PUT / HTTP/1.1\r\nHost: {NAME}\r\nX-Forwarded-Proto: https\r\nContent-Length: 60000\r\n\r\n"
    uploads = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for upload in uploads:
            upload.sendall(head.encode())
        for _ in range(5):
            for upload in uploads:
                upload.sendall(b"x" * 2000)
            assert get(port, X_Forwarded_Proto="https").status == 200  # a timeout means that the page hangs
    finally:
        for upload in uploads:
            upload.close()
    assert get(port, X_Forwarded_Proto="https").status == 200


def test_what_dribbled_leaves_nothing_in_the_folder_for_incoming_files(prepared: Path) -> None:
    with web_server(prepared) as port:
        with socket.create_connection(("127.0.0.1", port)) as upload:
            upload.sendall(b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 1_000_000)
            time.sleep(0.5)
            assert get(port, host="localhost").status == 200
        assert not list((prepared / "incoming").iterdir())
