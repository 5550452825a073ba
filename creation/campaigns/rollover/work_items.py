"""A work item outlives a campaign: a checkpoint is identified by its key, an action by its phase and code. Also who owned it by name."""

from datetime import date

from django.db.models import F, Q, QuerySet

from creation.models import Campaign, Citation, Membership, Task, User
from creation.rules.policy import Role

WorkItemKey = tuple[str, str]  # ("", key of a checkpoint) or (kind of the phase, code of an action)
KEY_FIELDS = ("indicator__key", "action__phase__kind", "action__code")


def work_item_key(key: str | None, kind: str | None, code: str | None) -> WorkItemKey:
    """Return the key from the values of ``KEY_FIELDS``."""
    return ("", key) if key is not None else (kind or "", code or "")


def key_of(task: Task) -> WorkItemKey:
    if task.indicator:
        return "", task.indicator.key
    return (task.phase.kind, task.action.code) if task.action else ("", "")


def same_item(task: Task, prefix: str) -> Q:
    """Filter for the same work item in another campaign, for rows that reach a task through ``prefix``."""
    kind, name = key_of(task)
    if task.indicator_id:
        return Q(**{f"{prefix}indicator__key": name})
    return Q(**{f"{prefix}action__phase__kind": kind, f"{prefix}action__code": name})


def citations_of(campaign: Campaign) -> QuerySet[Citation]:
    """Return the campaign's citations that are neither hidden nor deleted."""
    return Citation.objects.counting().filter(task__campaign=campaign, task__dropped_on=None)


def named_owners(previous: Campaign) -> QuerySet[Task]:
    """Return the tasks whose owner was named by the office and has not changed."""
    named = Task.objects.active().filter(campaign=previous, owner_changes__new_owner=F("owner"))
    return named.select_related("owner", "unit", "indicator", "action", "phase").distinct()


def eligible_owners(campaign: Campaign, today: date) -> set[tuple[int, int | None]]:
    """Return (person, unit) of everybody who may own a unit's tasks."""
    memberships = Membership.objects.recipients(today, Role.LIAISON, Role.CLERK).for_campaign(campaign)
    return set(memberships.values_list("user", "unit"))


def previous_owners(campaign: Campaign, today: date) -> dict[tuple[int, WorkItemKey], User]:
    """Return (unit, work item) → last year's named owner, if still eligible; empty for a campaign that was not rolled forward."""
    if campaign.previous is None:
        return {}
    eligible = eligible_owners(campaign, today)
    return {
        (task.unit_id, key_of(task)): task.owner
        for task in named_owners(campaign.previous)
        if task.owner and (task.owner.pk, task.unit_id) in eligible
    }
