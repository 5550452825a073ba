"""A plugin of pytest that prints the CPU time of each test file: ``bin/test -p benchmarks.cpu_of_tests``.

Of a test's process and of the processes that it started and that have ended, so that a busy machine does not decide. What ends with the
run, such as a browser, belongs to the last test; the start of pytest to none.
"""

import resource
from collections import Counter
from typing import Any

import pytest

_before = 0.0
_seconds: Counter[str] = Counter()


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def pytest_collection_finish() -> None:
    global _before
    _before = _cpu()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Any:
    """Attach the time since the last report. pytest-xdist sends it to the controller with the report."""
    global _before
    outcome = yield
    now = _cpu()
    outcome.get_result().cpu_seconds, _before = now - _before, now


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[report.nodeid.partition("::")[0]] += getattr(report, "cpu_seconds", 0.0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, seconds in _seconds.most_common():
        terminalreporter.write_line(f"{seconds:8.1f} s  {name}")
    terminalreporter.write_line(f"{_seconds.total():8.1f} s  of CPU in all tests")
