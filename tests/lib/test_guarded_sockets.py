"""A time limit ends any wait on a connection."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from creation.lib import guarded_sockets

RECORD = b"\x16\x03\x03\x40\x00"  # the head of a TLS handshake record of 16 KB


@pytest.fixture
def dribbling() -> Iterator[int]:
    """The port of a server that begins a TLS handshake and sends a byte every tenth of a second."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connected, _ = listener.accept()
            with connected:
                connected.sendall(RECORD)
                while not over.wait(0.1):
                    connected.sendall(b"\x02")

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listener.getsockname()[1])
    over.set()
    listener.close()
    thread.join()


def rest_of(connected: socket.socket) -> bytes:
    """Return what a connection still delivers. One that is aborted ends, or is reset if the peer goes on sending into it."""
    received = b""
    with suppress(ConnectionResetError):
        while data := connected.recv(100):
            received += data
    return received


def test_a_slow_handshake_is_aborted(dribbling: int) -> None:
    began = time.monotonic()
    with guarded_sockets.time_limit(0.5) as limit, socket.create_connection(("127.0.0.1", dribbling), 5) as connected:
        with pytest.raises(OSError):  # noqa: PT011 - which one is OpenSSL's choice
            guarded_sockets.secure(limit.hold(connected), "127.0.0.1")
        assert limit.is_aborted
    assert time.monotonic() - began < 4


def test_a_connection_made_after_the_limit_is_aborted_at_once(dribbling: int) -> None:
    with guarded_sockets.time_limit(0) as limit:
        while not limit.is_aborted:
            time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", dribbling), 5) as connected:
            received = rest_of(limit.hold(connected))
    assert RECORD.startswith(received)


def test_a_connection_within_the_limit_is_not_aborted(dribbling: int) -> None:
    with guarded_sockets.time_limit(60) as limit, socket.create_connection(("127.0.0.1", dribbling), 5) as connected:
        assert limit.hold(connected).recv(5) == RECORD
    assert not limit.is_aborted
