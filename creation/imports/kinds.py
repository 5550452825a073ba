"""What can be imported: each kind has its columns, a plan and a way to carry it out. Its module registers it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creation.audit.trail import Actor
from creation.imports.headings import Column, Layout
from creation.imports.plans import Plan
from creation.models import Campaign


@dataclass(frozen=True, slots=True)
class Case:
    """One import under way: where it goes, what was read, what was answered, who asks."""

    campaign: Campaign
    layout: Layout
    answers: Mapping[str, str]
    actor: Actor
    texts: tuple[str, ...] = ()  # lines of the workbook outside the table
    name: str = ""  # of the file


@dataclass(frozen=True, slots=True)
class Kind:
    """``act``: the right to import it. ``then``: the page that shows what came of it, which takes the campaign.

    ``rows``: the table as it stands, in the order of ``columns`` and of the headings ``beside``, which are for reading only.
    """

    name: str
    title: str
    act: str
    columns: tuple[Column, ...]
    plan: Callable[[Case], Plan]
    apply: Callable[[Case, Plan], str]
    then: str
    help: str
    sheet: str
    rows: Callable[[Campaign, Actor], Iterable[Sequence[Any]]]
    beside: tuple[str, ...] = ()
