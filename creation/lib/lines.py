"""Connections that end: to allowed addresses only, each step within ten seconds, the whole in a limit though the other side dribbles."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings

from creation.lib import addresses

STEP = 10.0  # seconds for connecting, and for each read
WHOLE = 30.0  # seconds for one letter


class LineRefused(OSError):
    """We do not connect there; carries the sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class Untrusted(OSError):
    """The other side is not, or cannot prove to be, who we wanted to speak to. Carries what is wrong, and the host."""

    def __str__(self) -> str:
        wrong, host = self.args
        return f"{host} {wrong}。"


INSIDE = "，请改用正规证书，或请运维人员用 CHANNEL_CA_FILE 指定内部网络的根证书"
DOUBTS = {  # by OpenSSL's number
    10: "的证书已过期，请联系对方更新证书",
    18: f"的证书是自签名的，不可信{INSIDE}",
    19: f"的证书由不受信任的机构签发{INSIDE}",
    20: f"的证书由不受信任的机构签发{INSIDE}",
    62: "的证书不是发给这个主机名的，请核对服务器地址",
    64: "的证书不是发给这个地址的，请核对服务器地址",
}


TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "对方长时间没有答复。"),
    (socket.gaierror, "找不到这个地址，请核对服务器地址，并确认本机能解析域名。"),
    (ConnectionRefusedError, "对方没有在这个端口接收连接，请核对地址和端口。"),
    (ConnectionError, "连接被对方中断。"),
)


def in_words(error: Exception) -> str:
    """What went wrong with a line; what has no sentence here says it in its own words."""
    known = (words for kind, words in TROUBLES if isinstance(error, kind))
    return next(known, "") or str(error) or type(error).__name__


def _trust() -> ssl.SSLContext:
    """The system's authorities, and those the operator names."""
    context = ssl.create_default_context()
    if settings.CHANNEL_CA_FILE:
        context.load_verify_locations(settings.CHANNEL_CA_FILE)
    return context


def is_allowed_by_operator(host: str, port: int) -> bool:
    return not {host, f"{host}:{port}"}.isdisjoint(settings.CHANNEL_HOSTS)


def resolve(host: str, port: int) -> str:
    """The address of this name. Raises LineRefused for one inside the network that the operator did not allow, or OSError."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(host, port) and not all(map(addresses.is_public, found)):
        raise LineRefused(f"{host} 是内部网络地址，未被允许：请运维人员将其加入 CHANNEL_HOSTS 后再试。")
    return found[0]


def connect(host: str, port: int) -> socket.socket:
    """Names are resolved once: the address that was looked at is the one connected to. Raises OSError."""
    return socket.create_connection((resolve(host, port), port), timeout=STEP)


class Reader:
    """Reads answers by the line, until a moment that comes even when the other side keeps dribbling. ``smtplib`` reads through it."""

    def __init__(self, line: socket.socket) -> None:
        self.line, self.rest = line, b""
        self.begin()

    def begin(self) -> None:
        self.until = time.monotonic() + WHOLE
        self.line.settimeout(STEP)

    def readline(self, longest: int) -> bytes:
        """ "" at the end. Raises OSError."""
        while b"\n" not in self.rest and len(self.rest) < longest:
            left = self.until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.line.settimeout(min(STEP, left))
            if not (more := self.line.recv(8192)):
                break
            self.rest += more
        found, newline, self.rest = self.rest.partition(b"\n")
        return found + newline

    def close(self) -> None:
        """The line is closed by whoever opened it."""


def _told(error: OSError, host: str) -> OSError:
    """What the office can do about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(DOUBTS.get(error.verify_code, f"的证书未通过验证（{error.verify_message}）"), host)
    if isinstance(error, ssl.SSLError):
        return Untrusted(f"没有建立加密连接（{error.reason}），请核对端口与加密方式", host)
    return error


class Hold:
    """The socket in use, so that another thread can hang up."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None

    def secure(self, bare: socket.socket, host: str) -> ssl.SSLSocket:
        """The handshake too can be hung up. Raises Untrusted, or another OSError."""
        wrapped = _trust().wrap_socket(bare, server_hostname=host, do_handshake_on_connect=False)
        self.socket = wrapped
        try:
            wrapped.do_handshake()
        except OSError as error:
            wrapped.close()
            raise _told(error, host) from error
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
