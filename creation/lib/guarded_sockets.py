"""Connections to allowed addresses only, with a limit for each step and one for the whole exchange."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from creation.lib import addresses

STEP_SECONDS = 10.0  # seconds for connecting, and for each read
TOTAL_SECONDS = 30.0  # seconds for one message or request


class AddressRefused(OSError):
    """The address is inside the network and the operator did not allow it. Carries the sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class UntrustedPeer(OSError):
    """The server has no valid certificate for its name, or no TLS at all. Carries what is wrong, and the host."""

    def __str__(self) -> str:
        wrong, host = self.args
        return f"{host} {wrong}。"


INTERNAL_CERTIFICATE_HINT = "，请改用正规证书，或请运维人员用 CHANNEL_CA_FILE 指定内部网络的根证书"
CERTIFICATE_FAULTS = {  # by OpenSSL's number
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
    """A sentence about a connection that failed; the error's own words where none is known."""
    known = (words for kind, words in CONNECTION_ERRORS if isinstance(error, kind))
    return next(known, "") or str(error) or type(error).__name__


def is_allowed_by_operator(host: str, port: int) -> bool:
    return not {host, f"{host}:{port}"}.isdisjoint(settings.CHANNEL_HOSTS)


def resolve(host: str, port: int) -> str:
    """The address of this name. Raises AddressRefused for one inside the network that the operator did not allow, or OSError."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(host, port) and not all(map(addresses.is_public, found)):
        raise AddressRefused(f"{host} 是内部网络地址，未被允许：请运维人员将其加入 CHANNEL_HOSTS 后再试。")
    return found[0]


def connect(host: str, port: int) -> socket.socket:
    """Names are resolved once: the address that was checked is the one connected to. Raises OSError."""
    return socket.create_connection((resolve(host, port), port), timeout=STEP_SECONDS)


def tls_context() -> ssl.SSLContext:
    """Trusts the system's authorities and those the operator names."""
    context = ssl.create_default_context()
    if settings.CHANNEL_CA_FILE:
        context.load_verify_locations(settings.CHANNEL_CA_FILE)
    return context


def secure(connected: socket.socket, host: str) -> ssl.SSLSocket:
    """The connection under TLS, its certificate verified. Raises UntrustedPeer, or another OSError."""
    try:
        return tls_context().wrap_socket(connected, server_hostname=host)
    except ssl.SSLError as error:
        raise untrusted(error, host) from error


def untrusted(error: ssl.SSLError, host: str) -> UntrustedPeer:
    """The same error with what the office can do about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return UntrustedPeer(
            CERTIFICATE_FAULTS.get(error.verify_code, f"的证书未通过验证（{error.verify_message}）"), host
        )
    return UntrustedPeer(f"没有建立加密连接（{error.reason}），请核对端口与加密方式", host)


class AbortableSocket:
    """A second handle on a connection, by which another thread can end it while the first one waits, even in a TLS handshake."""

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self.is_aborted = False

    def hold(self, connected: socket.socket) -> socket.socket:
        """Returns ``connected`` itself."""
        self.release()
        self._handle = socket.fromfd(connected.fileno(), connected.family, connected.type)
        if self.is_aborted:  # while it was connecting
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
    """What is held meanwhile is aborted after so many seconds, although the other side keeps sending a byte now and then."""
    limit = AbortableSocket()
    timer = threading.Timer(seconds, limit.abort)
    timer.daemon = True
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        limit.release()
