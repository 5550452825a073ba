"""完成时限 of a checkpoint: the due day of its lead. Assists keep their distance in workdays to it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from creation.imports.import_plan import FieldChange, ImportPlan, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.point_rows import is_own
from creation.imports.row_reader import RowReader
from creation.models import AssignmentRole, Campaign, DueDateOrigin, Holiday, Indicator, Task, TaskStatus
from creation.rules import spoken_days
from creation.rules.deadlines import ASSIST_LEAD, Workdays
from creation.tasks import bulk_changes

REASON = "按导入的任务分解表调整"
LATER = "这个要点还没有下发任务，完成时限本次不导入，下发后再导入一次本表即可"
SEVERAL = "同一个要点写了几个完成时限，完成时限不改动"
APPROVED = "牵头单位的任务已通过审核，完成时限不再改动"
OPEN_ENDED = "不是一个日期，完成时限不改动"


@dataclass
class DueDays:
    """The tasks of each checkpoint."""

    tasks: Mapping[int, list[Task]]
    calendar: Workdays
    is_open: bool
    today: date
    year: int

    @classmethod
    def of(cls, context: ImportContext) -> "DueDays":
        tasks: dict[int, list[Task]] = defaultdict(list)
        for task in (
            Task.objects.active().filter(campaign=context.campaign).exclude(indicator=None).order_by("due_on", "pk")
        ):
            tasks[task.indicator_id or 0].append(task)
        return cls(
            tasks, Holiday.objects.calendar(), context.campaign.is_open, context.actor.today, context.campaign.year
        )

    def plan(self, rows: Sequence[RowReader], line: PlanLine, node: Indicator | None) -> None:
        """Plan the changes of the rows of one checkpoint. An empty cell changes nothing."""
        given = [row for row in rows if is_own(row, "due")] or [rows[0]]
        if len({row.shown("due") for row in given}) > 1:
            for row in given:
                row.leave("due", SEVERAL)
        else:
            for row in given[1:]:
                row.use("due")
            self._plan(given[0], line, node)

    def _plan(self, reader: RowReader, line: PlanLine, node: Indicator | None) -> None:
        if reader.is_blank("due"):
            return
        if reader.is_nothing("due") or spoken_days.is_open_ended(reader.shown("due")):
            reader.leave("due", OPEN_ENDED)
            return
        day = reader.day("due", self.year)
        if day is None:
            return
        tasks = self.tasks.get(node.pk, []) if node else []
        leads = [task for task in tasks if task.role == AssignmentRole.LEAD]
        if not leads:
            reader.leave("due", LATER)
        elif day != leads[-1].due_on:
            self._move(reader, line, day, leads, tasks)

    def _move(self, reader: RowReader, line: PlanLine, day: date, leads: list[Task], tasks: list[Task]) -> None:
        was = leads[-1].due_on
        if all(task.status == TaskStatus.APPROVED for task in leads):
            reader.leave("due", APPROVED)
        elif day < self.today:
            reader.add_error("due", f"新的完成时限 {day} 已经过去，请填今天或以后的日期，或改回 {was or '空'}")
        elif not self.is_open:
            reader.add_error("due", "活动不在进行中，不能改时限，请改回原来的日期或留空")
        else:
            line.data["due"] = [(task.pk, task.version, to.isoformat()) for task, to in self._moved(day, was, tasks)]
            line.changes.append(FieldChange("完成时限", f"{was or ''}", f"{day}"))

    def _moved(self, day: date, was: date | None, tasks: list[Task]) -> Iterator[tuple[Task, date]]:
        usual = was and self.calendar.shift(was, -ASSIST_LEAD)
        for task in tasks:
            if task.status == TaskStatus.APPROVED:
                continue
            if task.role == AssignmentRole.LEAD:
                yield task, day
            elif task.due_on == usual and (to := self.calendar.shift(day, -ASSIST_LEAD)) >= self.today:
                yield task, to


def due_days_of(campaign: Campaign) -> dict[int, date | None]:
    """Return checkpoint → the due day of its lead (the latest, if there are several)."""
    leads = Task.objects.active().filter(campaign=campaign, role=AssignmentRole.LEAD).exclude(indicator=None)
    rows = leads.order_by("due_on").values_list("indicator", "due_on")
    return {indicator: due_on for indicator, due_on in rows if indicator}


def apply(context: ImportContext, plan: ImportPlan) -> None:
    by_day: dict[str, dict[int, int]] = defaultdict(dict)
    for line in plan.pending_lines:
        for key, version, day in line.data.get("due", ()):
            by_day[day][key] = version
    for day, seen in sorted(by_day.items()):
        bulk_changes.change_due_day(
            context.campaign, seen, date.fromisoformat(day), REASON, context.actor, DueDateOrigin.IMPORT
        )
