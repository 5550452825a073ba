"""Tables of checkpoints that are written by unit: marks in a column for each unit, or the codes of each unit in a cell.

Both are read as a table with columns for lead and responsible units.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from creation.imports import reshaped, values
from creation.imports.headings import FIRST_ROWS, RUNNING_NUMBERS, UPPER_ROWS, normalized
from creation.imports.import_plan import ImportQuestion
from creation.imports.level_marks import with_hyphens
from creation.imports.row_reader import NOTHING
from creation.imports.worksheet import CellPosition, Sheet, Value
from creation.rules.names import folded, with_plain_dashes

LEAD, HELP = "牵头单位", "责任单位"
MIN_UNITS = 2  # columns under names of units
SIGN = "[√✓✔☑●○◎◉▲△▼▽★☆■□◆◇※*+VvYy]"
COUNT = "[1１是有]"  # no sign of a legend, where 1 is a number
MARK = re.compile(rf"{SIGN}|{COUNT}|牵头|主责|主办|主|负责|责任|配合|协办|协同|参与|参加|协|参")
OF_LEAD = re.compile("牵头|主责|主办|主|负责")
LEGEND = re.compile(
    rf"[“\"]?({SIGN})[”\"]?\s*(?:的|为|是|表示|代表|指|标示|[:：=—-])*\s*[“\"]?(牵头|主责|主办|责任|配合|协办|协同|参与|承办)"
)
NO_PART = NOTHING | {"×", "✕", "✗", "X", "x", "0", "否"}
CODE = re.compile(r"(?<![\d.\-])\d+(?:[.\-]\d+){2}(?![\d.\-])")
UNIT_HEAD = re.compile(r"(?:责任|承担|成员|牵头)?(?:单位|部门)(?:名称)?")
LEAD_HEAD = re.compile(
    r"(?:牵头|主责|主办)(?:负责)?(?:的)?(?:任务|事项|指标|工作|项目|要点|编号|任务编号|指标编号|任务序号)?"
)
HELP_HEAD = re.compile(
    r"(?:责任|配合|协办|参与|协同)(?:的)?(?:任务|事项|指标|工作|项目|要点|编号|任务编号|指标编号|任务序号)?"
)

Knows = Callable[[str], bool]


def by_checkpoint(sheet: Sheet, knows: Knows, answers: Mapping[str, str]) -> Sheet:
    """Return the sheet as a table of checkpoints, if it is written by unit. ``knows`` says whether a text is the name of a unit."""
    for row in range(1, min(FIRST_ROWS, sheet.height) + 1):
        if columns := _unit_columns(sheet, row, knows):
            return _with_marked_units(sheet, row, columns, answers)
        if found := _code_columns(sheet, row):
            return _with_row_for_each_code(sheet, row, *found)
    return sheet


# A column for each unit


def _unit_columns(sheet: Sheet, row: int, knows: Knows) -> list[int]:
    """Return the columns with marks under the names of units; also those beside them whose unit is not known."""
    heads = {number: _shown(sheet, row, number) for number in range(1, sheet.width + 1)}
    if len({text for text in heads.values() if text and knows(text)}) < MIN_UNITS:  # a line with one unit may be merged
        return []
    known = [number for number, text in heads.items() if text and knows(text) and _has_marks_alone(sheet, row, number)]
    below_rows = range(row + 1, sheet.height + 1)
    below = (_shown(sheet, each, number) for each in below_rows for number in known)
    if len(known) < MIN_UNITS or not any(map(MARK.fullmatch, below)):
        return []
    others = {number for number, text in heads.items() if text and _has_marks_alone(sheet, row, number)} - {*known}
    marked = {number for number in others if any(MARK.fullmatch(_shown(sheet, each, number)) for each in below_rows)}
    found = set(known)
    for number in (*range(known[0], known[-1] + 1), *range(known[-1] + 1, sheet.width + 1), *range(known[0], 0, -1)):
        is_beside = {number - 1, number + 1} & found
        if is_beside and number in marked:
            found.add(number)
    return sorted(found)


def _has_marks_alone(sheet: Sheet, row: int, number: int) -> bool:
    below = (_shown(sheet, each, number) for each in range(row + 1, sheet.height + 1))
    heading = _shown(sheet, row, number)
    return all(text in NO_PART or MARK.fullmatch(text) or text in ("", heading) for text in below)


def _with_marked_units(sheet: Sheet, head: int, columns: Sequence[int], answers: Mapping[str, str]) -> Sheet:
    """Return the sheet with the units of each row in columns for lead and responsible units, instead of those with the marks."""
    marks = dict.fromkeys(
        text
        for row in range(head + 1, sheet.height + 1)
        for number in columns
        if MARK.fullmatch(text := _shown(sheet, row, number)) and text != _shown(sheet, head, number)
    )
    meaning, unclear = _meaning(sheet, head, list(marks), answers)
    rows = [list(row) + [None] * (sheet.width - len(row)) for row in sheet.rows]
    places = {
        (row, number): (row, number) for row in range(1, sheet.height + 1) for number in range(1, sheet.width + 1)
    }
    width, beside = sheet.width, sheet.width + 2
    for upper, number in _groups_above(sheet, head, columns):
        places[0, beside := beside + 1] = places.pop((upper, number))
        rows[upper - 1][number - 1] = None
    for row in range(head, sheet.height + 1):
        found: dict[str, list[int]] = {LEAD: [], HELP: []}
        for number in columns:
            places[0, beside := beside + 1] = places.pop((row, number))  # counted as read
            rows[row - 1][number - 1] = None
            if row > head and (mark := _shown(sheet, row, number)) in meaning:
                found[meaning[mark]].append(number)
        names = {
            heading: "、".join(_shown(sheet, head, number) for number in numbers) for heading, numbers in found.items()
        }
        for place, (heading, numbers) in enumerate(found.items(), width + 1):
            used = heading in meaning.values()
            rows[row - 1].append(heading if row == head and used else names[heading] or None)
            if numbers:
                places[row, place] = (row, numbers[0])
    return replace(reshaped.with_cells(sheet, rows, places), marks=tuple(unclear), is_matrix=True)


def _groups_above(sheet: Sheet, head: int, columns: Sequence[int]) -> Iterator[CellPosition]:
    """Yield the cells of headings over the columns of the units, such as 责任单位."""
    for upper in range(max(1, head - UPPER_ROWS), head):
        yield from ((upper, number) for number in columns if sheet.at(upper, number) is not None)


def signs_of_lead(texts: Iterable[str]) -> set[str]:
    """Return the signs that a note gives to leads, such as 注：标★的为牵头单位."""
    return {sign for text in texts for sign, word in LEGEND.findall(text) if OF_LEAD.fullmatch(word)}


def _meaning(
    sheet: Sheet, head: int, marks: Sequence[str], answers: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return what each mark means, and those about which a person is asked, with what is taken for now."""
    texts = (value for row in sheet.rows for value in row if isinstance(value, str))
    legend = {sign: word for text in texts for sign, word in LEGEND.findall(text)}
    has_lead = any(
        normalized(_shown(sheet, head, number)) in (LEAD, "牵头部门") for number in range(1, sheet.width + 1)
    )
    found: dict[str, str] = {}
    unclear = []
    for mark in marks:
        word = legend.get(mark, "" if re.fullmatch(f"{SIGN}|{COUNT}", mark) else mark)
        if word:
            found[mark] = LEAD if OF_LEAD.fullmatch(word) else HELP
        elif has_lead:
            found[mark] = HELP
        else:
            guess = LEAD if len(marks) > 1 and mark == marks[0] and LEAD not in found.values() else HELP
            found[mark] = {"lead": LEAD, "units": HELP}.get(answers.get(f"mark:{mark}", ""), guess)
            if answers.get(f"mark:{mark}") not in ("lead", "units"):
                unclear.append((mark, guess))
    return found, unclear


def mark_questions(sheets: Iterable[Sheet]) -> list[ImportQuestion]:
    """Ask once what each mark means for which there is no legend."""
    unclear = dict.fromkeys(pair for sheet in sheets for pair in sheet.marks)
    options = {LEAD: ("lead", f"是{LEAD}"), HELP: ("units", f"是{HELP}（配合单位）")}
    return [
        ImportQuestion(
            f"mark:{mark}",
            f"表中用“{mark}”标出各要点的单位，打“{mark}”的是什么单位？",
            tuple(sorted(options.values(), key=lambda option: option != options[guess])),
        )
        for mark, guess in unclear
    ]


# The codes of each unit in a cell


def _code_columns(sheet: Sheet, row: int) -> tuple[int, dict[int, str]] | None:
    """Return the column of the units and those with codes, with the role that they mean."""
    heads = {number: normalized(_shown(sheet, row, number)) for number in range(1, sheet.width + 1)}
    units = [number for number, text in heads.items() if UNIT_HEAD.fullmatch(text)]
    roles = {number: LEAD for number, text in heads.items() if LEAD_HEAD.fullmatch(text)}
    roles |= {number: HELP for number, text in heads.items() if HELP_HEAD.fullmatch(text)}
    with_codes = {
        number: role
        for number, role in roles.items()
        if any(CODE.search(_plain(sheet, each, number)) for each in range(row + 1, sheet.height + 1))
    }
    return (units[0], with_codes) if len(units) == 1 and with_codes else None


def _with_row_for_each_code(sheet: Sheet, head: int, unit: int, roles: Mapping[int, str]) -> Sheet:
    """Return a sheet with a row for each code of each unit: code and title, unit, role."""
    rows: list[list[Value]] = [list(row) for row in sheet.rows[: head - 1]]
    rows.append(["三级指标", HELP, "承担角色"])
    places: dict[CellPosition, CellPosition] = {(head, 1): (head, min(roles)), (head, 2): (head, unit)}
    places |= {(row, number): (row, number) for row in range(1, head) for number in range(1, sheet.width + 1)}
    numbers = [number for number in range(1, sheet.width + 1) if _shown(sheet, head, number) in RUNNING_NUMBERS]
    read = [(head, number) for number in range(1, sheet.width + 1)]
    read += [(row, number) for row in range(head + 1, sheet.height + 1) for number in numbers]
    places |= {(0, beside): at for beside, at in enumerate(read)}
    for row in range(head + 1, sheet.height + 1):
        for number, role in roles.items():
            for text in _with_codes(_plain(sheet, row, number)):
                rows.append([text, values.shown(sheet.displayed(row, unit)), "牵头" if role == LEAD else "配合"])
                places |= {(len(rows), 1): (row, number), (len(rows), 2): (row, unit), (len(rows), 3): (row, number)}
    return reshaped.with_cells(sheet, rows, places)


def _with_codes(text: str) -> Iterator[str]:
    """Yield each code of a cell with the title behind it."""
    found = list(CODE.finditer(text))
    starts = [each.start() for each in found]
    for each, end in zip(found, [*starts[1:], len(text)][: len(found)], strict=True):
        title = text[each.end() : end].strip(" 、，,；;。\n\t/")
        yield f"{with_hyphens(each[0])} {title}".strip()


def _plain(sheet: Sheet, row: int, number: int) -> str:
    return with_plain_dashes(values.shown(sheet.at(row, number)))


def _shown(sheet: Sheet, row: int, number: int) -> str:
    return folded(values.shown(sheet.displayed(row, number)))
