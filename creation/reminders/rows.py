"""What the planner reads: unanswered tasks near their due day, and who hears of each. No query depends on the number of tasks."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from creation.models import CampaignState, Membership, Notice, NoticeKind, Task, TaskStatus, Unit
from creation.policy import Role
from creation.reminders.rules import Due, Told

CHUNK = 2000  # tasks in memory at a time

ASKS = {TaskStatus.OPEN: "报送", TaskStatus.RETURNED: "修改后重新报送", TaskStatus.SIGNING: "审签"}


@dataclass(slots=True)
class Deserted:
    """A unit without anybody to remind: the office is told once, with its nearest due day."""

    first: Task
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

    def hears(self, task: Task) -> tuple[int, ...]:
        """The owner while in the unit, else its liaisons; what waits for a signature is told to the unit's leader."""
        if task.status == TaskStatus.SIGNING:
            leaders = self.holders(Role.UNIT_LEADER, task.unit_id, task.campaign_id)
            if leaders:
                return leaders
        liaisons = self.holders(Role.LIAISON, task.unit_id, task.campaign_id)
        owner = task.owner
        if owner and owner.is_active and (owner.unit_id == task.unit_id or owner.pk in liaisons):
            return (owner.pk,)
        return liaisons

    def office(self, task: Task) -> tuple[int, ...]:
        return self.holders(Role.COORDINATOR, task.campaign.district_id, task.campaign_id)


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


def _chunks(until: date) -> Iterator[list[Task]]:
    """By key, not by one long read: a reader that stays open keeps SQLite's writers from going on."""
    tasks = Task.objects.live().unanswered().due_by(until).filter(campaign__state=CampaignState.OPEN)
    tasks = tasks.select_related("campaign", "phase", "owner", "indicator", "action").only(*COLUMNS).order_by("pk")
    last = 0
    while chunk := list(tasks.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


COLUMNS = (
    "unit_id", "status", "due_on", "campaign__district_id", "phase__kind", "owner__is_active", "owner__unit_id",
    "indicator__code", "indicator__title", "action__code", "action__title",
)  # fmt: skip


def _of_task(task: Task, people: tuple[int, ...]) -> Due:
    assert task.due_on  # noqa: S101 - the query asks for dated ones
    ask = ASKS[TaskStatus(task.status)]
    return Due(f"task/{task.pk}", task.phase.kind, task.due_on, str(task), ask, people, task.pk)


def _note(task: Task, deserted: dict[tuple[int, int], Deserted]) -> tuple[int, ...]:
    """Remember that nobody hears of this task."""
    found = deserted.setdefault((task.campaign_id, task.unit_id), Deserted(task))
    found.count += 1
    if task.due_on and found.first.due_on and task.due_on < found.first.due_on:
        found.first = task
    return ()


def _for_office(deserted: dict[tuple[int, int], Deserted], staff: Staff) -> list[Due]:
    names = Unit.objects.in_bulk({unit for _, unit in deserted})
    return [_of_unit(each, names[unit], staff) for (_, unit), each in deserted.items()]


def _of_unit(deserted: Deserted, unit: Unit, staff: Staff) -> Due:
    first = deserted.first
    assert first.due_on  # noqa: S101
    label = f"{unit} 没有联络员，{deserted.count} 项到期任务无人办理"
    subject = f"campaign/{first.campaign_id}/unit/{unit.pk}"
    return Due(subject, first.phase.kind, first.due_on, label, "确定联络员并督促办理", staff.office(first))
