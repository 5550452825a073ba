"""Connections that end: to allowed addresses only, each step within ten seconds, the whole in a limit though the other side dribbles."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings

STEP = 10.0  # seconds for connecting, and for each read
WHOLE = 30.0  # seconds for one letter


class LineRefused(OSError):
    """We do not connect there; carries the sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


def is_allowed_by_operator(host: str, port: int) -> bool:
    return not {host, f"{host}:{port}"}.isdisjoint(settings.CHANNEL_HOSTS)


def connect(host: str, port: int) -> socket.socket:
    """Names are resolved once: the address that was looked at is the one connected to. Raises OSError."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(host, port) and not all(ipaddress.ip_address(each).is_global for each in found):
        raise LineRefused(f"{host} 是内部网络地址，未被允许：请运维人员将其加入 CHANNEL_HOSTS 后再试。")
    return socket.create_connection((found[0], port), timeout=STEP)


class Hold:
    """The socket in use, so that another thread can hang up."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None

    def secure(self, bare: socket.socket, host: str) -> ssl.SSLSocket:
        """The handshake too can be hung up."""
        wrapped = ssl.create_default_context().wrap_socket(bare, server_hostname=host, do_handshake_on_connect=False)
        self.socket = wrapped
        wrapped.do_handshake()
        return wrapped

    def hang_up(self) -> None:
        if self.socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


@contextmanager
def within(seconds: float, hang_up: Callable[[], Any]) -> Iterator[None]:
    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
