"""Folders that take long to fill are filled by one process of a run; the others wait for it and take a copy."""

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
    """A copy of one's own of the folder ``name``, which ``fill`` fills when nobody has yet."""
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


def prepare(folder: Path) -> None:
    """What a first start does before it opens."""
    command = [sys.executable, "-m", "config.prepare"]
    subprocess.run(command, cwd=ROOT, env=environment(folder), check=True, capture_output=True)


@pytest.fixture
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first start leaves it: for those whose subject is not the first start."""
    return shared_copy(tmp_path_factory, "prepared", prepare)
