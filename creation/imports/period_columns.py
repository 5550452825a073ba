"""Tables of figures with a column for each quarter, read as a table with a row for each quarter."""

from collections.abc import Callable
from dataclasses import replace

from creation.imports import reshaped, values
from creation.imports.headings import FIRST_ROWS, normalized
from creation.imports.worksheet import CellPosition, Sheet, Value

MIN_PERIODS = 2  # columns
COUNT, PAIR = "数量", "分子/分母"


def with_row_for_each_period(sheet: Sheet, is_period: Callable[[str], bool]) -> Sheet:
    """Return the sheet with a row for each filled cell below 一季度, 二季度 …; ``origin`` says where each cell really is."""
    for head in range(1, min(FIRST_ROWS, sheet.height) + 1):
        heads = {number: normalized(values.shown(sheet.at(head, number))) for number in range(1, sheet.width + 1)}
        numbers = [number for number, text in heads.items() if is_period(text)]
        if len(numbers) >= MIN_PERIODS:
            return _turned(sheet, head, numbers)
    return sheet


def _turned(sheet: Sheet, head: int, numbers: list[int]) -> Sheet:
    period, figure = sheet.width + 1, sheet.width + 2
    others = [number for number in range(1, sheet.width + 1) if number not in numbers]
    rows: list[list[Value]] = []
    places: dict[CellPosition, CellPosition] = {(0, number): (head, number) for number in numbers}
    for row in range(1, sheet.height + 1):
        filled = [number for number in numbers if sheet.is_filled(row, number)] if row > head else []
        if row > head and not filled and len(sheet.filled_columns(row)) > 1:  # a row without figures changes nothing
            filled = numbers[:1]
        for number in filled or [0]:
            cells = [sheet.at(row, each) if each in others or row < head else None for each in range(1, figure - 1)]
            if number and number != filled[0]:
                cells = [sheet.displayed(row, each) if each in others else None for each in range(1, figure - 1)]
            rows.append([*cells, sheet.at(head, number), sheet.at(row, number)] if number else [*cells, None, None])
            places |= {(len(rows), each): (row, each) for each in (range(1, period) if row < head else others)}
            if number:
                places |= {(len(rows), period): (head, number), (len(rows), figure): (row, number)}
        if row == head:
            rows[-1][-2:] = ["期间", _heading(sheet, head, numbers)]
            places |= {(len(rows), period): (head, numbers[0]), (len(rows), figure): (head, numbers[-1])}
    return replace(reshaped.with_cells(sheet, rows, places), hidden_columns=sheet.hidden_columns - set(numbers))


def _heading(sheet: Sheet, head: int, numbers: list[int]) -> str:
    texts = (values.shown(sheet.at(row, number)) for row in range(head + 1, sheet.height + 1) for number in numbers)
    return PAIR if any("/" in text for text in texts) else COUNT
