"""问题清单: findings and the units that have to rectify them. Rows with the same 序号 one below the other are one finding; each unit has
a rectification and a due day of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from creation.audit.actor import Actor
from creation.imports import finding_cells, point_rows, row_reader, values
from creation.imports.finding_cells import COLUMNS, IGNORED, FindingLookup, UnitRow
from creation.imports.import_plan import FieldChange, ImportPlan, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.unread import READ_ONLY
from creation.models import Campaign, Finding, Severity, Task, TaskStatus, Unit
from creation.supervision import findings, rectifications
from creation.supervision.findings import LABELS, FindingText

__all__ = ["COLUMNS", "IGNORED", "FindingGroup", "plan", "rows"]

OF_FINDING = ("code", *LABELS)  # columns that say the same in each row of a finding
ALONE = "只写了单位，整改措施和时限按上面一行的读入，请核对。"
DIFFERS = "和{place}是同一个问题，这一格却不一样。请写成一样的或留空；不是同一个问题的，请换一个序号"
PLAN_LABELS = {"measures": "整改措施", "leader": "责任领导", "person": "责任人"}


@dataclass
class FindingGroup:
    """The rows of one finding. ``text``: what it is to be; ``finding``: the one there is already, if any.

    ``new``: units that get a rectification, with their due days; ``moved``: rectifications with another due day; ``plans``: what is written
    about the measures of a unit.
    """

    readers: list[RowReader]
    finding: Finding | None = None
    text: FindingText | None = None
    rewritten: bool = False
    new: dict[Unit, date | None] = field(default_factory=dict)
    moved: list[tuple[Task, date]] = field(default_factory=list)
    plans: dict[Unit, dict[str, str]] = field(default_factory=dict)

    @property
    def first(self) -> RowReader:
        return self.readers[0]


def plan(context: ImportContext) -> ImportPlan:
    lookup = FindingLookup(context)
    existing = _rectifications(context.campaign)
    lines, groups = [], []
    for group in _groups(row_reader.readers(context, COLUMNS)):
        found = _lines(group, lookup, existing)
        is_closed = group.finding is None and finding_cells.is_closed(group.first, lookup)
        if is_closed and context.answers.get(finding_cells.CLOSED) == finding_cells.SKIP:
            for reader in group.readers:
                reader.leave_row(row_reader.CLOSED)
        else:
            lines += found
            groups.append(group)
    _refuse_twice(groups)
    questions = [*lookup.questions.values(), *lookup.names.questions.values()]
    notes = [*lookup.names.notes, *row_reader.carried_notes(lookup.carried)]
    notes += row_reader.carried_notes(lookup.alone, ALONE)
    return ImportPlan(context.layout, lines, questions, notes)


def _rectifications(campaign: Campaign) -> dict[tuple[int, int], Task]:
    """Return the rectifications by finding and unit, also those that ended: a unit gets one for a finding only once."""
    tasks = rectifications.in_order(Task.objects.rectifications().filter(campaign=campaign))
    rows = tasks.select_related("unit", "finding", "rectification_plan")
    return {(task.finding_id or 0, task.unit_id): task for task in rows}


def _groups(readers: list[RowReader]) -> Iterator[FindingGroup]:
    group: FindingGroup | None = None
    for reader in readers:
        if group and _continues(group.readers[-1], reader):
            group.readers.append(reader)
            reader.errors = group.first.errors
        else:
            if group:
                yield group
            group = FindingGroup([reader])
    if group:
        yield group


def _continues(above: RowReader, reader: RowReader) -> bool:
    """Return whether the row is about the same finding as the one above: by its number, merged cells, or because it names only units."""
    if above.sheet != reader.sheet or above.row + 1 != reader.row:
        return False
    if _is_given(reader, "code"):
        return above.shown("code") == reader.shown("code")
    if _is_given(reader, "number"):
        if above.first_row("number") == reader.first_row("number") and _has_own_words(above, reader):
            return False  # several findings under one number, each with its own words
        return above.shown("number") == reader.shown("number")
    words = [key for key in ("title", "text") if _is_given(reader, key)]
    return all(above.first_row(key) == reader.first_row(key) or above.shown(key) == reader.shown(key) for key in words)


def _has_own_words(above: RowReader, reader: RowReader) -> bool:
    words = [key for key in ("title", "text") if point_rows.is_own(reader, key)]
    return any(reader.shown(key) != above.shown(key) for key in words)


def _is_given(reader: RowReader, key: str) -> bool:
    return reader.has(key) and not reader.is_blank(key)


def _lines(group: FindingGroup, lookup: FindingLookup, existing: dict[tuple[int, int], Task]) -> list[PlanLine]:
    first = group.first
    for reader in group.readers[1:]:
        for key in OF_FINDING:
            if _is_given(reader, key):
                reader.text(key, finding_cells.TEXT)  # read, so that it is not listed as unused
                if reader.shown(key) != first.shown(key):
                    reader.add_error(key, DIFFERS.format(place=first.place))
    given = finding_cells.wording_of(first, lookup)
    group.finding = finding_cells.finding_of(first, lookup) or _same_wording(given, lookup)
    for reader in group.readers if group.finding or not finding_cells.says_closed(first) else ():
        if _is_given(reader, "state"):
            reader.leave("state", READ_ONLY)
    lines = [reader.line(given.get("title", "")) for reader in group.readers]
    changes = _wording(group, given, lookup)
    seen: dict[int, str] = {}
    above: list[UnitRow] = []
    for number, (reader, line) in enumerate(zip(group.readers, lines, strict=True)):
        reader.text("number", finding_cells.NUMBER)
        line.changes = changes if number == 0 else []
        above = _with_rest(reader, finding_cells.units_of(reader, lookup), above, lookup)
        for row in above:
            if (place := seen.setdefault(row.unit.pk, row.place)) != row.place:
                reader.add_error("units", f"“{row.unit}”在{place}已经写过这个问题")
            line.changes = [*line.changes, *_of_unit(group, row, reader, lookup, existing)]
        line.created = group.finding is None and bool(line.changes)
        line.title = group.text.title if group.text else line.title
        line.data = {"group": group}
    return lines


def _with_rest(reader: RowReader, rows: list[UnitRow], above: list[UnitRow], lookup: FindingLookup) -> list[UnitRow]:
    """Return the units of the row; one that names nothing else has the due day and the plan of the row above, as if they were merged."""
    others = [key for key in reader.columns if key not in ("units", "helpers")]
    if not (rows and above) or any(point_rows.is_own(reader, key) for key in others):
        return rows
    if any(row.due_on or row.plan for row in rows) or not (above[0].due_on or above[0].plan):
        return rows
    lookup.alone.append(reader.layout.sheet.place(reader.row, reader.layout.columns["units"])[0])
    return [replace(row, due_on=above[0].due_on, plan=above[0].plan) for row in rows]


def _same_wording(given: dict[str, Any], lookup: FindingLookup) -> Finding | None:
    """Return the finding that says the same, so that a table imported twice changes nothing."""
    source = given.get("source")
    alike = lookup.by_wording.get((given.get("title", ""), given.get("text", "")), ())
    return next((each for each in alike if source is None or source.pk == each.source_id), None)


def _wording(group: FindingGroup, given: dict[str, Any], lookup: FindingLookup) -> list[FieldChange]:
    """Set what the finding is to be; return how that differs from what it is."""
    if group.finding:
        before = findings.text_of(group.finding)
        differing = {name: value for name, value in given.items() if not _is_same(getattr(before, name), value)}
        if differing.get("source", before.source) is None:
            return []  # the source is asked about
        group.text, group.rewritten = replace(before, **differing), bool(differing)
        return _changes(findings.as_data(before), findings.as_data(group.text))
    if "title" not in given:
        if not group.first.errors:
            group.first.add_error("title" if group.first.has("title") else "text", "没有填写")
        return []
    source = given["source"] if "source" in given else lookup.source("")
    if source is None:
        return []
    group.text = FindingText(**(given | {"source": source}))
    return _changes({}, findings.as_data(group.text))


def _is_same(stored: Any, value: Any) -> bool:
    return values.plain(stored) == value if isinstance(stored, str) and isinstance(value, str) else stored == value


def _changes(before: dict[str, str], after: dict[str, str]) -> list[FieldChange]:
    return [
        FieldChange(LABELS[name], before.get(name, ""), text)
        for name, text in after.items()
        if text != before.get(name, "")
    ]


def _of_unit(
    group: FindingGroup,
    row: UnitRow,
    reader: RowReader,
    lookup: FindingLookup,
    existing: dict[tuple[int, int], Task],
) -> list[FieldChange]:
    """Plan what the row says about one unit; return the changes."""
    task = existing.get((group.finding.pk, row.unit.pk)) if group.finding else None
    found: list[FieldChange] = []
    if task and task.dropped_on:
        reader.add_error("units", f"{row.unit}对这个问题的整改已经终止，不能再下发，请删去这个单位")
        return found
    if task is None:
        if row.due_on and row.due_on < lookup.today:
            reader.add_error("due", f"完成时限 {row.due_on} 已经过去，请填今天或以后的日期")
        group.new[row.unit] = row.due_on
        found.append(FieldChange("整改单位", "", f"{row.unit}，{f'{row.due_on} 前' if row.due_on else '时限待定'}"))
    elif row.due_on and row.due_on != task.due_on:
        if sentence := _due_refusal(task, row.due_on, lookup):
            reader.add_error("due", sentence)
        group.moved.append((task, row.due_on))
        found.append(FieldChange(f"{row.unit} 完成时限", f"{task.due_on or '待定'}", f"{row.due_on}"))
    known = getattr(task, "rectification_plan", None) if task else None
    changed = {key: text for key, text in row.plan.items() if values.plain(getattr(known, key, "")) != text}
    if changed and task and task.status == TaskStatus.APPROVED:
        reader.add_error(next(iter(changed)), f"{row.unit}已销号，整改方案不能再改动")
    elif changed and known and not lookup.may_draft:
        reader.add_error(next(iter(changed)), f"{row.unit}已填写整改方案，由单位自己修改，请写成一样的或留空")
    if changed:
        group.plans[row.unit] = changed
        found += [
            FieldChange(f"{row.unit} {PLAN_LABELS[key]}", getattr(known, key, ""), text)
            for key, text in changed.items()
        ]
    return found


def _due_refusal(task: Task, day: date, lookup: FindingLookup) -> str:
    was = task.due_on or "空"
    if task.status == TaskStatus.APPROVED:
        return f"{task.unit}已销号，时限不能再改，请改回 {was}"
    if not lookup.may_plan:
        return f"已下发的整改由综合协调组调整时限，请改回 {was}"
    return f"新的完成时限 {day} 已经过去，请填今天或以后的日期，或改回 {was}" if day < lookup.today else ""


def _refuse_twice(groups: list[FindingGroup]) -> None:
    """Add an error where two places of the table are about the same finding."""
    seen: dict[int, RowReader] = {}
    for group in groups:
        if group.finding and (first := seen.setdefault(group.finding.pk, group.first)) is not group.first:
            sentence = f"和{first.place}是同一个问题（{group.finding.code}）。请把几个单位写在相邻的行，用同一个序号"
            group.first.add_error("title" if group.first.has("title") else "text", sentence)


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the findings in force with the units that rectify them, to be filled in offline."""
    given: dict[int, list[Task]] = {}
    for task in _rectifications(campaign).values():
        if not task.dropped_on:
            given.setdefault(task.finding_id or 0, []).append(task)
    shown = Finding.objects.active().filter(campaign=campaign, pk__in=given).select_related("source", "indicator")
    for number, finding in enumerate(shown.order_by("serial"), 1):
        wording = (
            *(number, finding.code, finding.source.name, finding.source_paper, finding.found_on),
            *(finding.title, finding.text, finding.indicator.code if finding.indicator else "", finding.basis),
            *(finding.demand, Severity(finding.severity).label, "共性" if finding.is_common else "个性"),
        )
        for task in given[finding.pk]:
            known = getattr(task, "rectification_plan", None)
            plan_texts = (known.measures, known.leader, known.person) if known else ("", "", "")
            yield *wording, task.unit.short_name, *plan_texts, task.due_on
