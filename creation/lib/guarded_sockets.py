"""Connections to allowed addresses only, with a time limit for each step and for the whole exchange."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from creation.lib import addresses

STEP_SECONDS = 10.0  # for connecting, and for each read
TOTAL_SECONDS = 30.0  # for one message or request


class AddressRefused(OSError):
    """The address is internal and the operator did not allow it. The message is a sentence for the user."""

    def __str__(self) -> str:
        return str(self.args[0])


class UntrustedPeer(OSError):
    """The server has no valid certificate for its name, or no TLS. Carries the fault and the host."""

    def __str__(self) -> str:
        wrong, host = self.args
        return f"{host} {wrong}。"


INTERNAL_CERTIFICATE_HINT = "，请改用正规证书，或请运维人员用 CHANNEL_CA_FILE 指定内部网络的根证书"
CERTIFICATE_FAULTS = {  # keyed by OpenSSL's number
    10: "的证书已过期，请联系对方更新证书",
    18: f"的证书是自签名的，不可信{INTERNAL_CERTIFICATE_HINT}",
    19: f"的证书由不受信任的机构签发{INTERNAL_CERTIFICATE_HINT}",
    20: f"的证书由不受信任的机构签发{INTERNAL_CERTIFICATE_HINT}",
    62: "的证书不是发给这个主机名的，请核对服务器地址",
    64: "的证书不是发给这个地址的，请核对服务器地址",
}


CONNECTION_ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "对方长时间没有答复。"),
    (socket.gaierror, "找不到这个地址，请核对服务器地址，并确认本机能解析域名。"),
    (ConnectionRefusedError, "对方没有在这个端口接收连接，请核对地址和端口。"),
    (ConnectionError, "连接被对方中断。"),
)


def error_message(error: Exception) -> str:
    """Return a sentence about a failed connection; the error's own text for an unknown error."""
    known = (words for kind, words in CONNECTION_ERRORS if isinstance(error, kind))
    return next(known, "") or str(error) or type(error).__name__


def is_allowed_by_operator(host: str, port: int) -> bool:
    return not {host, f"{host}:{port}"}.isdisjoint(settings.CHANNEL_HOSTS)


def resolve(host: str, port: int) -> str:
    """Return the address of this name. Raises AddressRefused for an internal one that the operator did not allow, or OSError."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(host, port) and not all(map(addresses.is_public, found)):
        raise AddressRefused(f"{host} 是内部网络地址，未被允许：请运维人员将其加入 CHANNEL_HOSTS 后再试。")
    return found[0]


def connect(host: str, port: int) -> socket.socket:
    """Connect to the address that was checked; the name is resolved only once. Raises OSError."""
    return socket.create_connection((resolve(host, port), port), timeout=STEP_SECONDS)


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those configured by the operator."""
    context = ssl.create_default_context()
    if settings.CHANNEL_CA_FILE:
        context.load_verify_locations(settings.CHANNEL_CA_FILE)
    return context


def secure(connected: socket.socket, host: str) -> ssl.SSLSocket:
    """Return the connection under TLS with a verified certificate. Raises UntrustedPeer or another OSError."""
    try:
        return tls_context().wrap_socket(connected, server_hostname=host)
    except ssl.SSLError as error:
        raise untrusted(error, host) from error


def untrusted(error: ssl.SSLError, host: str) -> UntrustedPeer:
    """Return the error as an UntrustedPeer that says what the office can do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return UntrustedPeer(
            CERTIFICATE_FAULTS.get(error.verify_code, f"的证书未通过验证（{error.verify_message}）"), host
        )
    return UntrustedPeer(f"没有建立加密连接（{error.reason}），请核对端口与加密方式", host)


class AbortableSocket:
    """A second handle on a connection. Another thread can use it to end the connection while the first waits, even in a TLS handshake."""

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self.is_aborted = False

    def hold(self, connected: socket.socket) -> socket.socket:
        """Keep a handle on ``connected`` and return it."""
        self.release()
        self._handle = socket.fromfd(connected.fileno(), connected.family, connected.type)
        if self.is_aborted:  # aborted during the connection attempt
            self.abort()
        return connected

    def abort(self) -> None:
        self.is_aborted = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        if self._handle is not None:
            self._handle.close()
        self._handle = None


@contextmanager
def time_limit(seconds: float) -> Iterator[AbortableSocket]:
    """Abort the connections held in the block after so many seconds, even if the other side still sends a byte now and then."""
    limit = AbortableSocket()
    timer = threading.Timer(seconds, limit.abort)
    timer.daemon = True
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        limit.release()
