"""What rooms add to everybody's first page (待办).

The page belongs to the room of tasks. Rooms that stand above it, and that it may not know, register a part: a template, and the
function that returns its facts for the person who asks, or None if there is nothing for this person. See docs/decisions/0095.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from creation.lib.counting import CountedPart
from creation.web import menu
from creation.web.request_facts import RequestFact

Facts = Callable[[HttpRequest], Any]
_COUNTS = RequestFact[Counter[tuple[str, Any]]]("first_page_counts")


@dataclass(frozen=True, slots=True)
class FirstPagePart:
    """A part with its facts. ``leads``: it stands before what the room of tasks shows to the office."""

    template: str
    facts: Any
    leads: bool


@dataclass(frozen=True, slots=True)
class _Registered:
    template: str
    facts: Facts
    leads: Callable[[HttpRequest], bool]
    counted: Callable[[HttpRequest], Mapping[str, CountedPart]]


_registered: list[_Registered] = []


def register(
    template: str,
    facts: Facts,
    leads: Callable[[HttpRequest], bool] = lambda request: True,
    counted: Callable[[HttpRequest], Mapping[str, CountedPart]] = lambda request: {},
) -> None:
    """Add a part to the first page. ``leads`` says for whom it stands first. What ``counted`` returns is counted together with what the
    page and its menu count; ``facts`` finds it in ``counts``.
    """
    _registered.append(_Registered(template, facts, leads, counted))


def count(request: HttpRequest, parts: Mapping[str, CountedPart]) -> Counter[tuple[str, Any]]:
    """Count what the page, its parts and its menu have to count, with one query. Done at most once a page."""
    of_parts = {name: part for each in _registered for name, part in each.counted(request).items()}
    return _COUNTS.keep(request, menu.count_beside(request, {**parts, **of_parts}))


def counts(request: HttpRequest) -> Counter[tuple[str, Any]]:
    """Return what was counted for this page."""
    return _COUNTS.read_once(request, lambda: count(request, {}))


def parts_for(request: HttpRequest) -> list[FirstPagePart]:
    found = [(each, each.facts(request)) for each in _registered]
    return [FirstPagePart(each.template, facts, each.leads(request)) for each, facts in found if facts is not None]
