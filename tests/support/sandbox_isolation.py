"""Both ways to isolate a foreign program: bubblewrap, and a system call filter where bubblewrap does not work."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from creation.lib import sandbox
from creation.lib.sandbox import Isolation


@pytest.fixture
def no_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulate a kernel that forbids namespaces to bubblewrap."""
    refusing = tmp_path / "refusing" / "bwrap"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{refusing.parent}:{os.environ['PATH']}")
    sandbox.isolation.cache_clear()
    yield
    sandbox.isolation.cache_clear()


@pytest.fixture
def no_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a machine for whose kernel limited.py has no filter."""
    program = tmp_path / "limited.py"
    folder = str(sandbox.LIMITED.parent)
    lines = f"import sys; sys.path.insert(0, {folder!r})", "import limited", "limited.SOCKET_CALLS = {}"
    program.write_text("\n".join([*lines, "limited.main(*sys.argv[1:])"]))
    monkeypatch.setattr(sandbox, "LIMITED", program)


@pytest.fixture(params=[pytest.param(Isolation.BUBBLEWRAP, marks=pytest.mark.needs_bubblewrap), Isolation.FILTER])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    if request.param == Isolation.FILTER:
        request.getfixturevalue("no_bubblewrap")
    assert sandbox.isolation() == request.param
    found: Isolation = request.param
    return found


def works() -> bool:
    return shutil.which("bwrap") is not None and sandbox.isolation() == Isolation.BUBBLEWRAP
