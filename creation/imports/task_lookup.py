"""Find the tasks that a person may write on, by code and unit."""

from collections import defaultdict

from creation.audit.actor import Actor
from creation.imports import headings, level_marks, values
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.unit_names import UnitNames
from creation.imports.unread import READ_ONLY
from creation.models import Campaign, Task, Unit
from creation.models.task import TaskQuerySet
from creation.rules.policy import Permission

TITLE = 400  # characters of a cell with code and title


def writable_tasks(campaign: Campaign, actor: Actor) -> TaskQuerySet:
    """Return the tasks in ledger order, with every join a line needs."""
    reach = actor.human.permission_filter(
        Permission.TASK_DRAFT, district="campaign__district", campaign="campaign", unit="unit"
    )
    return Task.objects.active().filter(reach, campaign=campaign).for_table().in_ledger_order()


def _with_title(tasks: list[Task], reader: RowReader) -> list[Task]:
    """Return those of several tasks that have the title of the row, or all if none has."""
    if not reader.has("title") or reader.is_blank("title"):
        return tasks
    if len(tasks) < 2:
        reader.leave("title", READ_ONLY)
        return tasks
    title = headings.normalized(reader.text("title", TITLE))
    return [task for task in tasks if headings.normalized(task.title) in title] or tasks


def _code(reader: RowReader) -> str:
    """Return the code of the row, also of a cell that has it before the title."""
    found = values.code_in(reader.shown("code"))
    if found:
        reader.use("code")
    return found or reader.code("code")


class TaskLookup:
    """Lookup by code and unit. The unit may be omitted by a person who writes for only one unit."""

    def __init__(self, context: ImportContext) -> None:
        self.found: dict[tuple[str, int], list[Task]] = defaultdict(list)
        self.units: dict[int, Unit] = {}
        for task in writable_tasks(context.campaign, context.actor):
            self.found[task.code, task.unit_id].append(task)
            self.units[task.unit_id] = task.unit
        self.names = UnitNames(
            self.units.values(), context.campaign.district.name, context.answers, context.unit_aliases
        )

    def find(self, reader: RowReader) -> Task | None:
        """Return the task of this row, or None with an error in the reader, or None while the unit is asked about."""
        code, name = _code(reader), reader.text("unit", 80)
        unit = self.names.find(name) if name else next(iter(self.units.values())) if len(self.units) == 1 else None
        if not code or unit == "" or reader.errors:
            return None
        if not isinstance(unit, Unit):
            reader.add_error("unit", f"“{name}”不是您可以填报的单位" if name else "没有填写单位")
            return None
        tasks = self.found.get((code, unit.pk)) or self.found.get((level_marks.with_hyphens(code), unit.pk), [])
        tasks = _with_title(tasks, reader)
        if len(tasks) != 1:
            several = f"{unit}的 {code} 有 {len(tasks)} 项任务，分不清是哪一项，请在网页上填写"
            reader.add_error("code", several if tasks else f"{unit}没有编号为 {code} 的任务")
            return None
        return tasks[0]
