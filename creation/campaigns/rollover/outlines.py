"""Determine what rolling a campaign forward would carry over and what it leaves to the office. Shown first, then carried out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from creation.campaigns.rollover import dates, work_items
from creation.campaigns.rollover.dates import PhaseDates, RolloverTarget
from creation.campaigns.rollover.work_items import WorkItemKey
from creation.models import (
    Action,
    ActionFile,
    Assignment,
    AssignmentRole,
    Audience,
    Campaign,
    Indicator,
    IndicatorLevel,
    Measure,
    Membership,
    PaperTemplate,
    ReminderRule,
    Unit,
)
from creation.people import ownership
from creation.rules.policy import ROLE_NAMES, UNIT_ROLES, Role


@dataclass(frozen=True, slots=True)
class FoundGap:
    """What cannot be carried over. ``key`` is the work item in the old campaign; None when it is about a person's role."""

    text: str
    key: WorkItemKey | None = None


@dataclass
class RolloverOutline:
    """What would be carried over. ``evidence_count`` pieces await confirmation in the new tasks; for ``evidence_without_task`` there is no
    task."""

    date_shifter: dates.DateShifter
    phase_dates: list[PhaseDates]
    host: Unit
    indicators: list[Indicator]
    measures: list[Measure]
    actions: list[Action]
    audience: dict[int, list[Unit]]  # action → the chosen units that are still active
    files: list[ActionFile]
    assignments: list[Assignment]
    rules: list[ReminderRule]
    templates: list[PaperTemplate]
    memberships: list[Membership]
    owners: int
    evidence_count: int = 0
    evidence_without_task: int = 0
    gaps: list[FoundGap] = field(default_factory=list)
    units_without_liaison: list[Unit] = field(default_factory=list)

    @property
    def checkpoints(self) -> int:
        return sum(each.level == IndicatorLevel.CHECKPOINT for each in self.indicators)

    @property
    def leads(self) -> int:
        return sum(each.role == AssignmentRole.LEAD for each in self.assignments)

    @property
    def units(self) -> int:
        return len({each.unit_id for each in self.assignments})


def outline_rollover(previous: Campaign, target: RolloverTarget, today: date) -> RolloverOutline:
    """Outline the rollover. The number of queries does not depend on the number of rows."""
    phases = list(previous.phases.order_by("order"))
    date_shifter = dates.shifter_for(previous, phases, target)
    phase_dates = [dates.shift_phase(phase, date_shifter) for phase in phases]
    on = max(today, dates.first_day(each.phase for each in phase_dates) or today, target.starts or today)
    return _OutlineBuilder(previous, on, today).outline(date_shifter, phase_dates)


class _OutlineBuilder:
    def __init__(self, previous: Campaign, on: date, today: date) -> None:
        self.previous, self.first_day, self.today = previous, on, today
        units = Unit.objects.filter(district=previous.district_id).select_related("merged_into")
        self.units = {unit.pk: unit for unit in units}
        self.indicators = list(previous.system.indicators.order_by("level", "order"))
        self.by_key = {each.pk: each for each in self.indicators}
        self.gaps: list[FoundGap] = []
        self.host = self._host()

    def outline(self, date_shifter: dates.DateShifter, phase_dates: list[PhaseDates]) -> RolloverOutline:
        assignments = list(self._assignments())
        actions = list(
            Action.objects.filter(phase__campaign=self.previous, cancelled_on=None, order=None)
            .select_related("phase")
            .prefetch_related("units")
            .order_by("phase__order", "pk")
        )
        audience = {action.pk: list(self._audience(action)) for action in actions}
        wanted = set(self._future_tasks(assignments, actions, audience))
        evidence_count, evidence_without_task = self._count_evidence(wanted)
        return RolloverOutline(
            date_shifter=date_shifter,
            phase_dates=phase_dates,
            host=self.host,
            indicators=self.indicators,
            measures=list(Measure.objects.filter(indicator__system=self.previous.system_id).order_by("pk")),
            actions=actions,
            audience=audience,
            files=list(ActionFile.objects.filter(action__in=audience).order_by("pk")),
            assignments=assignments,
            rules=list(self.previous.rules.order_by("pk")),
            templates=self._templates(),
            memberships=list(self._memberships()),
            owners=self._count_owners(wanted),
            evidence_count=evidence_count,
            evidence_without_task=evidence_without_task,
            gaps=self.gaps,
            units_without_liaison=self._units_without_liaison({unit for unit, _ in wanted}),
        )

    def _reason_inactive(self, unit: Unit) -> str:
        """Return why the unit is no longer active, or "" while it is."""
        if unit.is_active(self.first_day):
            return ""
        return f"已并入{unit.merged_into}" if unit.merged_into else "已停用"

    def _host(self) -> Unit:
        unit = self.units[self.previous.host_id]
        while not unit.is_active(self.first_day) and unit.merged_into_id:
            unit = self.units[unit.merged_into_id]
        if why := self._reason_inactive(unit):
            self.gaps.append(FoundGap(f"办公室所在单位{unit}{why}，创建办自己的事项仍记在它名下"))
        return unit

    def _assignments(self) -> Iterator[Assignment]:
        rows = Assignment.objects.filter(campaign=self.previous, indicator__system=self.previous.system_id)
        for row in rows.order_by("indicator__order", "-role", "unit__order", "pk").iterator():
            unit, checkpoint = self.units[row.unit_id], self.by_key[row.indicator_id]
            if why := self._reason_inactive(unit):
                text = f"{checkpoint.code} {checkpoint.title}：{row.get_role_display()}单位{unit}{why}"
                self.gaps.append(FoundGap(text, ("", checkpoint.key)))
            else:
                yield row

    def _audience(self, action: Action) -> Iterator[Unit]:
        if action.audience != Audience.CHOSEN:
            return
        for unit in action.units.all():
            if why := self._reason_inactive(unit):
                self.gaps.append(FoundGap(f"{action}：指定单位{unit}{why}", (action.phase.kind, action.code)))
            else:
                yield unit

    def _future_tasks(
        self, assignments: list[Assignment], actions: list[Action], audience: dict[int, list[Unit]]
    ) -> Iterator[tuple[int, WorkItemKey]]:
        """Yield unit and work item of every task that will be generated."""
        for row in assignments:
            yield row.unit_id, ("", self.by_key[row.indicator_id].key)
        everyone = [unit for unit in self.units.values() if unit.active_to is None]
        groups = {Audience.OFFICE.value: [self.host], Audience.EVERY_UNIT.value: everyone}
        for action in actions:
            for unit in groups.get(action.audience, audience[action.pk]):
                yield unit.pk, (action.phase.kind, action.code)

    def _count_evidence(self, wanted: set[tuple[int, WorkItemKey]]) -> tuple[int, int]:
        """Return how many pieces of evidence will have a task of their unit, and how many will have none."""
        rows = work_items.citations_of(self.previous).order_by()
        columns = ("task__unit", "evidence__unit", "evidence", *(f"task__{name}" for name in work_items.KEY_FIELDS))
        found: set[tuple[int, int, WorkItemKey]] = set()
        without_task: set[int] = set()
        for citing, owning, evidence, *names in rows.values_list(*columns).iterator():
            key = work_items.work_item_key(*names)
            units = {unit for unit in (citing, owning) if (unit, key) in wanted}
            found |= {(evidence, unit, key) for unit in units}
            without_task |= set() if units else {evidence}
        return len(found), len(without_task - {evidence for evidence, _, _ in found})

    def _templates(self) -> list[PaperTemplate]:
        """Return the newest template of each kind, where the office uploaded it."""
        newest: dict[str, PaperTemplate] = {}
        for row in self.previous.templates.order_by("kind", "number"):
            newest[row.kind] = row
        return [row for row in newest.values() if row.blob]

    def _memberships(self) -> Iterator[Membership]:
        """Yield the unit roles limited to the old campaign. Other roles are for the administrator to assign; an assessor's role ends."""
        memberships = Membership.objects.active(self.today).filter(campaign=self.previous)
        for row in memberships.exclude(role=Role.ASSESSOR).select_related("user", "unit").order_by("pk"):
            holder = f"{ROLE_NAMES[Role(row.role)]}{row.user}"
            if row.role not in UNIT_ROLES or row.unit is None:
                self.gaps.append(FoundGap(f"{holder}的任职只限上年活动，需要时请系统管理员重新指定"))
            elif not row.user.is_active:
                self.gaps.append(FoundGap(f"{row.unit}的{holder}账号已停用"))
            elif why := self._reason_inactive(row.unit):
                self.gaps.append(FoundGap(f"{row.unit}的{holder}：单位{why}"))
            else:
                yield row

    def _count_owners(self, wanted: set[tuple[int, WorkItemKey]]) -> int:
        eligible, count = work_items.eligible_owners(self.previous, self.today), 0
        for task in work_items.named_owners(self.previous):
            if task.owner is None or (task.unit_id, work_items.key_of(task)) not in wanted:
                continue
            if (task.owner.pk, task.unit_id) in eligible:
                count += 1
                continue
            why = "已不在本单位任职" if task.owner.is_active else "账号已停用"
            text = f"{task}：{task.unit}的责任人{task.owner}{why}，改由联络员负责"
            self.gaps.append(FoundGap(text, work_items.key_of(task)))
        return count

    def _units_without_liaison(self, taking_part: set[int]) -> list[Unit]:
        """Return the units that will have tasks but no liaison with an active account."""
        named = ownership.task_owners(self.previous, self.today)
        without = [self.units[pk] for pk in taking_part if pk not in named]
        return sorted(without, key=lambda unit: (unit.order, unit.pk))
