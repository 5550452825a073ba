"""The command that changes the rules one by one: what it changes, and that a part of its changes is noticed by the tests."""

import ast
import builtins
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mutations import operators
from tests.mutations.__main__ import REASONS, mutants_of, sampled, unexplained
from tests.mutations.targets import TARGETS
from tests.support.sampling import SEED

ROOT = Path(__file__).resolve().parents[2]
SOURCE = '''
LIMIT = 3

def is_late(day, due=0):
    """Return whether it is late."""
    return day > due and not day == 9

def rows(query, today):
    log(today)
    return query.filter(due__lt=today)
'''


class Query:
    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def filter(self, **asked: Any) -> "Query":
        self.asked.append(("filter", asked))
        return self

    def exclude(self, **asked: Any) -> "Query":
        self.asked.append(("exclude", asked))
        return self


@pytest.fixture
def with_switch(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Return a function: the names of the instrumented source, with the change of this text in force."""

    def run(text: str) -> dict[str, Any]:
        module, mutants = operators.instrument(SOURCE)
        number = next((each.number for each in mutants if text == f"{each.before} → {each.after}"), 0)
        assert number or not text, [f"{each.before} → {each.after}" for each in mutants]
        monkeypatch.setattr(builtins, operators.SWITCH, lambda asked: asked == number, raising=False)
        logged: list[int] = []
        names: dict[str, Any] = {"log": logged.append, "logged": logged}
        exec(compile(module, "source", "exec"), names)
        return names

    return run


def test_without_a_change_the_module_does_what_it_did(with_switch: Callable[[str], dict[str, Any]]) -> None:
    names, query = with_switch(""), Query()
    assert [names["is_late"](day) for day in (-1, 0, 1, 9)] == [False, False, True, False]
    names["rows"](query, 5)
    assert (names["logged"], query.asked) == ([5], [("filter", {"due__lt": 5})])


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("day > due → day >= due", [False, True, True, False]),
        ("day > due → day <= due", [True, True, False, False]),
        ("day > due and (not day == 9) → day > due or not day == 9", [True, True, True, True]),
        ("not day == 9 → day == 9", [False, False, False, True]),
        ("9 → 10", [False, False, True, True]),
    ],
)
def test_a_change_of_a_condition(with_switch: Callable[[str], dict[str, Any]], text: str, late: list[bool]) -> None:
    assert [with_switch(text)["is_late"](day) for day in (-1, 0, 1, 9)] == late


@pytest.mark.parametrize(
    ("text", "asked", "logged"),
    [
        ("log(today) → pass", [("filter", {"due__lt": 5})], []),
        ("query.filter(due__lt=today) → query.exclude(due__lt=today)", [("exclude", {"due__lt": 5})], [5]),
        ("query.filter(due__lt=today) → query.filter(due__lte=today)", [("filter", {"due__lte": 5})], [5]),
    ],
)
def test_a_change_of_a_statement_and_of_a_query(
    with_switch: Callable[[str], dict[str, Any]], text: str, asked: list[Any], logged: list[int]
) -> None:
    names, query = with_switch(text), Query()
    names["rows"](query, 5)
    assert (query.asked, names["logged"]) == (asked, logged)


def test_what_is_evaluated_at_import_has_no_switch() -> None:
    module, mutants = operators.instrument(SOURCE)
    assert "LIMIT = 3" in ast.unparse(module)
    assert "due=0" in ast.unparse(module)
    assert [each.function for each in mutants if each.line < 5] == []


def test_every_module_and_every_test_of_the_list_exists() -> None:
    paths = [path for tests in TARGETS.values() for path in tests]
    assert [path for path in paths if not (ROOT / path).is_file()] == []
    assert all(mutants_of(module) for module in TARGETS)


def test_another_seed_selects_other_changes_and_the_same_seed_the_same() -> None:
    module = next(iter(TARGETS))
    assert sampled(module, 10, "a") == sampled(module, 10, "a")
    assert sampled(module, 3, "a") != sampled(module, 3, "b")
    assert sampled(module, 1, "a") == [each.number for each in mutants_of(module)]


def test_a_survivor_has_its_reason_whatever_its_line_is_now() -> None:
    known = next(line for line in REASONS.read_text().splitlines() if line.startswith("- creation.")).removeprefix("- ")
    module, _, change = known.partition(" — ")[0].partition(" ")
    assert unexplained([f"{module}:999 {change}"]) == []
    assert unexplained([f"{module}:999 another: `1` → `2`"]) != []


@pytest.mark.long
def test_a_tenth_of_the_changes_is_noticed_or_explained() -> None:
    command = [sys.executable, "-m", "tests.mutations", "--sample", "10", "--seed", SEED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.rstrip().endswith(" 0 unexplained"), done.stdout + done.stderr
