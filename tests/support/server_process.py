"""Run the application for tests: `bin/run` on a data folder of its own, and access to its processes."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.local_servers import free_port, listens, wait_for

ROOT = Path(__file__).resolve().parents[2]
PROCESS_MARKS = {
    "web": "config.serve",
    "worker": "config worker --queues celery",
    "jobs": "config worker --queues exports",
    "beat": "config beat",
    "broker": "valkey-server",
}
CLEARED_SETTINGS = (
    "ALLOWED_HOSTS", "AUDIT_KEY", "DATABASE_URL", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE", "HOST", "HTTPS", "LEAST_FREE_MB",
    "PASSWORD_PROFILE", "PORT", "REDIS_URL", "SECRET_KEY", "SITE_URL", "TRUSTED_PROXY",
)  # fmt: skip


def environment(data: Path, **given: str) -> dict[str, str]:
    """Return the environment of this process, without variables of the tests or the operator."""
    return (
        os.environ
        | dict.fromkeys(CLEARED_SETTINGS, "")
        | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"}
        | given
    )


def bin_run(data: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run `bin/run` when it is expected to refuse."""
    command = [sys.executable, "bin/run", "--port", str(free_port()), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(data, **given), capture_output=True, text=True, timeout=120
    )


class RunningServer:
    """A running `bin/run`; it is stopped at the end of the `with` block."""

    def __init__(self, data: Path, *arguments: str, **given: str) -> None:
        self.data, self.port, self.lines = data, free_port(), list[str]()
        self.process = subprocess.Popen(
            [sys.executable, "bin/run", "--port", str(self.port), *arguments],
            cwd=ROOT, env=environment(data, **given), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self) -> "RunningServer":
        wait_for(lambda: self.is_open() or self.process.poll() is not None, 300)
        if self.process.poll() is not None:
            self.end()
            raise AssertionError(self.output())
        self.everything = {self.process.pid, *descendants(self.process.pid)}
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            self.lines.extend(iter(lines.readline, ""))

    def output(self) -> str:
        return "".join(self.lines)

    def is_open(self) -> bool:
        return any("平台已启动" in line for line in self.lines)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Stop it; return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(90)
        self.reader.join(60)  # until the last line of the last process
        return code

    def pid(self, name: str) -> int | None:
        """Return the process ID of the supervised process of this name, once it runs its program."""
        found = [pid for pid in descendants(self.process.pid) if PROCESS_MARKS[name] in words(pid)]
        return min(found, default=None)

    def get(self, path: str = "/") -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, dict(answer.headers)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, dict(answer.headers)


@contextmanager
def web_server(data: Path, *before: str, **given: str) -> Iterator[int]:
    """Run the web server alone on a folder that is already prepared; yield its port. ``before`` names a module that runs it."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", *before, "config.serve"],
        cwd=ROOT,
        env=environment(data, PORT=str(port), **given),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: listens(port), 60)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def descendants(pid: int) -> set[int]:
    children = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and parent(entry) == pid}
    return children | {each for child in children for each in descendants(child)}


def parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Return whether the process runs, and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
