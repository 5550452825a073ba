"""What the planner reads: unanswered tasks near their due day, and who hears of each. Queries go by the lot, never by the task."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models.functions import Coalesce

from creation.models import CampaignState, Membership, Notice, NoticeKind, Task, TaskStatus, Unit
from creation.policy import Role
from creation.reminders.rules import Due, Told

CHUNK = 2000  # tasks in memory at a time

ASKS = {TaskStatus.OPEN: "报送", TaskStatus.RETURNED: "修改后重新报送", TaskStatus.SIGNING: "审签"}


class Owed(NamedTuple):
    """What the planner needs of a task, without the price of the model's objects."""

    pk: int
    campaign: int
    district: int
    unit: int
    kind: str
    due_on: date
    status: str
    owner: int | None
    owner_is_active: bool
    owner_unit: int | None
    code: str
    title: str


COLUMNS = (
    "pk", "campaign", "campaign__district", "unit", "phase__kind", "due_on", "status", "owner", "owner__is_active",
    "owner__unit", Coalesce("indicator__code", "action__code"), Coalesce("indicator__title", "action__title"),
)  # fmt: skip


@dataclass(slots=True)
class Deserted:
    """A unit without anybody to remind: the office is told once, with its nearest due day."""

    first: Owed
    count: int = 0


class Staff:
    """Who holds which seat on a day; read once for all units."""

    def __init__(self, today: date) -> None:
        held = Membership.objects.in_force(today).of_role(Role.LIAISON, Role.UNIT_LEADER, Role.COORDINATOR)
        self.seats: dict[tuple[str, int], list[tuple[int | None, int]]] = defaultdict(list)
        rows = held.filter(user__is_active=True).order_by("pk")
        for role, unit, district, campaign, user in rows.values_list("role", "unit", "district", "campaign", "user"):
            self.seats[role, unit or district].append((campaign, user))

    def holders(self, role: Role, where: int, campaign: int) -> tuple[int, ...]:
        """``where`` is the unit of a unit role, the district of an office role."""
        return tuple({user: None for scope, user in self.seats.get((role, where), ()) if scope in (None, campaign)})

    def hears(self, task: Owed) -> tuple[int, ...]:
        """The owner while in the unit, else its liaisons; what waits for a signature is told to the unit's leader."""
        if task.status == TaskStatus.SIGNING:
            leaders = self.holders(Role.UNIT_LEADER, task.unit, task.campaign)
            if leaders:
                return leaders
        liaisons = self.holders(Role.LIAISON, task.unit, task.campaign)
        if task.owner and task.owner_is_active and (task.owner_unit == task.unit or task.owner in liaisons):
            return (task.owner,)
        return liaisons

    def office(self, task: Owed) -> tuple[int, ...]:
        return self.holders(Role.COORDINATOR, task.district, task.campaign)


def due_rows(today: date, until: date) -> Iterator[list[Due]]:
    """Rows for every unanswered task of an open campaign due by ``until``, in lists of at most CHUNK; at the end those for the office."""
    staff = Staff(today)
    deserted: dict[tuple[int, int], Deserted] = {}
    for tasks in _chunks(until):
        yield [_of_task(task, people) for task in tasks if (people := staff.hears(task) or _note(task, deserted))]
    if deserted:
        yield _for_office(deserted, staff)


def taken_by(rows: list[Due], slots: Collection[str]) -> set[Told]:
    """What was said about these rows in these slots before."""
    said = Notice.objects.filter(kind=NoticeKind.REMINDER, subject__in=[row.subject for row in rows], slot__in=slots)
    return set(said.values_list("person_id", "subject", "slot"))


def _chunks(until: date) -> Iterator[list[Owed]]:
    """By key, not by one long read: a reader that stays open keeps SQLite's writers from going on."""
    tasks = Task.objects.live().unanswered().due_by(until).filter(campaign__state=CampaignState.OPEN)
    rows = tasks.order_by("pk").values_list(*COLUMNS)
    last = 0
    while chunk := [Owed(*row) for row in rows.filter(pk__gt=last)[:CHUNK]]:
        yield chunk
        last = chunk[-1].pk


def _of_task(task: Owed, people: tuple[int, ...]) -> Due:
    ask = ASKS[TaskStatus(task.status)]
    return Due(f"task/{task.pk}", task.kind, task.due_on, f"{task.code} {task.title}", ask, people, task.pk)


def _note(task: Owed, deserted: dict[tuple[int, int], Deserted]) -> tuple[int, ...]:
    """Remember that nobody hears of this task."""
    found = deserted.setdefault((task.campaign, task.unit), Deserted(task))
    found.count += 1
    if task.due_on < found.first.due_on:
        found.first = task
    return ()


def _for_office(deserted: dict[tuple[int, int], Deserted], staff: Staff) -> list[Due]:
    names = Unit.objects.in_bulk({unit for _, unit in deserted})
    return [_of_unit(each, names[unit], staff) for (_, unit), each in deserted.items()]


def _of_unit(deserted: Deserted, unit: Unit, staff: Staff) -> Due:
    first = deserted.first
    label = f"{unit} 没有联络员，{deserted.count} 项临期或逾期任务无人办理"
    subject = f"campaign/{first.campaign}/unit/{unit.pk}"
    return Due(subject, first.kind, first.due_on, label, "确定联络员并督促办理", staff.office(first))
