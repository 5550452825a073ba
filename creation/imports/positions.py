"""Codes of checkpoints in a table without codes, by position: 2-1-3 is the third point of the first item of the second section."""

from collections.abc import Sequence

from creation.imports import values
from creation.imports.import_plan import ImportQuestion
from creation.imports.row_reader import RowReader
from creation.rules.names import folded

RowPosition = tuple[str, int]  # sheet and row
QUESTION, BY_POSITION, BY_TITLE = "numbering", "position", "title"
NOTE = "表中没有编号，已按位置编号：第一个要点是 1-1-1，依次类推。请核对。"


def codes_by_position(readers: Sequence[RowReader]) -> dict[RowPosition, str]:
    """Return the code of each row. Empty when the table has codes, or no columns for both higher levels."""
    if not all(reader.has("section") and reader.has("item") for reader in readers) or any(map(_has_code, readers)):
        return {}
    counts, texts, found = [0, 0, 0], ["", ""], {}
    for reader in readers:
        for level, key in enumerate(("section", "item")):
            text = folded(reader.shown(key))
            if text and text != texts[level]:
                counts[level:] = [counts[level] + 1, *[0] * (2 - level)]
                texts[level:] = [text, *[""] * (1 - level)]
        counts[2] += 1
        found[reader.sheet, reader.row] = "-".join(map(str, counts))
    return found


def _has_code(reader: RowReader) -> bool:
    """Return whether the row has a code of several numbers; a single one is a running number."""
    return "-" in values.code_in(reader.shown("point")) or (
        not reader.is_blank("code") and not reader.shown("code").isdecimal()
    )


def question(missing: int) -> ImportQuestion:
    """Ask about a table without codes with ``missing`` titles that are not known."""
    text = f"表中没有编号，有 {missing} 个要点的名称在体系中没有。怎么办？"
    options = (
        (BY_POSITION, "按位置编号（第一个是 1-1-1），同编号的要点改用表中的名称"),
        (BY_TITLE, "不编号，只导入名称相同的要点"),
    )
    return ImportQuestion(QUESTION, text, options)
