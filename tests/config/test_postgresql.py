"""Tests that depend on the database, run again on PostgreSQL.

``ALWAYS`` run each time; a third of ``IN_TURN``, another third each day (``tests/support/sampling.py``); with ``--long`` all, and ``LONG``.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sampling import Chosen

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = ["config/test_races.py", "audit/test_sealing.py", "web/test_refusals.py"]
IN_TURN = [
    "evidence/test_citing.py",
    "lib/test_fulltext.py",
    "web/test_reference.py",
    "supervision/test_fifty_seven.py",
    "audit/test_audit_failing.py",
    "audit/test_cut_trail.py",
    "operations/test_backup.py",
    "operations/test_health.py",
    "web/test_strange_requests.py::test_nul_characters_are_removed",
]
LONG = ["tasks/test_moves.py"]  # every role and every move; what depends on the database is in the tests of races


@pytest.mark.needs_postgres
def test_races_numbers_and_odd_requests_end_alike_on_postgresql(
    postgres_url: str, one_in: Callable[[int], Chosen], pytestconfig: pytest.Config
) -> None:
    today = [name for name in IN_TURN if one_in(3)("postgresql", name)]
    files = ALWAYS + today + (LONG if pytestconfig.getoption("--long") else [])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{name}" for name in files)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DATABASE_URL": postgres_url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
