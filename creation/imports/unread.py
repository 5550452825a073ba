"""What an import does not use: sheets without the table, columns that are not known, cells above the heading and cells nobody asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from creation.imports import row_reader, table_rows, values
from creation.imports.headings import SheetLayout, normalized
from creation.imports.import_plan import ImportQuestion, LeftCell, cell_name
from creation.imports.kinds import ImportContext, ImportKind
from creation.imports.worksheet import Sheet, column_letters
from creation.lib.strings import shorten

NO_COLUMN = "none"
HIDDEN_SHEET = "隐藏的工作表，没有读取。要导入的请取消隐藏"
OTHER_SHEET = "没有同样的表头，没有读取。要导入的请把表头写得与“{0}”一样，或另存为单独的文件导入"
ABOVE, UNKNOWN, READ_ONLY = "表头以上的标题和说明，不导入", "这一列不认得，没有导入", "这一列只供阅读，不导入"
UNUSED = "没有用到"
CONTINUED, CONTINUES, STANDS_ALONE, MIN_WIDTH = "continued", "yes", "no", 3
LISTED, QUOTED = 8, 16  # rows that are named in a note; characters that are quoted of each
WHOLE_ROW = table_rows.REASONS | {row_reader.HIDDEN, row_reader.SKIPPED, row_reader.OTHER_PERSON, row_reader.CLOSED}


def column_questions(layout: SheetLayout, kind: ImportKind, answers: Mapping[str, str]) -> list[ImportQuestion]:
    """Return a question for each column whose heading is not known but like one of ours.

    A column that was answered to be one which another column is already stays unknown, and is asked about again.
    """
    headings = {column.key: column.heading for column in kind.columns}
    found = []
    for number, guess in sorted(layout.unknown.items()):
        if guess and answers.get(column_key(layout, number)) != NO_COLUMN:
            text = f"{column_letters(number)} 列“{layout.label(number)}”不认得，是不是“{headings[guess]}”？"
            options = ((guess, f"是“{headings[guess]}”"), (NO_COLUMN, "不是，这一列不导入"))
            found.append(ImportQuestion(column_key(layout, number), text, options))
    return found


def hidden_row_questions(context: ImportContext) -> list[ImportQuestion]:
    """Ask once whether hidden and filtered rows are to be imported."""
    if not context.hidden or context.answers.get("hidden") in ("read", "skip"):
        return []
    sheets = {layout.sheet.name: layout.sheet for layout in context.layouts}
    rows = "、".join(str(sheets[name].hidden_place(row)) for name, row in context.hidden[:LISTED])
    text = f"表中有 {len(context.hidden)} 行是隐藏或筛选掉的（第 {rows} 行{'等' if len(context.hidden) > LISTED else ''}），也导入吗？"
    return [ImportQuestion("hidden", text, (("read", "也导入"), ("skip", "不导入隐藏的行")))]


def continued_questions(
    sheets: Sequence[Sheet], layouts: Sequence[SheetLayout], answers: Mapping[str, str]
) -> list[ImportQuestion]:
    """Ask about each table without a heading that has the columns of the one before it, as a table over several pages."""
    found = []
    for sheet, above in continued_sheets(sheets, layouts):
        key = f"{CONTINUED}:{sheet.name}"
        if answers.get(key) not in (CONTINUES, STANDS_ALONE):
            text = (
                f"“{sheet.name}”没有表头，列数和“{above.sheet.name}”一样，是接着它的吗？第一行是“{_first_row(sheet)}”。"
            )
            options = ((CONTINUES, f"是，接着“{above.sheet.name}”读入"), (STANDS_ALONE, "不是，这张表不导入"))
            found.append(ImportQuestion(key, text, options))
    return found


def continued_sheets(sheets: Sequence[Sheet], layouts: Sequence[SheetLayout]) -> Iterator[tuple[Sheet, SheetLayout]]:
    """Yield the sheets without a heading behind one with as many columns, with the layout of that one."""
    by_name = {layout.sheet.name: layout for layout in layouts}
    above = None
    for sheet in sheets:
        if layout := by_name.get(sheet.name):
            above = layout
        elif above and not sheet.hidden and sheet.width == above.sheet.width >= MIN_WIDTH and _starts_as_rows(sheet):
            yield sheet, above


def _starts_as_rows(sheet: Sheet) -> bool:
    """Return whether the rows are filled as those of a table are, and the first is no title; it may be the end of a divided one."""
    fullest = max(len(sheet.filled_columns(row)) for row in range(1, sheet.height + 1))
    is_title = len({sheet.merged.get((1, number), (1, number)) for number in range(1, sheet.width + 1)}) == 1
    return len(sheet.filled_columns(1)) > 1 and fullest * 2 > sheet.width and not is_title


def _first_row(sheet: Sheet) -> str:
    return shorten(" ".join(values.shown(sheet.at(1, number)) for number in sheet.filled_columns(1)), QUOTED * 2)


def missing_column_questions(layout: SheetLayout, kind: ImportKind) -> list[ImportQuestion]:
    """Return a question for each column of ours that a person must point out. The answer is the number of a column."""
    options = (("0", "表中没有这一列"), *((str(number), label) for number, label in layout.choices()))
    found = []
    for column in kind.columns:
        if column.key not in layout.ambiguous:
            continue
        needed = column.is_missing(layout.columns)
        text = f"哪一列是“{column.heading}”？" + ("表中没有的，请补上这一列，再换一个文件导入。" if needed else "")
        found.append(ImportQuestion(f"heading:{column.key}", text, options[needed:]))
    return found


def column_key(layout: SheetLayout, number: int) -> str:
    return f"column:{normalized(layout.label(number))}"


def answered_mapping(layout: SheetLayout, answers: Mapping[str, str]) -> dict[str, int]:
    """Return the columns that the answers name: key → number."""
    guesses = {number: guess for number, guess in layout.unknown.items() if guess}
    mapping = {guess: number for number, guess in guesses.items() if answers.get(column_key(layout, number)) == guess}
    named = {key.removeprefix("heading:"): value for key, value in answers.items() if key.startswith("heading:")}
    return mapping | {key: int(value) for key, value in named.items() if value.isdecimal() and len(value) < 4}


def unread_sheets(sheets: Sequence[Sheet], layouts: Sequence[SheetLayout]) -> Iterator[LeftCell]:
    read = {layout.sheet.name for layout in layouts}
    for sheet in sheets:
        if sheet.hidden:
            yield LeftCell(sheet.name, 0, 0, "", "", HIDDEN_SHEET)
        elif sheet.name not in read and not all(sheet.is_blank(row) for row in range(1, sheet.height + 1)):
            yield LeftCell(sheet.name, 0, 0, "", "", OTHER_SHEET.format(layouts[0].sheet.name))


def reading_notes(context: ImportContext) -> list[str]:
    """Say where stored values of formulas were read, and which columns were not read at all."""
    found = []
    if context.formulas:
        sheets = {layout.sheet.name: layout.sheet for layout in context.layouts}
        places = [sheets[name].place(row, column) for name, row, column in sorted(context.formulas)[:LISTED]]
        cells = "、".join(cell_name(*place) for place in places)
        found.append(f"{cells}{' 等' if len(context.formulas) > LISTED else ''}是公式，按文件里存的值读入，请核对。")
    if any(layout.sheet.links for layout in context.layouts):
        found.append("工作簿里有指向其他文件的链接，没有去读那些文件。")
    if any(layout.sheet.comments for layout in context.layouts):
        found.append("表中有批注，批注里写的没有读取。要导入的请写进格子里。")
    found += [
        f"{f'工作表“{layout.sheet.name}”' if len(context.layouts) > 1 else ''}{column_letters(number)} 列“{layout.label(number)}”"
        "在表中是隐藏的，也读入了。不要导入的，请点“核对各列”，选“表中没有这一列”。"
        for layout in context.layouts
        for number in sorted(layout.columns.values())
        if number in layout.sheet.hidden_columns
    ]
    found += [
        f"工作表“{layout.sheet.name}”只读前 60 列，后面的列没有读取。" for layout in context.layouts if layout.sheet.cut
    ]
    return found


def unused_cells(context: ImportContext) -> Iterator[LeftCell]:
    """Yield the filled cells of the read sheets that are neither used nor listed yet."""
    listed = context.used | {(cell.sheet, cell.row, cell.column) for cell in context.left}
    for layout in context.layouts:
        reasons, sheet = _reasons(layout), layout.sheet
        labels = {number: layout.label(number) for number in layout.labels}
        for row in (*range(1, layout.top), *range(layout.row + 1, sheet.height + 1)):
            for number in sheet.filled_columns(row):
                if (sheet.name, row, number) not in listed:
                    reason = ABOVE if row < layout.top else reasons.get(number, UNUSED)
                    text = values.shown(sheet.at(row, number))
                    yield LeftCell(sheet.name, row, number, labels.get(number, ""), text, reason)


def _reasons(layout: SheetLayout) -> dict[int, str]:
    others = layout.labels.keys() - set(layout.columns.values())
    return {number: UNKNOWN if number in layout.unknown else READ_ONLY for number in others}


def summary(left: Iterable[LeftCell], many_sheets: bool) -> list[str]:
    """Return what was left in sentences for the page, with column and text; columns for reading and titles go without saying."""
    told = [cell for cell in left if cell.reason not in (ABOVE, READ_ONLY)]
    return [
        f"{_where(subject, list(cells), many_sheets)}：{subject[1]}。"
        for subject, cells in groupby(sorted(told, key=_subject), key=_subject)
    ]


def _subject(cell: LeftCell) -> tuple[str, str, int, str]:
    """Return what one sentence is about: a reason on a sheet, and the column if not the row as a whole is left."""
    if cell.reason in WHOLE_ROW:
        return cell.sheet, cell.reason, 0, ""
    return cell.sheet, cell.reason, cell.column, cell.heading


def _where(subject: tuple[str, str, int, str], cells: Sequence[LeftCell], many_sheets: bool) -> str:
    """Return sheet, column, and row and text of the first cells."""
    sheet, _, column, heading = subject
    first = {cell.row: cell.text for cell in sorted(cells, key=lambda cell: -cell.column) if cell.row}
    quoted = [f"第 {row} 行“{shorten(' '.join(first[row].split()), QUOTED)}”" for row in sorted(first)]
    return "".join(
        [
            f"工作表“{sheet}”" if many_sheets or not first else "",
            f"{column_letters(column)} 列" if column else "",
            f"“{heading}”" if heading else "",
            "、".join(quoted[:LISTED]),
            f" 等 {len(quoted)} 行" if len(quoted) > LISTED else "",
        ]
    )
