"""Several web processes behind one address: each is replaced when it ends or grows, and no request is lost by that."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.local_servers import free_port, listens, wait_for
from tests.support.server_process import ROOT, descendants, environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one process elsewhere")
# The server that looks every 0.2 seconds at processes that have served for two.
PROGRAM = """
from config import serve, web_processes
web_processes.CHECK_SECONDS, web_processes.LEAST_SECONDS = 0.2, 2
serve.main()
"""


class Served:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    @property
    def processes(self) -> set[int]:
        return descendants(self.process.pid)

    def asks(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/login/", timeout=20) as answer:
            return int(answer.status)


@contextmanager
def serving(data: Path, **given: str) -> Iterator[Served]:
    port = free_port()
    around = environment(data, PORT=str(port), WEB_PROCESSES="2", **given)
    with (data / "web.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, env=around, stdout=log, stderr=log)
    try:
        wait_for(lambda: listens(port), 60)
        yield Served(process, port)
    finally:
        process.terminate()
        process.wait(30)


def test_two_processes_serve_and_one_that_ends_is_replaced(prepared: Path) -> None:
    with serving(prepared) as served:
        wait_for(lambda: len(served.processes) == 2, 30)
        first = served.processes
        assert served.asks() == 200
        os.kill(min(first), signal.SIGKILL)
        wait_for(lambda: len(served.processes) == 2 and min(first) not in served.processes, 30)
        assert max(first) in served.processes
        assert [served.asks() for _ in range(10)] == [200] * 10
        last = served.processes
        served.process.terminate()
        assert served.process.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in last)


def test_a_process_that_has_grown_is_replaced_and_no_request_is_lost(prepared: Path) -> None:
    with serving(prepared, WEB_MEMORY_MB="1") as served:
        wait_for(lambda: len(served.processes) >= 2, 30)
        first = served.processes
        answers = [served.asks()]
        while first & served.processes and len(answers) < 2000:
            answers.append(served.asks())
        assert set(answers) == {200}
        assert not first & served.processes
    assert "is replaced" in (prepared / "web.log").read_text()


def test_all_end_with_the_first_process(prepared: Path) -> None:
    with serving(prepared) as served:
        wait_for(lambda: len(served.processes) == 2, 30)
        last = served.processes
        served.process.kill()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in last), 30)
        assert not listens(served.port)
