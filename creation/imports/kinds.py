"""What can be imported: each kind has its columns, a plan and a way to carry it out. Its module registers it."""

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
    """One import under way: where it goes, what was read, what was answered, who asks."""

    campaign: Campaign
    layout: SheetLayout
    answers: Mapping[str, str]
    actor: Actor
    texts: tuple[str, ...] = ()  # lines of the workbook outside the table
    name: str = ""  # of the file


@dataclass(frozen=True, slots=True)
class ImportKind:
    """``permission``: the right to import it. ``result_view``: the page that shows what came of it, which takes the campaign.

    ``rows``: the table as it stands, in the order of ``columns`` and of the headings ``read_only_headings``, which are for reading only.
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
