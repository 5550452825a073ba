"""Changes of due dates and owners that were kept in the sentences of task events become rows.

Only what the system itself wrote is read: the beginning of the note of a bulk change, the end of the others, and for a return the
day that its review names. What a person typed is never taken for a change. The events keep their text.
"""

import re
from collections import defaultdict
from datetime import date

from django.db import migrations

DAY = r"(\d{4}-\d{2}-\d{2})"
FORMER = "原时限(?: " + DAY + "|待定)"
BULK = re.compile(FORMER + "，时限改为 " + DAY + r"(?:（休息日，请在 \d{4}-\d{2}-\d{2} 前办结）)?。(.*)", re.DOTALL)
PHASE = re.compile("(.*)；时限(?:改为 " + DAY + "|待定)（" + FORMER + "）", re.DOTALL)
ENDING = re.compile("(.*)（" + FORMER + "）", re.DOTALL)
GRANTED = re.compile("同意延至 " + DAY)
OWNER = re.compile("责任人由 (.*) 改为 (.*)", re.DOTALL)
IMPORTED = "按导入的任务分解表调整"
NOT_TOLD = object()


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    _due_dates(apps, alias)
    _owners(apps, alias)


def _due_dates(apps, alias):
    TaskEvent, DueDateChange = apps.get_model("creation", "TaskEvent"), apps.get_model("creation", "DueDateChange")
    Task = apps.get_model("creation", "Task")
    reviews = _reviewed(apps, alias)
    events = TaskEvent.objects.using(alias).filter(note__contains="原时限").order_by("at", "pk")
    found, left = defaultdict(list), 0
    for event in events.iterator(chunk_size=2000):
        if read := _read(event, reviews):
            found[event.task_id].append((event, *read))
        else:
            left += 1
    now = dict(Task.objects.using(alias).values_list("pk", "due_on"))
    rows = []
    for task, changes in found.items():
        following = [old for _, _, old, _, _ in changes[1:]] + [now.get(task)]
        for (event, origin, old, new, reason), later in zip(changes, following, strict=True):
            new = later if new is NOT_TOLD else new
            if old == new:
                left += 1
                continue
            rows.append(
                DueDateChange(
                    task_id=task,
                    old_due_on=old,
                    new_due_on=new,
                    origin=origin,
                    reason=reason,
                    changed_by_id=event.by_id,
                    changed_at=event.at,
                )
            )
    DueDateChange.objects.using(alias).bulk_create(rows, batch_size=500)
    if left:
        print(f"\n    有 {left} 条任务动态提到“原时限”，但不是系统记下的时限变动，没有作为变动记录；文字仍在任务动态里。")


def _reviewed(apps, alias):
    """New due days that reviews named, by task, moment and person: a review and its event carry the same."""
    Review = apps.get_model("creation", "Review")
    rows = Review.objects.using(alias).exclude(new_due_on=None)
    keys = rows.values_list("submission__task_id", "at", "by_id", "new_due_on")
    return {(task, at, by): day for task, at, by, day in keys.iterator()}


def _read(event, reviews):
    """Origin, former day, new day (NOT_TOLD where the note does not say it) and reason; None where the system wrote no change."""
    if event.move == "due":
        if told := BULK.fullmatch(event.note):
            origin = "import" if told[3] == IMPORTED else "bulk"
            return origin, _day(told[1]), _day(told[2]), told[3]
        if told := PHASE.fullmatch(event.note):
            return "phase", _day(told[3]), _day(told[2]), told[1]
        return None
    told = ENDING.fullmatch(event.note)
    if told is None:
        return None
    if event.move == "extension":
        granted = GRANTED.fullmatch(event.label)
        return ("extension", _day(told[2]), _day(granted[1]), told[1]) if granted else None
    if event.move == "return":
        new = reviews.get((event.task_id, event.at, event.by_id))
        return ("return", _day(told[2]), new, told[1]) if new else None
    return ("reopen", _day(told[2]), NOT_TOLD, told[1]) if event.move == "reopen" else None


def _day(text):
    return date.fromisoformat(text) if text else None


def _owners(apps, alias):
    """The named owners of tasks: by name, as the events have it. A name that two people of the district bear is not guessed."""
    TaskEvent, OwnerChange = apps.get_model("creation", "TaskEvent"), apps.get_model("creation", "OwnerChange")
    people = defaultdict(list)
    users = apps.get_model("creation", "User").objects.using(alias).exclude(unit=None)
    for pk, name, district in users.values_list("pk", "name", "unit__district"):
        people[district, name].append(pk)
    events = TaskEvent.objects.using(alias).filter(move="owner").select_related("task__unit", "task__owner")
    rows = []
    for event in events.order_by("at", "pk").iterator(chunk_size=2000):
        told = OWNER.fullmatch(event.note)
        if told is None:
            continue
        old, new = (_person(event.task, name, people) for name in told.groups())
        if new:
            rows.append(
                OwnerChange(
                    task_id=event.task_id,
                    old_owner_id=old,
                    new_owner_id=new,
                    changed_by_id=event.by_id,
                    changed_at=event.at,
                )
            )
    OwnerChange.objects.using(alias).bulk_create(rows, batch_size=500)


def _person(task, name, people):
    if task.owner_id and task.owner.name == name:
        return task.owner_id
    found = people[task.unit.district_id, name]
    return found[0] if len(found) == 1 else None


class Migration(migrations.Migration):
    dependencies = [("creation", "0002_changes_as_rows")]
    operations = [migrations.RunPython(fill)]
