"""What rooms add to everybody's first page (待办).

The page belongs to the room of tasks. Rooms that stand above it, and that it may not know, register a part: a template, and the
function that returns its facts for the person who asks, or None if there is nothing for this person. See docs/decisions/0095.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

Facts = Callable[[HttpRequest], Any]


@dataclass(frozen=True, slots=True)
class FirstPagePart:
    """A part with its facts. ``leads``: it stands before what the room of tasks shows to the office."""

    template: str
    facts: Any
    leads: bool


_registered: list[tuple[str, Facts, Callable[[HttpRequest], bool]]] = []


def register(template: str, facts: Facts, leads: Callable[[HttpRequest], bool] = lambda request: True) -> None:
    """Add a part to the first page. ``leads`` says for whom it stands first."""
    _registered.append((template, facts, leads))


def parts_for(request: HttpRequest) -> list[FirstPagePart]:
    found = [(template, facts(request), leads) for template, facts, leads in _registered]
    return [FirstPagePart(template, facts, leads(request)) for template, facts, leads in found if facts is not None]
