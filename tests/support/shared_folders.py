"""Folders that take long to fill: one process of a test run fills them, the others wait and copy them."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.server_process import ROOT, environment


def shared_copy(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], None]) -> Path:
    """Return a copy of the folder ``name``, which ``fill`` fills if no other process has."""
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            making = shared.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            fill(making)
            making.rename(shared)
    mine = factory.mktemp(name) / "data"
    shutil.copytree(shared, mine)
    return mine


def prepared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a data folder as after the first start, for tests that are not about it."""
    return shared_copy(factory, "prepared", prepare)


def prepare(folder: Path, *before: str) -> None:
    """Do what `bin/run` does before it starts the servers. ``before`` names a module that runs it."""
    command = [sys.executable, "-m", *before, "config.prepare"]
    subprocess.run(command, cwd=ROOT, env=environment(folder), check=True, capture_output=True)


@pytest.fixture
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_folder(tmp_path_factory)
