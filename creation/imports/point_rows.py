"""Which rows are one checkpoint: cells merged over them, a row that goes on below (also on the next page), a row for each unit."""

from collections.abc import Sequence

from creation.imports import level_marks, values
from creation.imports.headings import RUNNING_NUMBERS, normalized
from creation.imports.row_reader import LISTED, RowReader
from creation.rules.names import folded

PIECES = ("target", "proof", "lead", "units", "helpers", "due", "official_wording", "clause")
SINGLE = ("target", "lead", "due")  # a row that has one of its own, as the row above has, is another checkpoint
NEAR = 3  # rows; a heading is repeated between the parts of a row that is divided by a page break
ENDS = "。；;！!.：:"


def point_position(reader: RowReader) -> tuple[str, int]:
    """Return the sheet and the first row of the merged cell that contains the checkpoint."""
    return reader.sheet, reader.first_row("point")


class PointRows:
    """The rows of each checkpoint.

    ``everywhere``: rows with the same code belong together wherever they are, as in a table by unit; ``is_scattered``: some are apart.
    ``continued``: places of rows without a checkpoint, which go on with the one above.
    """

    def __init__(self, readers: Sequence[RowReader], everywhere: bool = False) -> None:
        self.groups: list[list[RowReader]] = []
        self.continued: list[int] = []
        self.is_scattered = False
        by_key: dict[str, list[RowReader]] = {}
        for reader in readers:
            above = self.groups[-1] if self.groups else None
            if everywhere and (same := by_key.get(_key(reader))):
                self.is_scattered |= same is not above
                same.append(reader)
            elif above and self._belongs(above[-1], reader):
                above.append(reader)
            else:
                self.groups.append([reader])
                if everywhere:
                    by_key.setdefault(_key(reader), self.groups[-1])

    def _belongs(self, above: RowReader, reader: RowReader) -> bool:
        if point_position(above) == point_position(reader):
            return True
        is_first = reader.row == reader.layout.row + 1
        if above.sheet != reader.sheet and (reader.layout.row or not is_first):  # a table without a heading goes on
            return False
        if _goes_on(above, reader):
            self.continued.append(reader.layout.sheet.place(reader.row, 1)[0])
            return True
        return _has_another_unit(above, reader)

    @property
    def notes(self) -> list[str]:
        listed = f"{'、'.join(map(str, self.continued[:LISTED]))}{' 等' if len(self.continued) > LISTED else ''}"
        return [f"第 {listed} 行没有写要点，按上面一行的要点接着读入，请核对。"] if self.continued else []


def sheet_of_all(readers: Sequence[RowReader]) -> str:
    """Return the sheet that has all checkpoints of the others, as a total one has those of the sheets of single units."""
    keys: dict[str, set[str]] = {}
    if len({reader.sheet for reader in readers}) < 2:
        return ""
    for reader in readers:
        keys.setdefault(reader.sheet, set()).add(_key(reader))
    whole = max(keys, key=lambda name: len(keys[name]), default="")
    others = [found for name, found in keys.items() if name != whole]
    return whole if others and all(found <= keys[whole] for found in others) else ""


def _key(reader: RowReader) -> str:
    """Return what tells the checkpoint from others: its code, or else its title."""
    inside = values.code_in(reader.shown("point"))
    code = folded(reader.shown("code")) or (inside if "-" in inside else "")
    return level_marks.with_hyphens(code) or normalized(reader.shown("point"))


def _goes_on(above: RowReader, reader: RowReader) -> bool:
    """Return whether the row has no checkpoint, level or running number of its own, but more of what is about the one above."""
    is_far = above.sheet == reader.sheet and reader.row - above.row > NEAR
    if not reader.is_blank("point", "code") or is_far:
        return False
    sheet, labels = reader.layout.sheet, reader.layout.labels
    numbers = [number for number, label in labels.items() if normalized(label.leaf) in RUNNING_NUMBERS]
    levels = [reader.layout.columns[key] for key in ("section", "item") if reader.has(key)]
    if any(sheet.is_filled(reader.row, number) for number in (*numbers, *levels)):
        return False
    given = [key for key in PIECES if is_own(reader, key)]
    return bool(given) and not any(is_own(above, key) for key in SINGLE if key in given)


def _has_another_unit(above: RowReader, reader: RowReader) -> bool:
    """Return whether the row repeats code and title of the one above for another unit."""
    if reader.is_blank("point") or not reader.has("units") or reader.shown("units") == above.shown("units"):
        return False
    keys = [key for key in ("code", "point", "lead") if reader.has(key)]
    return all(reader.shown(key) == above.shown(key) for key in keys)


def is_own(reader: RowReader, key: str) -> bool:
    """Return whether the row has a cell of its own in this column, and something in it."""
    return reader.has(key) and reader.first_row(key) == reader.row and not reader.is_blank(key)


def text_of(rows: Sequence[RowReader], key: str, limit: int) -> str:
    """Return the text of all rows of a checkpoint: each cell on a line of its own, a sentence that goes on below in one.

    A sentence goes on in a row that has no checkpoint, which a page break has divided; a merged checkpoint has whole cells beside it.
    """
    pieces = {rows[0].text(key, limit): False}
    for row in rows[1:]:
        piece = row.text(key, limit) if is_own(row, key) else ""
        pieces.setdefault(piece, row.is_blank("point") and row.first_row("point") == row.row)
    found = ""
    for piece, is_divided in pieces.items():
        goes_on = is_divided and not level_marks.MARK.match(piece) and not found.endswith(tuple(ENDS))
        found += piece if goes_on or not found or not piece else f"\n{piece}"
    if len(found) > limit:
        rows[0].add_error(key, f"连同下面几行有 {len(found)} 个字，最多 {limit} 个，请缩短")
    return found
