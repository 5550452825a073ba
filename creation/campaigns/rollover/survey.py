"""What rolling a campaign forward would carry over, and what it leaves to the office: shown first, then carried out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from creation.campaigns.rollover import dates, points
from creation.campaigns.rollover.dates import Offer, Wish
from creation.campaigns.rollover.points import Point
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
class Gap:
    """What cannot be carried over, and at which point of the old campaign; without a point it is about a person's role."""

    text: str
    point: Point | None = None


@dataclass
class Outline:
    """``offers`` are the phases; ``pieces`` wait to be confirmed, ``homeless`` ones have no task of their unit at their point."""

    move: dates.Mover
    offers: list[Offer]
    host: Unit
    indicators: list[Indicator]
    measures: list[Measure]
    actions: list[Action]
    audience: dict[int, list[Unit]]  # action → the chosen units that are there
    files: list[ActionFile]
    assignments: list[Assignment]
    rules: list[ReminderRule]
    templates: list[PaperTemplate]
    memberships: list[Membership]
    owners: int
    pieces: int = 0
    homeless: int = 0
    gaps: list[Gap] = field(default_factory=list)
    unnamed: list[Unit] = field(default_factory=list)

    @property
    def checkpoints(self) -> int:
        return sum(each.level == IndicatorLevel.CHECKPOINT for each in self.indicators)

    @property
    def leads(self) -> int:
        return sum(each.role == AssignmentRole.LEAD for each in self.assignments)

    @property
    def units(self) -> int:
        return len({each.unit_id for each in self.assignments})

    @property
    def announced(self) -> int:
        return sum(each.starts is not None for each in self.offers)


def of(previous: Campaign, wish: Wish, today: date) -> Outline:
    """In a number of queries that does not depend on the rows."""
    phases = list(previous.phases.order_by("order"))
    move = dates.mover(previous, phases, wish)
    offers = [dates.offer(phase, move) for phase in phases]
    on = max(today, dates.first_day(each.phase for each in offers) or today, wish.starts or today)
    return _Survey(previous, on, today).outline(move, offers)


class _Survey:
    def __init__(self, previous: Campaign, on: date, today: date) -> None:
        self.previous, self.on, self.today = previous, on, today
        units = Unit.objects.filter(district=previous.district_id).select_related("merged_into")
        self.units = {unit.pk: unit for unit in units}
        self.indicators = list(previous.system.indicators.order_by("level", "order"))
        self.at = {each.pk: each for each in self.indicators}
        self.gaps: list[Gap] = []
        self.host = self._host()

    def outline(self, move: dates.Mover, offers: list[Offer]) -> Outline:
        assignments = list(self._assignments())
        actions = list(
            Action.objects.filter(phase__campaign=self.previous, cancelled_on=None)
            .select_related("phase")
            .prefetch_related("units")
            .order_by("phase__order", "pk")
        )
        audience = {action.pk: list(self._audience(action)) for action in actions}
        wanted = set(self._wanted(assignments, actions, audience))
        pieces, homeless = self._pieces(wanted)
        return Outline(
            move=move,
            offers=offers,
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
            owners=self._owners(wanted),
            pieces=pieces,
            homeless=homeless,
            gaps=self.gaps,
            unnamed=self._unnamed({unit for unit, _ in wanted}),
        )

    def _gone(self, unit: Unit) -> str:
        """Why the unit takes part no more; empty while it does."""
        if unit.is_active(self.on):
            return ""
        return f"已并入{unit.merged_into}" if unit.merged_into else "已停用"

    def _host(self) -> Unit:
        unit = self.units[self.previous.host_id]
        while not unit.is_active(self.on) and unit.merged_into_id:
            unit = self.units[unit.merged_into_id]
        if why := self._gone(unit):
            self.gaps.append(Gap(f"办公室所在单位{unit}{why}，创建办自己的事项仍记在它名下"))
        return unit

    def _assignments(self) -> Iterator[Assignment]:
        rows = Assignment.objects.filter(campaign=self.previous, indicator__system=self.previous.system_id)
        for row in rows.order_by("indicator__order", "-role", "unit__order", "pk").iterator():
            unit, point = self.units[row.unit_id], self.at[row.indicator_id]
            if why := self._gone(unit):
                text = f"{point.code} {point.title}：{row.get_role_display()}单位{unit}{why}"
                self.gaps.append(Gap(text, ("", point.key)))
            else:
                yield row

    def _audience(self, action: Action) -> Iterator[Unit]:
        if action.audience != Audience.CHOSEN:
            return
        for unit in action.units.all():
            if why := self._gone(unit):
                self.gaps.append(Gap(f"{action}：指定单位{unit}{why}", (action.phase.kind, action.code)))
            else:
                yield unit

    def _wanted(
        self, assignments: list[Assignment], actions: list[Action], audience: dict[int, list[Unit]]
    ) -> Iterator[tuple[int, Point]]:
        """Unit and point of every task that there will be."""
        for row in assignments:
            yield row.unit_id, ("", self.at[row.indicator_id].key)
        everyone = [unit for unit in self.units.values() if unit.active_to is None]
        groups = {Audience.OFFICE.value: [self.host], Audience.EVERY_UNIT.value: everyone}
        for action in actions:
            for unit in groups.get(action.audience, audience[action.pk]):
                yield unit.pk, (action.phase.kind, action.code)

    def _pieces(self, wanted: set[tuple[int, Point]]) -> tuple[int, int]:
        """How many pieces wait at a task of their unit, and how many have none."""
        rows = points.cited(self.previous).order_by()
        places = ("task__unit", "evidence__unit", "evidence", *(f"task__{name}" for name in points.OF_TASK))
        found: set[tuple[int, int, Point]] = set()
        homeless: set[int] = set()
        for citing, owning, piece, *names in rows.values_list(*places).iterator():
            where = points.point(*names)
            homes = {unit for unit in (citing, owning) if (unit, where) in wanted}
            found |= {(piece, unit, where) for unit in homes}
            homeless |= set() if homes else {piece}
        return len(found), len(homeless - {piece for piece, _, _ in found})

    def _templates(self) -> list[PaperTemplate]:
        """The newest of each kind, where that is the office's own."""
        newest: dict[str, PaperTemplate] = {}
        for row in self.previous.templates.order_by("kind", "number"):
            newest[row.kind] = row
        return [row for row in newest.values() if row.blob]

    def _memberships(self) -> Iterator[Membership]:
        """Roles in a unit that were given for the old campaign alone. Those beyond are the administrator's to give; an assessor's ends."""
        held = Membership.objects.in_force(self.today).filter(campaign=self.previous)
        for row in held.exclude(role=Role.ASSESSOR).select_related("user", "unit").order_by("pk"):
            said = f"{ROLE_NAMES[Role(row.role)]}{row.user}"
            if row.role not in UNIT_ROLES or row.unit is None:
                self.gaps.append(Gap(f"{said}的任职只限上年活动，需要时请系统管理员重新指定"))
            elif not row.user.is_active:
                self.gaps.append(Gap(f"{row.unit}的{said}账号已停用"))
            elif why := self._gone(row.unit):
                self.gaps.append(Gap(f"{row.unit}的{said}：单位{why}"))
            else:
                yield row

    def _owners(self, wanted: set[tuple[int, Point]]) -> int:
        still, count = points.able(self.previous, self.today), 0
        for task in points.named_owners(self.previous):
            if task.owner is None or (task.unit_id, points.of(task)) not in wanted:
                continue
            if (task.owner.pk, task.unit_id) in still:
                count += 1
                continue
            why = "已不在本单位任职" if task.owner.is_active else "账号已停用"
            text = f"{task}：{task.unit}的责任人{task.owner}{why}，改由联络员负责"
            self.gaps.append(Gap(text, points.of(task)))
        return count

    def _unnamed(self, taking_part: set[int]) -> list[Unit]:
        """Units that will have tasks and have no liaison whose account is in use."""
        named = ownership.owners_of(self.previous, self.today)
        without = [self.units[pk] for pk in taking_part if pk not in named]
        return sorted(without, key=lambda unit: (unit.order, unit.pk))
