"""The embedded broker: a Redis-compatible server on a socket that only its owner can open."""

import hashlib
import os
import tempfile
from pathlib import Path

LONGEST_SOCKET_PATH = 100  # bytes; operating systems allow 104 to 108


def socket_path(root: Path) -> Path:
    """Return a path in the broker's folder or, if that is too long for a socket, in a folder of our own below /tmp."""
    path = root / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"creation-{os.getuid()}-{digest}" / "broker.sock"


def url(root: Path) -> str:
    return f"redis+socket://{socket_path(root)}"
