"""A plugin of pytest: run the tests as they are, then once for each mutant that they reach, each time in a fork.

``MUTATED_MODULE`` names the module. The first run creates the database and says which tests reach which mutant; only these are run
again, the fastest first, up to the first failure. What no test reaches, survives. A fork without a change must pass too, so that
no mutant is counted as killed because of the fork.
"""

import builtins
import importlib.abc
import importlib.machinery
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutations import operators

MODULE = os.environ["MUTATED_MODULE"]
RESULTS = Path(os.environ["MUTATION_RESULTS"])
CHOSEN = json.loads(os.environ.get("MUTANTS", "null"))  # numbers of the mutants to try; null for all
CPU_SECONDS = 30  # a mutant that runs longer than the tests ever do never ends
mutants: list[operators.Mutant] = []
reached: set[int] = set()
active = 0


def is_active(number: int) -> bool:
    reached.add(number)
    return number == active


class Loader(importlib.machinery.SourceFileLoader):
    """Loads the module with its switches, never from compiled files."""

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        module, found = operators.instrument(source)
        mutants[:] = found
        return compile(module, self.path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec and spec.origin:
            spec.loader = Loader(fullname, spec.origin)
        return spec


setattr(builtins, operators.SWITCH, is_active)
sys.meta_path.insert(0, Finder())


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if session.testsfailed:
        raise session.Interrupted("collection failed")
    seconds, reaching = run_unchanged(session)
    close_connections()
    if fails(0, session.items):
        raise session.Interrupted("the tests fail in a fork without a change")
    for mutant in mutants:
        if CHOSEN is not None and mutant.number not in CHOSEN:
            continue
        items = sorted(reaching[mutant.number], key=lambda item: seconds[item])
        close_connections()
        killed = bool(items) and fails(mutant.number, items)
        result = {"module": MODULE, "number": mutant.number, "line": mutant.line, "text": str(mutant)}
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result | {"killed": killed, "tests": len(items)}, ensure_ascii=False) + "\n")
    session._setupstate.teardown_exact(None)
    return True


def close_connections() -> None:
    """Close the connections of this process, which a fork must not share. Tests of pure modules run without Django."""
    if "django.db" in sys.modules:
        sys.modules["django.db"].connections.close_all()


def run_unchanged(session: pytest.Session) -> tuple[dict[pytest.Item, float], dict[int, list[pytest.Item]]]:
    """Run every test once; return how long each took and which tests reach each mutant."""
    seconds: dict[pytest.Item, float] = {}
    reaching: dict[int, list[pytest.Item]] = defaultdict(list)
    for item in session.items:
        reached.clear()
        began = time.process_time()
        reports = run(item)
        if failed := [each for each in reports if each.failed]:
            raise session.Interrupted(f"{item.nodeid} fails without a change: {failed[0].longreprtext[-800:]}")
        seconds[item] = time.process_time() - began
        for number in reached:
            reaching[number].append(item)
    return seconds, reaching


def fails(number: int, items: list[pytest.Item]) -> bool:
    """Return whether one of the tests fails, or never ends, with this mutant."""
    child = os.fork()
    if not child:
        global active
        active = number
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(int(any(is_failing(item) for item in items)))
    return os.waitpid(child, 0)[1] != 0


def run(item: Any) -> list[pytest.TestReport]:
    """Run one test in any order. The fixtures of the session stay, because another test is said to follow."""
    item.session._setupstate.teardown_exact(item)
    another = next((each for each in item.session.items if each is not item), None)
    return runtestprotocol(item, nextitem=another, log=False)


def is_failing(item: Any) -> bool:
    try:
        return any(report.failed for report in run(item))
    except BaseException:
        return True
