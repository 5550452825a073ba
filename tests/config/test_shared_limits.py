"""The limits of bodies hold for all web processes together."""

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config.body_buffer import MANY_FROM_HERE, MANY_IN_ALL, BodyBuffer
from tests.conftest import wait_for
from tests.support.browser import DESCRIPTION_FILE, filled_folder
from tests.support.server_process import web_server
from tests.support.slow_uploads import Visitor, dribbling, is_waiting

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one process elsewhere")
MIB = 2**20


def in_another_process(act: Any) -> int:
    """Run the function in a forked process that then waits to be killed; return its process ID."""
    ready, told = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            act()
            os.write(told, b".")
            signal.pause()
        finally:
            os._exit(1)  # nothing may go on with the tests here
    os.read(ready, 1)
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_what_another_process_promised_counts_until_it_ends(tmp_path: Path) -> None:
    buffer = BodyBuffer(tmp_path, total=12 * MIB, by_address=8 * MIB, reserve=0)
    assert buffer.promise("10.0.0.1", MIB) is None
    others = [in_another_process(lambda: buffer.promise("10.0.0.1", 5 * MIB))]
    others += [in_another_process(lambda: buffer.promise("10.0.0.2", 5 * MIB))]
    try:
        assert buffer.promise("10.0.0.1", 5 * MIB) == MANY_FROM_HERE
        assert buffer.promise("10.0.0.3", 5 * MIB) == MANY_IN_ALL
        buffer.release("10.0.0.1", MIB)
        assert buffer.promise("10.0.0.3", 2 * MIB) is None
    finally:
        for pid in others:
            kill(pid)
    buffer.forget(others[0])
    assert buffer.promise("10.0.0.1", 5 * MIB) is None
    assert buffer.promise("10.0.0.4", 5 * MIB) == MANY_IN_ALL
    buffer.forget(others[1])
    assert buffer.promise("10.0.0.4", 5 * MIB) is None


def test_many_processes_at_once_promise_no_more_than_there_is(tmp_path: Path) -> None:
    buffer = BodyBuffer(tmp_path, total=1000, by_address=1000, reserve=0)
    reading, writing = os.pipe()

    def promise_many() -> None:
        with ThreadPoolExecutor(4) as pool:
            got = sum(pool.map(lambda number: buffer.promise(f"10.0.0.{number % 7}", 1) is None, range(1000)))
        os.write(writing, f"{got}\n".encode())

    others = [in_another_process(promise_many) for _ in range(4)]
    for pid in others:
        kill(pid)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert sum(map(int, told)) == 1000


def test_an_address_has_its_share_once_and_not_once_a_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = filled_folder(tmp_path_factory)
    acting = json.loads((data / DESCRIPTION_FILE).read_text())["acting"]
    given = {"WEB_PROCESSES": "2", "BUFFER_BY_ADDRESS_MB": "8", "BUFFER_TOTAL_MB": "100", "RESERVED_DISK_MB": "1"}
    with web_server(data, **given) as port:
        visitor = Visitor(port, *acting["people"]["rival"])
        with dribbling(visitor, acting["urls"]["other"], 12) as lines:
            wait_for(lambda: sum(map(is_waiting, lines)) == 1, 20)
        wait_for(lambda: asks_again(visitor, acting["urls"]["other"]), 20)


def asks_again(visitor: Visitor, task: str) -> bool:
    """Return whether there is room again after the connections were closed."""
    with dribbling(visitor, task, 1) as (line,):
        time.sleep(0.5)
        return is_waiting(line)
