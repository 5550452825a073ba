"""Counts what a person does in a page: the browser's own events, kept in the window over every page that it loads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# pointerdown, not click: the click on a label is followed by one on its field. A character without a key before it came from an input
# method, or was typed in Chinese.
SCRIPT = """(() => {
    if (window.top !== window) return;
    const add = (name, count) => sessionStorage.setItem(name, Number(sessionStorage.getItem(name) || 0) + count);
    let keyed = false;
    add("burden-loads", 1);
    addEventListener("pointerdown", event => { if (event.isTrusted) add("burden-clicks", 1); }, true);
    addEventListener("keydown", event => { if (event.isTrusted && !event.repeat) { keyed = true; add("burden-keys", 1); } }, true);
    addEventListener("keyup", () => { keyed = false; }, true);
    addEventListener("input", event => {
        if (event.isTrusted && !keyed && event.data) add("burden-keys", [...event.data].length);
    }, true);
})();"""
NAMES = ("clicks", "keys", "loads")


@dataclass
class Burden:
    clicks: int = 0
    keys: int = 0
    loads: int = 0
    seconds: float = 0


def watch(context: Any) -> None:
    context.add_init_script(SCRIPT)


@contextmanager
def counted(page: Any) -> Iterator[Burden]:
    """Count from now on; the burden is filled in when the block ends, which must be on a page of the site."""
    page.evaluate("sessionStorage.clear()")
    burden, started = Burden(), time.monotonic()
    yield burden
    burden.seconds = time.monotonic() - started
    for name in NAMES:
        setattr(burden, name, int(page.evaluate(f"sessionStorage.getItem('burden-{name}') || 0")))
