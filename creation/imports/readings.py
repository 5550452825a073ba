"""指标读数: what units measured. A row is a measure of a unit in a period; an empty row changes nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from creation.audit.trail import Actor
from creation.imports.headings import Column, plain
from creation.imports.kinds import Case
from creation.imports.plans import Change, Line, Plan, Reader, rows_of
from creation.imports.writable import Tasks, tasks_of
from creation.lib.refusals import Refusal
from creation.models import Campaign, Measure, Reading, Task
from creation.rules.targets import Figures, MeasureKind
from creation.tasks import measuring, workflow
from creation.tasks.measuring import FIGURES, Entry, Slot

COLUMNS = (
    Column("code", "编号", ("要点编号", "指标编号"), required=True),
    Column("unit", "单位", ("责任单位", "填报单位")),
    Column("measure", "测量项", ("指标名称", "量化指标", "名称"), required=True),
    Column("period", "期间", ("周期", "时期", "统计期间")),
    Column("numerator", "分子"),
    Column("denominator", "分母"),
    Column("count", "数量", ("次数", "数值")),
    Column("day", "日期", ("完成日期",)),
    Column("note", "说明", ("备注",)),
)
NOTE = 200


class _Slots:
    """The places for readings of these tasks, read with two queries."""

    def __init__(self, campaign: Campaign) -> None:
        self.year = campaign.year
        self.measures: dict[int, list[Measure]] = {}
        for measure in Measure.objects.filter(indicator__system=campaign.system_id).order_by("pk"):
            self.measures.setdefault(measure.indicator_id, []).append(measure)
        there = Reading.objects.filter(measure__indicator__system=campaign.system_id, period__startswith=str(self.year))
        self.there = {(row.measure_id, row.unit_id, row.period): row for row in there.select_related("measure", "by")}

    def of(self, task: Task) -> Iterator[Slot]:
        for measure in self.measures.get(task.indicator_id or 0, []):
            for period, label in measuring.periods(measure, self.year):
                yield Slot(measure, period, label, self.there.get((measure.pk, task.unit_id, period)))


def plan(case: Case) -> Plan:
    tasks, slots, seen = Tasks(case), _Slots(case.campaign), dict[tuple[int, str], int]()
    lines = [_line(Reader(case.layout, COLUMNS, row), tasks, slots, seen) for row in rows_of(case.layout)]
    return Plan(case.layout, lines, list(tasks.names.questions.values()))


def _line(reader: Reader, tasks: Tasks, slots: _Slots, seen: dict[tuple[int, str], int]) -> Line:
    task, name = tasks.find(reader), reader.text("measure", 100)
    line = Line(reader.row, name, errors=reader.errors)
    if task is None or not name:
        return line
    line.title = f"{task.code} {task.unit} {name}"
    slot = _slot(reader, name, list(slots.of(task)))
    if slot is None:
        return line
    if (first := seen.setdefault((task.pk, slot.key), reader.row)) != reader.row:
        reader.wrong("measure", f"与第 {first} 行重复")
    figures = _figures(reader, slot.measure)
    note = reader.text("note", NOTE) if reader.has("note") else slot.reading.note if slot.reading else ""
    if not reader.errors and any(value is not None for value in _values(figures)):
        _compare(reader, line, task, slot, figures, note)
    return line


def _slot(reader: Reader, name: str, slots: list[Slot]) -> Slot | None:
    of_measure = [slot for slot in slots if plain(slot.measure.name) == plain(name)]
    period = plain(reader.text("period", 20))
    matching = [slot for slot in of_measure if not period or period in (plain(slot.period), plain(slot.label))]
    if len(matching) == 1:
        return matching[0]
    if not of_measure:
        reader.wrong("measure", f"这个任务没有测量项“{name}”")
    else:
        known = "、".join(slot.label for slot in of_measure)
        reader.wrong("period", f"请写明期间：{known}")
    return None


def _figures(reader: Reader, measure: Measure) -> Figures:
    """The figures of the measure's kind; one in a column of another kind is an error, not left out in silence."""
    given: dict[str, Any] = {name: reader.number(name) for name in ("numerator", "denominator", "count")}
    given["day"] = reader.day("day")
    figures = Figures(**given)
    wanted = "、".join(reader.columns[each].heading for each in FIGURES[MeasureKind(measure.kind)])
    for name in measuring.wrong_kind(measure, figures):
        reader.wrong(name, f"这一项只填{wanted}")
    return figures


def _values(figures: Figures) -> tuple[Any, ...]:
    return figures.numerator, figures.denominator, figures.count, figures.day


def _compare(reader: Reader, line: Line, task: Task, slot: Slot, figures: Figures, note: str) -> None:
    there = slot.reading
    if there and (there.figures, there.note) == (figures, note):
        return
    if not (task.campaign.is_open and workflow.takes_answers(task)):
        reader.wrong("", f"任务现为“{task.get_status_display()}”，不能再修改读数")
        return
    after = measuring.as_text(Reading(measure=slot.measure, **figures_of(figures)))
    line.created = there is None
    line.changes = [Change("读数", measuring.as_text(there) if there else "", after)]
    if (there.note if there else "") != note:
        line.changes.append(Change("说明", there.note if there else "", note))
    line.data = {"task": task, "slot": slot, "figures": figures, "note": note}


def figures_of(figures: Figures) -> dict[str, Any]:
    return dict(zip(("numerator", "denominator", "count", "day"), _values(figures), strict=True))


def apply(case: Case, plan: Plan) -> str:
    entries = [
        Entry(line.data["task"], line.data["slot"], line.data["figures"], line.data["note"]) for line in plan.to_do
    ]
    try:
        measuring.enter_many(entries, case.actor)
    except Refusal as refused:
        raise Refusal(f"没有导入，一项也没有改。{refused}") from refused
    return f"填报 {plan.counts['created']} 项读数、修改 {plan.counts['changed']} 项"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """The table as it stands, to be filled in offline."""
    slots = _Slots(campaign)
    for task in tasks_of(campaign, actor):
        for slot in slots.of(task):
            figures = slot.reading.figures if slot.reading else Figures()
            note = slot.reading.note if slot.reading else ""
            yield task.code, task.unit.short_name, slot.measure.name, slot.label, *map(_cell, _values(figures)), note


def _cell(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
