"""Exports, previews and the clock stand behind people's clicks: a lower priority, and one core that they leave free."""

import configparser
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from creation.lib import sandbox
from tests.support.server_process import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="priorities and cores as on Linux")
CORES = os.sched_getaffinity(0) if sys.platform == "linux" else set()
SAY = "import os; print(os.nice(0), *sorted(os.sched_getaffinity(0)))"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SAY!r}])"


def said(*words: str, program: str = SAY) -> tuple[int, set[int]]:
    """Return the priority, against that of this process, and the cores of a program that is started with these words."""
    command = [sys.executable, "bin/exit_with_parent.py", *words, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    nice, *cores = map(int, done.stdout.split())
    return nice - os.nice(0), set(cores)


def test_a_program_is_started_as_it_is_without_a_word() -> None:
    assert said() == (0, CORES)


def test_a_program_that_stands_behind_leaves_a_core_free_and_its_children_too() -> None:
    expected = (min(10, 19 - os.nice(0)), CORES - {min(CORES)} or CORES)  # 19 is the lowest there is
    assert said("--nice", "10", "--leave-core") == expected
    assert said("--nice", "10", "--leave-core", program=CHILD) == expected


def test_a_program_that_reads_files_stands_behind_the_worker_that_starts_it(tmp_path: Path) -> None:
    program = tmp_path / "say.py"
    program.write_text(SAY)
    priorities = [
        int((sandbox.run(500, 5, 60, program, stands_behind=stands_behind) or b"").split()[0])
        for stands_behind in (False, True)
    ]
    assert priorities == [os.nice(0), min(os.nice(0) + 5, 19)]


def test_which_processes_stand_behind() -> None:
    supervisor = configparser.RawConfigParser()
    supervisor.read(ROOT / "config" / "supervisor.conf")

    def options(program: str) -> list[str]:
        words = shlex.split(supervisor[f"program:{program}"]["command"])
        return words[words.index("bin/exit_with_parent.py") + 1 : words.index("-m")]

    assert options("web") == options("broker") == []
    assert options("jobs") == ["--nice", "10", "--leave-core"]
    assert options("worker") == ["--nice", "5"]
