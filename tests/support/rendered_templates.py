"""Every template is rendered by some test: a page that nobody opens in the tests may be broken without anybody noticing.

``bin/test --every-template`` asks for it; each process of the run reports which templates it has rendered.
"""

from pathlib import Path
from typing import Any

import pytest
from django.test.signals import template_rendered

ROOT = Path(__file__).resolve().parents[2] / "templates"
OPTION = "--every-template"
KEY = "rendered_templates"


class RenderedTemplates:
    """A plugin of pytest. With pytest-xdist the controller collects what its workers have rendered."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.names: set[str] = set()
        template_rendered.connect(self.note)

    def note(self, template: Any, **_: Any) -> None:
        if template.name:
            self.names.add(template.name[:])  # a plain string, also of a SafeString: workers send no other

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.names |= set(getattr(node, "workeroutput", {}).get(KEY, ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[KEY] = sorted(self.names)
        elif self.never_rendered() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for name in self.never_rendered():
            terminalreporter.write_line(f"ERROR no test renders templates/{name}", red=True)

    def never_rendered(self) -> list[str]:
        if not self.config.getoption(OPTION):
            return []
        files = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
        return sorted(set(files) - self.names)
