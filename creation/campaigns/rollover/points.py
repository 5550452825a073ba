"""A point of work that outlives a campaign: a checkpoint by its key, an action by its phase and code; and who owned it by name."""

from datetime import date

from django.db.models import F, Q, QuerySet

from creation.models import Campaign, Citation, Membership, Task, User
from creation.rules.policy import Role

Point = tuple[str, str]  # "", key of a checkpoint | kind of the phase, code of an action
OF_TASK = ("indicator__key", "action__phase__kind", "action__code")


def point(key: str | None, kind: str | None, code: str | None) -> Point:
    """From the values of ``OF_TASK``."""
    return ("", key) if key is not None else (kind or "", code or "")


def of(task: Task) -> Point:
    if task.indicator:
        return "", task.indicator.key
    return (task.phase.kind, task.action.code) if task.action else ("", "")


def at(task: Task, prefix: str = "") -> Q:
    """The same point in another campaign, for rows that reach a task through ``prefix``."""
    kind, name = of(task)
    if task.indicator_id:
        return Q(**{f"{prefix}indicator__key": name})
    return Q(**{f"{prefix}action__phase__kind": kind, f"{prefix}action__code": name})


def cited(campaign: Campaign) -> QuerySet[Citation]:
    """What the campaign's tasks cite and nobody has hidden or deleted."""
    return Citation.objects.live().filter(task__campaign=campaign, task__dropped_on=None)


def named_owners(previous: Campaign) -> QuerySet[Task]:
    """Tasks whose owner the office had named, and which still have that owner."""
    named = Task.objects.live().filter(campaign=previous, owner_changes__new_owner=F("owner"))
    return named.select_related("owner", "unit", "indicator", "action", "phase").distinct()


def able(campaign: Campaign, today: date) -> set[tuple[int, int | None]]:
    """Person and unit of whoever can own a unit's tasks."""
    held = Membership.objects.recipients(today, Role.LIAISON, Role.CLERK).for_campaign(campaign)
    return set(held.values_list("user", "unit"))


def owners(campaign: Campaign, today: date) -> dict[tuple[int, Point], User]:
    """Unit and point → the person who owned it by name last year and still can; empty for a campaign that was not rolled forward."""
    if campaign.previous is None:
        return {}
    still = able(campaign, today)
    return {
        (task.unit_id, of(task)): task.owner
        for task in named_owners(campaign.previous)
        if task.owner and (task.owner.pk, task.unit_id) in still
    }
