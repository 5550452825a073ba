"""What can be imported: each kind has columns, a plan and a function to carry it out. Its module registers it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from creation.audit.actor import Actor
from creation.imports.headings import ImportColumn, SheetLayout
from creation.imports.import_plan import ImportPlan, LeftCell
from creation.models import Campaign, UnitAlias
from creation.rules.policy import Permission


@dataclass(frozen=True, slots=True)
class ImportContext:
    """The input of one import: campaign, the table on each of its sheets, the answers so far, and the actor."""

    campaign: Campaign
    layouts: Sequence[SheetLayout]
    answers: Mapping[str, str]
    actor: Actor
    texts: tuple[str, ...] = ()  # text of the workbook outside the table
    name: str = ""  # name of the file
    used: set[tuple[str, int, int]] = field(default_factory=set)  # sheet, row and column of each cell that was read
    left: list[LeftCell] = field(default_factory=list)
    formulas: set[tuple[str, int, int]] = field(default_factory=set)  # cells of formulas whose stored value was read
    hidden: list[tuple[str, int]] = field(default_factory=list)  # sheet and number of each hidden row of the table

    @property
    def unit_aliases(self) -> Iterable[UnitAlias]:
        return UnitAlias.objects.filter(district=self.campaign.district_id)

    @property
    def layout(self) -> SheetLayout:
        return self.layouts[0]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of import. ``permission``: the right it needs; ``result_view``: the page of the result, which takes the campaign.

    ``rows`` yields the current table, in the order of the exported columns and ``read_only_headings``. ``ignored_headings`` are known, and
    not imported.
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
    ignored_headings: tuple[str, ...] = ()
    has_forms: bool = False  # a row may be written with its headings below each other
    has_unit_tables: bool = (
        False  # may be written by unit: with marks under the names of units, or with the codes of each unit
    )
    has_periods: bool = False  # quarters may have columns of their own
    has_levels: bool = False  # sections and items may stand in lines above their checkpoints
    has_whole_system: bool = False  # every line above checkpoints is a section or an item
    is_divisible: bool = True  # the rows without errors can be imported without the others

    @property
    def exported_columns(self) -> list[ImportColumn]:
        return [column for column in self.columns if column.exported]
