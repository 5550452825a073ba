"""指标数据: readings of measures. A row is a measure of a unit in a period; a row without figures changes nothing."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q

from creation.audit.actor import Actor
from creation.imports import row_reader, values
from creation.imports.headings import ImportColumn, normalized, without_brackets
from creation.imports.import_plan import FieldChange, ImportPlan, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.task_lookup import TaskLookup, writable_tasks
from creation.lib.refusals import Refusal
from creation.models import Campaign, Measure, Reading, Task
from creation.rules import names
from creation.rules.targets import Figures, MeasureKind, swings
from creation.tasks import measure_readings, workflow
from creation.tasks.measure_readings import FIGURES, ReadingEntry, ReadingSlot

COLUMNS = (
    ImportColumn("code", "编号", ("要点编号", "指标编号"), required=True, own=True),
    ImportColumn("unit", "单位", ("责任单位", "填报单位")),
    ImportColumn("measure", "测量项", ("指标名称", "量化指标", "名称"), required=True, own=True),
    ImportColumn("period", "期间", ("周期", "时期", "统计期间")),
    ImportColumn("numerator", "分子", own=True),
    ImportColumn("denominator", "分母", own=True),
    ImportColumn(
        "pair",
        "分子/分母",
        ("分子、分母", "分子÷分母", "分子及分母", "分子分母"),
        own=True,
        exported=False,
        told=r"(\d+(?:\.\d+)?[/÷]\d+(?:\.\d+)?)(?:[=,(].*)?",
        unless=frozenset({"numerator", "denominator"}),
    ),
    ImportColumn("count", "数量", ("次数", "数值"), own=True),
    ImportColumn("day", "日期", ("完成日期",), own=True),
    ImportColumn("note", "说明", ("备注",)),
)
NOTE = 200
YEAR = re.compile(r"(20\d\d)年")
UNIT_OF_HEADING = re.compile(r"(?:[(/,]|单位)([万亿])")
QUARTERS = (("一", "1", "1-3"), ("二", "2", "4-6"), ("三", "3", "7-9"), ("四", "4", "10-12"))
PERIOD = re.compile(
    r"(?:(?P<year>20\d\d)(?:年度?)?)?"
    r"(?:(?:第|Q)?(?P<quarter>[一二三四1-4])季度?|Q(?P<q>[1-4])|(?P<months>1-12|1-3|4-6|7-9|10-12)月份?|全年|年度|本年度?)?"
)


class _Slots:
    """The slots for readings of these tasks, read with two queries."""

    def __init__(self, campaign: Campaign) -> None:
        self.year = campaign.year
        self.measures: dict[int, list[Measure]] = {}
        for measure in Measure.objects.filter(indicator__system=campaign.system_id).order_by("pk"):
            self.measures.setdefault(measure.indicator_id, []).append(measure)
        existing = Reading.objects.filter(
            measure__indicator__system=campaign.system_id, period__startswith=str(self.year)
        )
        self.readings = {
            (row.measure_id, row.unit_id, row.period): row for row in existing.select_related("measure", "updated_by")
        }
        years = Q(period__startswith=str(self.year)) | Q(period__startswith=str(self.year - 1))
        earlier = Reading.objects.filter(years, unit__district=campaign.district_id).order_by("pk")
        self.earlier = {
            (row.measure.indicator.key, row.measure.name, row.unit_id, row.period): row
            for row in earlier.select_related("measure__indicator")
        }

    def swing(self, task: Task, slot: ReadingSlot, figures: Figures) -> str:
        """Like ``measure_readings.swing``, from rows that were read once for the whole table."""
        key = task.indicator.key if task.indicator else ""
        period = measure_readings.period_before(slot.period)
        before = self.earlier.get((key, slot.measure.name, task.unit_id, period))
        return measure_readings.as_text(before) if before and swings(figures, before.figures) else ""

    def of(self, task: Task) -> Iterator[ReadingSlot]:
        for measure in self.measures.get(task.indicator_id or 0, []):
            for period, label in measure_readings.periods(measure, self.year):
                yield ReadingSlot(measure, period, label, self.readings.get((measure.pk, task.unit_id, period)))


def plan(context: ImportContext) -> ImportPlan:
    tasks, slots, seen = TaskLookup(context), _Slots(context.campaign), dict[tuple[int, str], str]()
    lines = [_line(reader, tasks, slots, seen) for reader in row_reader.readers(context, COLUMNS)]
    return ImportPlan(context.layout, lines, list(tasks.names.questions.values()))


def _line(reader: RowReader, tasks: TaskLookup, slots: _Slots, seen: dict[tuple[int, str], str]) -> PlanLine:
    task, name = tasks.find(reader), reader.text("measure", 100)
    line = reader.line(name)
    if task is None or not name:
        return line
    line.title = f"{task.code} {task.unit} {name}"
    slot = _slot(reader, name, list(slots.of(task)))
    if slot is None:
        return line
    if (first := seen.setdefault((task.pk, slot.key), reader.place)) != reader.place:
        reader.add_error("measure", f"与{first}重复")
    given = _figures(reader, slot)
    note = reader.text("note", NOTE)
    if not reader.errors and (note or any(value is not None for value in _values(given))):
        figures = _completed(given, slot)
        if all(value is None for value in _values(figures)):
            reader.leave("note", "没有填写数字，说明不单独导入")
            return line
        note = note or (slot.reading.note if slot.reading else "")
        changed = slot.reading is None or slot.reading.figures != figures
        if changed and not note and (before := slots.swing(task, slot, figures)):
            reader.add_error("note", measure_readings.needs_reason(before).rstrip("。"))
        _compare(reader, line, task, slot, figures, note)
    return line


def _slot(reader: RowReader, name: str, slots: list[ReadingSlot]) -> ReadingSlot | None:
    of_measure = [slot for slot in slots if normalized(slot.measure.name) == normalized(name)] or [
        slot for slot in slots if without_brackets(slot.measure.name) == without_brackets(name)
    ]
    period = reader.text("period", 20)
    years = set() if period else {year for text in _texts_above(reader) for year in YEAR.findall(text)}
    matching = [slot for slot in of_measure if not period or slot.period == period_of(period, int(slot.period[:4]))]
    if len(matching) == 1 and years <= {matching[0].period[:4]}:
        return matching[0]
    if not of_measure:
        reader.add_error("measure", f"这个任务没有测量项“{name}”")
    else:
        known = "、".join(slot.label for slot in of_measure)
        reader.add_error("period", f"请写明期间：{known}")
    return None


def period_of(text: str, year: int) -> str:
    """Return the period as it is stored, such as 2026 or 2026Q1, for 2026年度, 全年, 一季度, 1—3月; ``year`` if it names none."""
    found = PERIOD.fullmatch(names.with_plain_dashes(normalized(text)))
    if not found:
        return ""
    named = found["quarter"] or found["q"] or found["months"] or ""
    quarter = next((number for number, words in enumerate(QUARTERS, 1) if named in words), 0)
    return f"{found['year'] or year}" + (f"Q{quarter}" if quarter else "")


def is_quarter(text: str) -> bool:
    """Return whether a heading is that of a quarter."""
    return "Q" in period_of(text, 2000)


def _texts_above(reader: RowReader) -> list[str]:
    """Return the texts of the lines above the table."""
    sheet, rows = reader.layout.sheet, range(1, reader.layout.top)
    return [normalized(str(sheet.at(row, number))) for row in rows for number in sheet.filled_columns(row)]


def _scale(reader: RowReader, key: str, measure: Measure) -> int:
    """Return by what the figures of the column are to be multiplied: its heading or a line above the table may say 万次."""
    above = re.compile(rf"\(?单位([万亿]){re.escape(measure.unit)}\)?")
    found = UNIT_OF_HEADING.search(normalized(_label(reader, key))) or next(
        filter(None, map(above.fullmatch, _texts_above(reader))), None
    )
    return values.LARGE[found[1]] if found and not measure.unit.startswith(found[1]) else 1


def _label(reader: RowReader, key: str) -> str:
    return reader.layout.label(reader.layout.columns.get(key, 0))


def _figures(reader: RowReader, slot: ReadingSlot) -> Figures:
    """Return the figures of the measure's kind. A figure in a column of another kind or of another year is an error, not ignored."""
    measure, counted = slot.measure, ("numerator", "denominator", "count")
    given: dict[str, Any] = {name: reader.number(name, measure.unit, _scale(reader, name, measure)) for name in counted}
    given["day"] = reader.day("day")
    if pair := reader.pair("pair"):
        given["numerator"], given["denominator"] = pair
    for name in counted:
        years = set(YEAR.findall(normalized(_label(reader, name))))
        if given[name] is not None and years and slot.period[:4] not in years:
            reader.add_error(name, f"这一列的表头写的是 {'、'.join(sorted(years))} 年，这一行是{slot.label}，请核对")
    figures = Figures(**given)
    wanted = "、".join(reader.columns[each].heading for each in FIGURES[MeasureKind(measure.kind)])
    for name in measure_readings.wrong_kind(measure, figures):
        reader.add_error(name, f"这一项只填{wanted}")
    return figures


def _completed(given: Figures, slot: ReadingSlot) -> Figures:
    """Return the figures with those stored already where the cell is empty."""
    if slot.reading is None:
        return given
    stored = figures_of(slot.reading.figures)
    return Figures(**{name: stored[name] if value is None else value for name, value in figures_of(given).items()})


def _values(figures: Figures) -> tuple[Any, ...]:
    return figures.numerator, figures.denominator, figures.count, figures.day


def _compare(reader: RowReader, line: PlanLine, task: Task, slot: ReadingSlot, figures: Figures, note: str) -> None:
    existing = slot.reading
    if existing and (existing.figures, existing.note) == (figures, note):
        return
    if not (task.campaign.is_open and workflow.accepts_answers(task)):
        reader.add_error("", f"任务现为“{task.get_status_display()}”，不能再修改读数")
        return
    after = measure_readings.as_text(Reading(measure=slot.measure, **figures_of(figures)))
    line.created = existing is None
    if existing is None or existing.figures != figures:
        line.changes = [FieldChange("读数", measure_readings.as_text(existing) if existing else "", after)]
    if (existing.note if existing else "") != note:
        line.changes.append(FieldChange("说明", existing.note if existing else "", note))
    line.data = {"task": task, "slot": slot, "figures": figures, "note": note}


def figures_of(figures: Figures) -> dict[str, Any]:
    return dict(zip(("numerator", "denominator", "count", "day"), _values(figures), strict=True))


def apply(context: ImportContext, plan: ImportPlan) -> str:
    entries = [
        ReadingEntry(line.data["task"], line.data["slot"], line.data["figures"], line.data["note"])
        for line in plan.pending_lines
    ]
    try:
        measure_readings.save_readings(entries, context.actor)
    except Refusal as refused:
        raise Refusal(f"没有导入，一项也没有改。{refused}") from refused
    return f"填报 {plan.counts['created']} 项读数、修改 {plan.counts['changed']} 项"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the current table, to be filled in offline."""
    slots = _Slots(campaign)
    for task in writable_tasks(campaign, actor):
        for slot in slots.of(task):
            figures = slot.reading.figures if slot.reading else Figures()
            note = slot.reading.note if slot.reading else ""
            yield task.code, task.unit.short_name, slot.measure.name, slot.label, *map(_cell, _values(figures)), note


def _cell(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
