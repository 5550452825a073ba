"""The holders of each role on a day, and the recipients of a task's reminders."""

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
    RuleAudience.INSPECTOR: Role.INSPECTOR,
}
REQUESTED_ACTIONS = {
    TaskStatus.OPEN: "报送",
    TaskStatus.RETURNED: "修改后重新报送",
    TaskStatus.SIGNING: "审签",
    TaskStatus.PARTIAL: "继续整改后重新报送",
}

UNSIGNABLE = "撤回后重新报送（本单位没有分管领导，无人审签；重新报送直接送创建办）"


class OpenTask(NamedTuple):
    """The columns of a task that the planner needs, which is cheaper than model instances."""

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
    """The holders of all roles, read once for all units."""

    def __init__(self, today: date) -> None:
        rows = Membership.objects.recipients(today, *ROLE_OF_AUDIENCE.values())
        self.by_place: dict[tuple[str, int], list[tuple[int | None, int]]] = defaultdict(list)
        for role, unit, district, campaign, user in rows.values_list("role", "unit", "district", "campaign", "user"):
            self.by_place[role, unit or district].append((campaign, user))

    def holders(self, audience: RuleAudience, where: int, campaign: int) -> tuple[int, ...]:
        """Return the holders. ``where`` is the unit of a unit role, or the district of an office role."""
        memberships = self.by_place.get((ROLE_OF_AUDIENCE[audience], where), ())
        return tuple({user: None for scope, user in memberships if scope in (None, campaign)})

    def task_recipients(self, task: OpenTask, campaign: int) -> tuple[int, ...]:
        """Return the owner if still in the unit, otherwise the unit's liaisons."""
        liaisons = self.holders(RuleAudience.LIAISON, task.unit, campaign)
        if task.owner and task.owner_is_active and (task.owner_unit == task.unit or task.owner in liaisons):
            return (task.owner,)
        return liaisons

    def requested_action(self, status: str, unit: int, campaign: int) -> str:
        """Return what is to be done next. An answer that nobody in the unit can sign is to be taken back and submitted again."""
        if status == TaskStatus.SIGNING and not self.holders(RuleAudience.UNIT_LEADER, unit, campaign):
            return UNSIGNABLE
        return REQUESTED_ACTIONS[TaskStatus(status)]

    def recipients(self, audience: str, task: OpenTask, campaign: int, district: int) -> tuple[int, ...]:
        """Return the recipients. Without a leader, the task's own people are notified; for the office's own items, both are."""
        own = self.task_recipients(task, campaign)
        if audience == RuleAudience.LIAISON:
            return own
        if audience == RuleAudience.UNIT_LEADER:
            return self.holders(RuleAudience.UNIT_LEADER, task.unit, campaign) or own
        return tuple(dict.fromkeys(self.holders(RuleAudience(audience), district, campaign) + own))
