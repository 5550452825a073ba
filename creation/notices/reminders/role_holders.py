"""Who holds which seat on a day, and who hears of a task."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from creation.models import Membership, RuleAudience, TaskStatus
from creation.rules.policy import Role

ROLE_OF_AUDIENCE: dict[RuleAudience, Role] = {
    RuleAudience.LIAISON: Role.LIAISON,
    RuleAudience.UNIT_LEADER: Role.UNIT_LEADER,
    RuleAudience.OFFICE: Role.COORDINATOR,
    RuleAudience.REVIEWER: Role.REVIEWER,
}
REQUESTED_ACTIONS = {TaskStatus.OPEN: "报送", TaskStatus.RETURNED: "修改后重新报送", TaskStatus.SIGNING: "审签"}


class OpenTask(NamedTuple):
    """What the planner needs of a task, without the price of the model's objects."""

    pk: int
    unit: int
    unit_name: str
    due_on: date
    status: str
    owner: int | None
    owner_is_active: bool
    owner_unit: int | None
    code: str
    title: str


class RoleHolders:
    """Read once for all units."""

    def __init__(self, today: date) -> None:
        rows = Membership.objects.recipients(today, *ROLE_OF_AUDIENCE.values())
        self.by_place: dict[tuple[str, int], list[tuple[int | None, int]]] = defaultdict(list)
        for role, unit, district, campaign, user in rows.values_list("role", "unit", "district", "campaign", "user"):
            self.by_place[role, unit or district].append((campaign, user))

    def holders(self, audience: RuleAudience, where: int, campaign: int) -> tuple[int, ...]:
        """``where`` is the unit of a unit role, the district of an office role."""
        memberships = self.by_place.get((ROLE_OF_AUDIENCE[audience], where), ())
        return tuple({user: None for scope, user in memberships if scope in (None, campaign)})

    def task_recipients(self, task: OpenTask, campaign: int) -> tuple[int, ...]:
        """The owner while in the unit, else its liaisons."""
        liaisons = self.holders(RuleAudience.LIAISON, task.unit, campaign)
        if task.owner and task.owner_is_active and (task.owner_unit == task.unit or task.owner in liaisons):
            return (task.owner,)
        return liaisons

    def recipients(self, audience: str, task: OpenTask, campaign: int, district: int) -> tuple[int, ...]:
        """Where nobody holds the seat of a leader, the task's own people hear; of the office's own items both hear."""
        own = self.task_recipients(task, campaign)
        if audience == RuleAudience.LIAISON:
            return own
        if audience == RuleAudience.UNIT_LEADER:
            return self.holders(RuleAudience.UNIT_LEADER, task.unit, campaign) or own
        return tuple(dict.fromkeys(self.holders(RuleAudience(audience), district, campaign) + own))
