"""What can be imported: each kind has columns, a plan and a function to carry it out. Its module registers it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creation.audit.actor import Actor
from creation.imports.headings import ImportColumn, SheetLayout
from creation.imports.import_plan import ImportPlan
from creation.models import Campaign
from creation.rules.policy import Permission


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The input of one import: campaign, what was read, the answers so far, and the actor."""

    campaign: Campaign
    layout: SheetLayout
    answers: Mapping[str, str]
    actor: Actor
    texts: tuple[str, ...] = ()  # text of the workbook outside the table
    name: str = ""  # name of the file


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of import. ``permission``: the right it needs; ``result_view``: the page of the result, which takes the campaign.

    ``rows`` yields the current table, in the order of ``columns`` followed by ``read_only_headings``.
    """

    name: str
    title: str
    permission: Permission
    columns: tuple[ImportColumn, ...]
    plan: Callable[[ImportContext], ImportPlan]
    apply: Callable[[ImportContext, ImportPlan], str]
    result_view: str
    help: str
    sheet: str
    rows: Callable[[Campaign, Actor], Iterable[Sequence[Any]]]
    read_only_headings: tuple[str, ...] = ()
