"""The structure of a preset. Lengths and choices are those of the corresponding models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from creation.rules.targets import Comparator, MeasureKind

UNIT_KINDS = frozenset({"township", "department", "party", "other"})
EVIDENCE_KINDS = frozenset({"document", "image", "video", "link", "brief"})
PHASE_KINDS = frozenset(
    {"mobilization", "inspection", "evidence", "assessment", "application", "publicity", "commendation"}
)
AUDIENCES = frozenset({"office", "every_unit", "chosen"})
ANSWER_MODES = frozenset({"upload", "on_site", "statement"})
PERSONAL_ACTS = frozenset({"", "deploy", "ask", "coordinate", "supervise"})
PERIODS = frozenset({"year", "quarter"})
RULE_AUDIENCES = frozenset({"liaison", "unit_leader", "office", "reviewer", "inspector"})
CONDITIONS = frozenset(
    {
        "unanswered", "signing", "office_items", "no_liaison", "units_behind", "review_waiting", "not_entered", "undated",
        "rectification_due", "verification_waiting", "to_be_seen_again", "visit_unrecorded",
    }
)  # fmt: skip
WORDING_LIMIT = 5000
TITLE_LIMIT = 30  # a checkpoint's title must fit on one line of the ledger's third column


@dataclass(frozen=True, slots=True)
class DistrictPreset:
    """A district. ``host`` is the short name of the unit to which the office belongs."""

    name: str
    parent: str
    host: str


@dataclass(frozen=True, slots=True)
class System:
    name: str
    edition: str
    source: str


@dataclass(frozen=True, slots=True)
class UnitPreset:
    name: str
    short_name: str
    kind: str
    order: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint. ``key`` stays the same when an edition renumbers.

    ``wording`` is quoted from the source; ``clause`` is that of its item.
    """

    code: str
    key: str
    title: str
    proof: str
    wording: str
    kinds: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item. ``key`` is the code it had at first."""

    code: str
    key: str
    title: str
    clause: str
    checkpoints: tuple[Checkpoint, ...]


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    key: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class MeasurePreset:
    """A measured target.

    A ratio or count has ``target``, a date has ``target_month_day``, a plain figure neither. ``numerator`` also names the count or the
    date. ``may_exceed``: the ratio may be over 100 %.
    """

    checkpoint: str
    name: str
    kind: MeasureKind
    numerator: str
    denominator: str
    unit: str
    comparator: Comparator
    target: Decimal | None
    target_month_day: str
    period: str
    note: str
    may_exceed: bool = False


@dataclass(frozen=True, slots=True)
class ActionPreset:
    """An action. ``units`` are short names, given only when ``audience`` is "chosen"; group names are already resolved."""

    code: str
    title: str
    text: str
    clause: str
    audience: str
    units: tuple[str, ...]
    modes: tuple[str, ...]
    days_before_phase_end: int
    personal_act: str = ""

    def due_on(self, phase_ends: date | None) -> date | None:
        """Return the due day in a phase that ends on ``phase_ends``; None while that date is to be announced."""
        return phase_ends and phase_ends - timedelta(days=self.days_before_phase_end)


@dataclass(frozen=True, slots=True)
class PhasePreset:
    """A phase. ``starts`` and ``ends`` are "mm-dd", or both "" while the phase is to be announced; ``announced`` says by whom."""

    kind: str
    name: str
    short_name: str
    order: int
    starts: str
    ends: str
    announced: str
    clause: str
    actions: tuple[ActionPreset, ...]

    def dates(self, year: int) -> tuple[date, date] | None:
        """Return the first and last day in a campaign of ``year``, or None while they are to be announced."""
        if not self.starts:
            return None
        return date.fromisoformat(f"{year:04}-{self.starts}"), date.fromisoformat(f"{year:04}-{self.ends}")


@dataclass(frozen=True, slots=True)
class AssignmentPreset:
    """The units of a checkpoint, by short name. ``assists`` is in the order of the register, without the lead."""

    lead: str
    assists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReminderRulePreset:
    """A reminder rule.

    ``lead_times`` are days before the due day; ``overdue_every`` is the number of workdays between overdue reminders, 0 for none.
    ``leader_after`` and ``office_after`` are the numbers of the overdue reminder from which the unit's leader and the office
    are also notified, 0 for never.
    """

    phase: str
    name: str
    audience: str
    condition: str
    text: str
    lead_times: tuple[int, ...]
    overdue_every: int
    leader_after: int
    office_after: int


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset. ``assignments`` is keyed by the code of the checkpoint; ``example`` marks them as unconfirmed by the office (示例)."""

    name: str
    title: str
    district: DistrictPreset
    system: System
    window_years_before: int
    units: tuple[UnitPreset, ...]
    sections: tuple[Section, ...]
    measures: tuple[MeasurePreset, ...]
    phases: tuple[PhasePreset, ...]
    reminder_rules: tuple[ReminderRulePreset, ...]
    assignments: Mapping[str, AssignmentPreset]
    example: bool

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        return tuple(checkpoint for item in self.items for checkpoint in item.checkpoints)

    @property
    def actions(self) -> tuple[ActionPreset, ...]:
        return tuple(action for phase in self.phases for action in phase.actions)

    def window(self, year: int) -> tuple[date, date]:
        """The first and last day of admissible material in a campaign of ``year``."""
        return date(year - self.window_years_before, 1, 1), date(year, 12, 31)
