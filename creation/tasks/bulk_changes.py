"""Change the due day or owner of many tasks at once: one reason, one audit entry, one notice for each person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.due_dates import change_due_date
from creation.lib.batches import BATCH, batches
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    Campaign,
    DueDateOrigin,
    Holiday,
    Membership,
    NoticeKind,
    OwnerChange,
    Task,
    TaskEvent,
    TaskStatus,
    User,
)
from creation.people import notifications
from creation.people.recipients import tasks_by_recipient
from creation.rules.deadlines import due_day_text
from creation.rules.policy import Role

NOT_OPEN = "不能再调整任务"

SeenVersions = Mapping[int, int]  # task → the version the person had on screen


@dataclass
class BulkResult:
    """What a bulk change does with each task."""

    changed: list[Task] = field(default_factory=list)
    same: list[Task] = field(default_factory=list)  # already has this value
    finished: list[Task] = field(default_factory=list)  # approved: not changed any more
    stale: list[Task] = field(default_factory=list)  # changed by somebody since it was read
    unowned: list[Task] = field(default_factory=list)  # no owner given for this unit


def change_due_day(
    campaign: Campaign,
    seen: SeenVersions,
    due_on: date,
    reason: str,
    actor: Actor,
    origin: DueDateOrigin = DueDateOrigin.BULK,
) -> BulkResult:
    """Set the due day of the tasks. Raises Refusal for a past day or without a reason."""
    campaign.require_open(NOT_OPEN)
    if due_on < actor.today:
        raise Refusal(f"新时限 {due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")
    require_text(reason, "请填写调整时限的理由，各单位会在通知里看到。")
    with transaction.atomic():
        result = _classify(campaign, seen, lambda task: task.due_on == due_on)
        note = f"时限改为 {due_day_text(due_on, Holiday.objects.calendar())}。{reason.strip()}"
        _write_events(
            result.changed, "due", "调整时限", {task.pk: _former_due(task) + note for task in result.changed}, actor
        )
        for some in batches([task.pk for task in result.changed]):
            change_due_date(Task.objects.filter(pk__in=some), due_on, origin, reason.strip(), actor)
        _audit(campaign, "task.due", result.changed, note, actor)
        for person, tasks in tasks_by_recipient(result.changed, actor).values():
            _tell(person, tasks, note, "due", campaign, actor)
    return result


def _former_due(task: Task) -> str:
    return f"原时限 {task.due_on:%Y-%m-%d}，" if task.due_on else "原时限待定，"


def change_owner(campaign: Campaign, seen: SeenVersions, owners: Mapping[int, User], actor: Actor) -> BulkResult:
    """Set the owner of the tasks to the one that ``owners`` (unit → person) names for their unit.

    Raises Refusal for a person who is neither liaison nor 承办人 of the unit.
    """
    campaign.require_open(NOT_OPEN)
    for unit_id, person in owners.items():
        if person.pk not in {each.pk for each in eligible_owners(campaign, [unit_id], actor.today)}:
            raise Refusal(f"{person.name}不是该单位的联络员或承办人，不能作为责任人。请先在联络员或账号页登记。")
    with transaction.atomic():
        result = _classify(campaign, seen, lambda task: task.owner_id == _pk(owners.get(task.unit_id)))
        result.unowned = [task for task in result.changed if task.unit_id not in owners]
        result.changed = [task for task in result.changed if task.unit_id in owners]
        _change_owner(campaign, result.changed, owners, actor)
    return result


def _change_owner(campaign: Campaign, tasks: list[Task], owners: Mapping[int, User], actor: Actor) -> None:
    notes = {task.pk: f"责任人由 {task.owner or '(空)'} 改为 {owners[task.unit_id]}" for task in tasks}
    _write_events(tasks, "owner", "调整责任人", notes, actor)
    changes = [
        OwnerChange(
            task=task,
            old_owner=task.owner,
            new_owner=owners[task.unit_id],
            changed_by=actor.person,
            changed_at=actor.at,
        )
        for task in tasks
    ]
    OwnerChange.objects.bulk_create(changes, batch_size=BATCH)
    for unit_id, person in owners.items():
        _update([task for task in tasks if task.unit_id == unit_id], owner=person)
    names = "、".join(dict.fromkeys(person.name for person in owners.values()))
    _audit(campaign, "task.owner", tasks, f"责任人改为 {names}", actor)
    for person, theirs in _by_person(tasks, lambda task: owners[task.unit_id]):
        _tell(person, theirs, "现由您负责", "owner", campaign, actor)
    for person, theirs in _by_person(tasks, lambda task: task.owner):
        _tell(person, theirs, "已改由他人负责", "former", campaign, actor)


def _by_person(tasks: list[Task], whose: Callable[[Task], User | None]) -> list[tuple[User, list[Task]]]:
    found: dict[int, tuple[User, list[Task]]] = {}
    for task in tasks:
        person = whose(task)
        if person and person.is_active:
            found.setdefault(person.pk, (person, []))[1].append(task)
    return list(found.values())


def eligible_owners(campaign: Campaign, units: Iterable[int], today: date) -> list[User]:
    """Return who may own tasks of these units: their liaisons and 承办人."""
    memberships = Membership.objects.recipients(today, Role.LIAISON, Role.CLERK).for_campaign(campaign)
    rows = memberships.filter(unit__in=list(units)).select_related("user__unit").order_by("role", "pk")
    people = {m.user_id: m.user for m in reversed(rows)}
    return list(reversed(people.values()))


def _classify(campaign: Campaign, seen: SeenVersions, already: Callable[[Task], bool]) -> BulkResult:
    """Lock the rows, in the order of their keys, and sort them by whether they may change."""
    live_tasks = (
        Task.objects.active().filter(campaign=campaign).for_table().select_for_update(of=("self",)).order_by("pk")
    )
    result = BulkResult()
    for task in live_tasks.in_bulk(list(seen)).values():
        if task.version != seen[task.pk]:
            result.stale.append(task)
        elif task.status == TaskStatus.APPROVED:
            result.finished.append(task)
        else:
            (result.same if already(task) else result.changed).append(task)
    return result


def _pk(person: User | None) -> int | None:
    return person.pk if person else -1


def _update(tasks: Sequence[Task], **values: Any) -> None:
    keys = [task.pk for task in tasks]
    for some in batches(keys):
        Task.objects.filter(pk__in=some).bump(**values)


def _write_events(tasks: list[Task], move: str, label: str, notes: Mapping[int, str], actor: Actor) -> None:
    events = [
        TaskEvent(
            task=task,
            move=move,
            label=label,
            source=task.status,
            target=task.status,
            note=notes[task.pk],
            created_by=actor.person,
            created_at=actor.at,
        )
        for task in tasks
    ]
    TaskEvent.objects.bulk_create(events, batch_size=BATCH)


def _audit(campaign: Campaign, action: str, tasks: list[Task], note: str, actor: Actor) -> None:
    if tasks:
        names = "、".join(f"{task.code} {task.unit}" for task in tasks)
        audit_log.record(actor, action, campaign, detail=f"{len(tasks)} 项：{note}（{names}）")


def _tell(person: User, tasks: list[Task], note: str, what: str, campaign: Campaign, actor: Actor) -> None:
    codes = "、".join(task.code for task in tasks)
    text = f"{tasks[0]}：{note}" if len(tasks) == 1 else f"{len(tasks)} 项任务：{note}（编号 {codes}）"
    notifications.notify(
        person,
        NoticeKind.CHANGED,
        text,
        actor,
        subject=f"campaign/{campaign.pk}",
        dedup_key=f"{what} {actor.at:%Y-%m-%dT%H:%M:%S.%f}",
        task=tasks[0] if len(tasks) == 1 else None,
    )
