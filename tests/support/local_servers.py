"""Servers that tests and benchmarks start, and how to wait for them."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POSTGRES_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def postgres(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join([*map(str, POSTGRES_FOLDERS), os.environ["PATH"]]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(answer: Any, seconds: float = 20) -> None:
    """Repeat until it is true; fail after so many seconds."""
    until = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < until, f"still not so after {seconds} s"
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _takes_connections(port: int) -> bool:
    """Return whether PostgreSQL accepts connections, which it does a moment after it listens."""
    asked = [str(postgres("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(asked, check=False).returncode == 0


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the URL of a server in a temporary folder."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="creation-postgres-"))
    who = not_root(folder)
    initdb = [
        str(postgres("initdb")),
        "-D",
        str(folder / "db"),
        "-U",
        "tests",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, **who)
    command = [str(postgres("postgres")), "-D", str(folder / "db"), "-p", str(port), "-k", str(folder), "-F"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who) as server:
        wait_for(lambda: _takes_connections(port))
        try:
            yield f"postgres://tests@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
    shutil.rmtree(folder, ignore_errors=True)


def not_root(folder: Path) -> dict[str, Any]:
    """Return options to run as another user who owns the folder, because PostgreSQL refuses to run as root."""
    if os.getuid():
        return {}
    somebody = pwd.getpwnam("nobody")
    os.chown(folder, somebody.pw_uid, somebody.pw_gid)
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": [], "cwd": folder}
