"""A client of ClamAV's daemon: the INSTREAM command over its socket (clamd(8)). Does not use the database.

The two existing packages were last released in 2014 and 2018, and the protocol is short.
"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

CHUNK = 1 << 18
MAX_ANSWER = 4096


class ScannerUnavailable(Exception):
    """The daemon is down, too slow or cannot scan the file. The file's state is unknown."""


class FileTooLarge(ScannerUnavailable):
    """The file is larger than the daemon's StreamMaxLength."""


def scan(file: BinaryIO, address: str, seconds: float) -> str:
    """Return the name of the virus found, or "" for a clean file.

    ``address`` is a socket's path or host:port. Raises ScannerUnavailable.
    """
    until = time.monotonic() + seconds
    try:
        with _connected(address, until) as daemon:
            answer = _exchange(daemon, file, until)
    except OSError as error:
        raise ScannerUnavailable(str(error)) from error
    return _virus_name(answer)


@contextmanager
def _connected(address: str, until: float) -> Iterator[socket.socket]:
    host, _, port = address.rpartition(":")
    is_path = "/" in address or not port.isdigit()
    with socket.socket(socket.AF_UNIX) if is_path else socket.socket(_family(host)) as daemon:
        daemon.settimeout(_remaining(until))
        daemon.connect(address if is_path else (host.strip("[]"), int(port)))
        yield daemon


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _remaining(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the daemon takes too long")
    return left


def _exchange(daemon: socket.socket, file: BinaryIO, until: float) -> str:
    """Return the daemon's answer. The daemon may answer and close the connection while the file is still being sent; that answer counts."""
    try:
        daemon.sendall(b"zINSTREAM\0")
        for chunk in iter(partial(file.read, CHUNK), b""):
            daemon.settimeout(_remaining(until))
            daemon.sendall(struct.pack("!L", len(chunk)) + chunk)
        daemon.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass
    said = b""
    while b"\0" not in said and len(said) < MAX_ANSWER:
        daemon.settimeout(_remaining(until))
        piece = daemon.recv(MAX_ANSWER)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _virus_name(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise FileTooLarge(answer) if "size limit exceeded" in answer else ScannerUnavailable(answer or "no answer")
