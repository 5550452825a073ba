"""Find the columns of a table by their headings: in any order, under any of their usual names, in any of the first rows."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from creation.imports.worksheet import Sheet, Value, column_letters
from creation.rules.names import folded

FIRST_ROWS = 15
LAST_ROW = 40  # where a heading is looked for that is not in the first rows, below a long introduction
UPPER_ROWS = 2  # rows of group headings above the lowest row of the heading
GROUP_LENGTH = 12  # characters of a group heading; longer text is a title or a note
PREVIEW_ROWS, PREVIEW_LENGTH = 3, 24  # values that are shown of each column, characters of each
MIN_SIMILARITY = 0.5  # of an unknown heading to a known one, for a guess
VERY_LIKE = 0.7  # of headings that end differently
SHORT = 2  # characters; of such two headings with one in common are not alike
MIN_HEADINGS = 2  # in a row that is taken for the heading of a table because of its guesses
IN_BRACKETS = re.compile(r"\(([^()]*)\)")
NUMBER = re.compile(r"\s*\d+(?:[.\-—－–．]\d+)*\s*")  # a running number or a code
RUNNING_NUMBERS = ("序号", "编号", "号")
NOT_ASKED_FOR = re.compile(
    "身份证|性别|民族|籍贯|出生|年龄|政治面貌|学历|微信|QQ"
)  # about a person; like no heading of ours
USUAL = ("序号", "编号", "单位", "备注")


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column to import. It is read through merged cells, unless each row needs a value of its ``own``.

    ``block`` is a pattern of the group headings that the column may be under, such as 联络员 above 姓名; the patterns of the other columns
    exclude it. ``in_block``: names that are valid only there. ``instead``: the key of a column that may be there in its place.
    ``repeats``: 同上 in a cell means what is above it. ``above``: a pattern of the word for it in a line above a table of one unit.
    ``pattern``: a column of running numbers (序号) whose first value is so is this column. A column that is not ``exported`` is another
    way to write others. ``joins``: several columns of it, numbered or under one heading, are read as one. ``told``: a column of another
    heading whose filled cells are all so, and at least one as its group says, is this column, ``unless`` there are those; ``told_over``:
    keys of columns that it may replace.
    """

    key: str
    heading: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    own: bool = False
    block: str = ""
    in_block: tuple[str, ...] = ()
    instead: str = ""
    repeats: bool = False
    above: str = ""
    pattern: str = ""
    exported: bool = True
    joins: bool = False
    told: str = ""
    unless: frozenset[str] = frozenset()
    told_over: tuple[str, ...] = ()

    def is_missing(self, found: Collection[str]) -> bool:
        """Return whether the table cannot be read without this column. ``found``: the keys of its columns."""
        return self.required and self.key not in found and self.instead not in found

    @property
    def names(self) -> tuple[str, ...]:
        return (self.heading, *self.synonyms, *self.in_block)


@dataclass(frozen=True, slots=True)
class Label:
    """The heading of a column and the group headings above it."""

    leaf: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.group} {self.leaf}".strip()


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Position of the table: sheet, first and last row of the heading, and the column number of each key.

    ``ambiguous``: keys that a person must point out. ``unknown``: guess by the number of a column whose heading is not known ("" for none).
    """

    sheet: Sheet
    row: int
    columns: dict[str, int]
    ambiguous: frozenset[str] = frozenset()
    top: int = 0
    labels: Mapping[int, Label] = field(default_factory=dict)
    unknown: Mapping[int, str] = field(default_factory=dict)

    def label(self, number: int) -> str:
        return str(self.labels.get(number, ""))

    def choices(self) -> list[tuple[int, str]]:
        """Every column of the sheet with its letter, heading and first values, for the form."""
        return [(number, self._choice(number)) for number in range(1, self.sheet.width + 1)]

    def preview(self) -> list[tuple[str, str, list[str]]]:
        """Return letter, heading and first values of every column that has any of them."""
        found = [
            (column_letters(number), self.label(number), self._first_values(number, PREVIEW_ROWS, PREVIEW_LENGTH))
            for number in range(1, self.sheet.width + 1)
        ]
        return [(letter, heading, values) for letter, heading, values in found if heading or values]

    def _first_values(self, number: int, count: int, length: int) -> list[str]:
        rows = range(self.row + 1, min(self.row + 30, self.sheet.height) + 1)
        below = (" ".join(_text(self.sheet.at(row, number)).split()) for row in rows)
        return [value[:length] for value in below if value][:count]

    def _choice(self, number: int) -> str:
        values = self._first_values(number, 2, 12)
        shown = f"（如：{'、'.join(values)}）" if values else ""
        return f"{column_letters(number)} 列 {self.label(number)}{shown}"


def find_layouts(
    sheets: Sequence[Sheet], columns: Sequence[ImportColumn], ignored: Collection[str]
) -> list[SheetLayout]:
    """Return the table whose headings fit best, on each sheet that has it. Empty when no row has at least two of them."""
    by_sheet = [layout for sheet in sheets if (layout := _layout_of_sheet(sheet, columns, ignored))]
    return _of_one_kind(by_sheet)


def guess_layouts(
    sheets: Sequence[Sheet], columns: Sequence[ImportColumn], ignored: Collection[str]
) -> list[SheetLayout]:
    """Return the table whose headings are like ours, on each sheet that has it."""
    return _of_one_kind([layout for sheet in sheets if (layout := _guessed_layout(sheet, columns, ignored))])


def _of_one_kind(by_sheet: list[SheetLayout]) -> list[SheetLayout]:
    best = max(by_sheet, key=_fitness, default=None)
    if best is None:
        return []
    same = [layout for layout in by_sheet if layout.columns.keys() == best.columns.keys()]
    return [layout for layout in same if layout.ambiguous == best.ambiguous]


def _fitness(layout: SheetLayout) -> tuple[int, int]:
    return len(layout.columns.keys() | layout.ambiguous), -len(layout.ambiguous)


def _layout_of_sheet(sheet: Sheet, columns: Sequence[ImportColumn], ignored: Collection[str]) -> SheetLayout | None:
    for rows in (range(1, FIRST_ROWS + 1), range(FIRST_ROWS + 1, LAST_ROW + 1)):
        layouts = [_layout(sheet, row, columns) for row in rows if row <= len(sheet.rows)]
        best = max(layouts, key=_fitness, default=None)
        if best and len(best.columns) >= MIN_HEADINGS:
            return replace(best, unknown=_unknown(best, columns, ignored))
    return None


def _guessed_layout(sheet: Sheet, columns: Sequence[ImportColumn], ignored: Collection[str]) -> SheetLayout | None:
    """Return the table whose headings are most like ours, for a person to say which column is which."""
    layouts = [_layout(sheet, row, columns) for row in range(1, min(FIRST_ROWS, len(sheet.rows)) + 1)]
    likely = [layout for layout in layouts if _may_be_headings(layout)]
    found = [replace(layout, unknown=_unknown(layout, columns, ignored)) for layout in likely]
    best = max(found, key=_likeness, default=None)
    return best if best and _likeness(best) > 1 else None


def _may_be_headings(layout: SheetLayout) -> bool:
    leaves = [label.leaf for label in layout.labels.values()]
    return len(set(leaves)) >= MIN_HEADINGS and not any(
        len(leaf) > GROUP_LENGTH or re.search(r"\d", leaf) for leaf in leaves
    )


def _likeness(layout: SheetLayout) -> int:
    return len(layout.columns) + len(set(filter(None, layout.unknown.values())))


def apply_mapping(layout: SheetLayout, columns: Sequence[ImportColumn], mapping: Mapping[str, int]) -> SheetLayout:
    """Return the layout with the columns chosen by a person; 0 means none."""
    columns_by_key = {key: number for key, number in (layout.columns | dict(mapping)).items() if number}
    missing = {column.key for column in columns if column.is_missing(columns_by_key)}
    twice = {key for key, number in columns_by_key.items() if list(columns_by_key.values()).count(number) > 1}
    unknown = {number: guess for number, guess in layout.unknown.items() if number not in columns_by_key.values()}
    undecided = layout.ambiguous - mapping.keys()
    return replace(layout, columns=columns_by_key, ambiguous=frozenset(missing | twice | undecided), unknown=unknown)


def _layout(sheet: Sheet, row: int, columns: Sequence[ImportColumn]) -> SheetLayout:
    top, found = _labels(sheet, row, {normalized(name) for column in columns for name in column.names} | set(USUAL))
    labels = dict(zip(found, with_people(list(found.values()), columns), strict=True))
    return layout_of_labels(sheet, row, top, labels, columns)


def with_people(labels: Sequence[Label], columns: Sequence[ImportColumn]) -> list[Label]:
    """Return the labels with a person as the group of headings that occur for several people: 手机 behind 分管领导, 手机 behind 联络员."""
    blocks = {column.block for column in columns if column.block}
    leaves = Counter(normalized(label.leaf) for label in labels)
    person, found = "", []
    for label in labels:
        leaf = normalized(label.leaf)
        if any(re.search(block, leaf) for block in blocks):
            person = label.leaf
        is_of_person = leaves[leaf] > 1 and person and not label.group
        found.append(Label(label.leaf, person) if is_of_person else label)
    return found


def layout_of_labels(
    sheet: Sheet,
    row: int,
    top: int,
    labels: Mapping[int, Label],
    columns: Sequence[ImportColumn],
    ignored: Collection[str] | None = None,
) -> SheetLayout:
    """Return the layout of a table with these labels; with ``ignored`` also its unknown columns."""
    blocks = {column.block for column in columns if column.block}
    found: dict[str, int] = {}
    ambiguous = set()
    for column in columns:
        numbers = _numbers(labels, column, blocks, taken=set(found.values()))
        numbers = _text_column(sheet, row, numbers) if _is_one_heading(sheet, row, numbers) else numbers
        if len(numbers) == 1:
            found[column.key] = numbers[0]
        elif numbers:
            ambiguous.add(column.key)
    found |= _among_running_numbers(sheet, row, labels, [column for column in columns if column.key not in found])
    found |= _beside_titles(sheet, row, found, [column for column in columns if column.key not in found])
    ambiguous |= {column.key for column in columns if column.is_missing(found)}
    layout = SheetLayout(sheet, row, found, frozenset(ambiguous), top, labels)
    return layout if ignored is None else replace(layout, unknown=_unknown(layout, columns, ignored))


def _among_running_numbers(
    sheet: Sheet, row: int, labels: Mapping[int, Label], columns: Sequence[ImportColumn]
) -> dict[str, int]:
    """Return the columns whose values stand in the column of the running numbers."""
    numbers = [number for number, label in labels.items() if normalized(label.leaf) in RUNNING_NUMBERS]
    below = range(row + 1, sheet.height + 1)
    texts = {
        number: {folded(_text(sheet.at(at, number))) for at in below}
        for number in numbers
        if not any(isinstance(sheet.at(at, number), date) for at in below)
    }  # a running number such as 1-3 may have become a day
    patterns = [(column.key, column.pattern) for column in columns if column.pattern]
    return {
        key: number
        for key, pattern in patterns
        for number in texts
        if any(re.fullmatch(pattern, text) for text in texts[number])
    }


def _beside_titles(sheet: Sheet, row: int, found: Mapping[str, int], columns: Sequence[ImportColumn]) -> dict[str, int]:
    """Return the columns whose values alone stand under one heading with a column that is found, as code and title of a checkpoint do."""
    heads = {sheet.merged.get((row, number)) for number in found.values()} - {None}
    beside = [
        number
        for number in range(1, sheet.width + 1)
        if number not in found.values() and sheet.merged.get((row, number)) in heads
    ]
    texts = {
        number: [text for at in range(row + 1, sheet.height + 1) if (text := folded(_text(sheet.at(at, number))))]
        for number in beside
    }
    return {
        column.key: number
        for column in columns
        for number in beside
        if column.pattern and texts[number] and all(re.fullmatch(column.pattern, text) for text in texts[number])
    }


def _unknown(layout: SheetLayout, columns: Sequence[ImportColumn], ignored: Collection[str]) -> dict[int, str]:
    """Return the columns whose heading is not known, with a guess; not those under one heading with a known one."""
    merged, row = layout.sheet.merged, layout.row
    heads = {merged.get((row, number)) for number in layout.columns.values()} - {None}
    rest = {
        number: label
        for number, label in layout.labels.items()
        if number not in layout.columns.values() and merged.get((row, number)) not in heads
    }
    blocks = {column.block for column in columns if column.block}
    return _guesses(rest, [column for column in columns if column.key not in layout.columns], blocks, ignored)


def _numbers(labels: Mapping[int, Label], column: ImportColumn, blocks: set[str], taken: Collection[int]) -> list[int]:
    """Return the columns under the first of its names that occurs, so that an exact heading wins over a synonym."""
    for name in column.names:
        wanted = {normalized(name), without_brackets(name)}
        fitting = {
            number: rank
            for number, label in labels.items()
            if number not in taken and (rank := _rank(label, column, wanted, blocks, name in column.in_block))
        }
        if fitting:
            return [number for number, rank in fitting.items() if rank == max(fitting.values())]
    return []


def _is_one_heading(sheet: Sheet, row: int, numbers: Sequence[int]) -> bool:
    """Return whether these columns are under one heading that is merged over them."""
    return len(numbers) > 1 and len({sheet.merged.get((row, number)) for number in numbers} - {None}) == 1


def _text_column(sheet: Sheet, row: int, numbers: Sequence[int]) -> list[int]:
    """Return the column with the text, beside one with running numbers."""
    below = range(row + 1, sheet.height + 1)
    texts = {number: [_text(sheet.at(each, number)) for each in below] for number in numbers}
    with_text = [number for number in numbers if any(text and not NUMBER.fullmatch(text) for text in texts[number])]
    return with_text or list(numbers)


def _rank(label: Label, column: ImportColumn, wanted: set[str], blocks: set[str], block_only: bool) -> int:
    """Return 2 for a column in its own block, 1 for one in none, 0 for one that does not fit."""
    leaf, group = normalized(label.leaf), normalized(label.group)
    if column.block and IN_BRACKETS.search(leaf):  # 手机(B岗) is under B岗, and so is 联络员(副)
        group += leaf
    own = bool(column.block and re.search(column.block, group))
    if not own and any(re.search(block, group) for block in blocks - {column.block} if group):
        return 0
    forms = {
        leaf,
        without_brackets(label.leaf),
        group + leaf,
        *(f"{normalized(each)}{leaf}" for each in label.group.split()),
    }
    short = re.sub(f"^(?:{column.block})的?", "", leaf) if column.block else leaf
    if forms & wanted and not (block_only and not own):
        return 2 if own else 1
    return 2 if short != leaf and short in wanted else 0


def _guesses(
    labels: Mapping[int, Label], columns: Sequence[ImportColumn], blocks: set[str], ignored: Collection[str]
) -> dict[int, str]:
    """Return the columns whose heading is not known, each with the key it is most like, or ""."""
    known = {normalized(name) for name in ignored}
    unknown = {
        number: label
        for number, label in labels.items()
        if not {normalized(label.leaf), without_brackets(label.leaf)} & known
    }
    return {number: _guess(label, columns, blocks) for number, label in unknown.items()}


def _guess(label: Label, columns: Sequence[ImportColumn], blocks: set[str]) -> str:
    leaf, group = without_brackets(label.leaf), normalized(label.group)
    if NOT_ASKED_FOR.search(leaf):
        return ""
    scored = [
        (_similarity(leaf, without_brackets(name)), column.key)
        for column in columns
        for name in (column.heading, *column.synonyms)
        if not (group and any(re.search(block, group) for block in blocks - {column.block}))
    ]
    score, key = max(scored, default=(0.0, ""))
    is_like = score > MIN_SIMILARITY or (score == MIN_SIMILARITY and len(leaf) > SHORT)
    return key if is_like else ""


def _similarity(one: str, other: str) -> float:
    """Return how alike two headings are; words of different things, such as 完成率 and 完成日期, end differently."""
    if not one or not other:
        return 0.0
    if one.startswith(other) or other.startswith(one):
        return 0.97
    if (one in other or other in one) and (min(len(one), len(other)) > SHORT or one[-1] == other[-1]):
        return 0.8
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio if one[-1] == other[-1] or ratio >= VERY_LIKE else 0.0


def _labels(sheet: Sheet, row: int, known: Collection[str]) -> tuple[int, dict[int, Label]]:
    """Return the first row of the heading and the label of each column that has one."""
    top = row
    while row - top < UPPER_ROWS and top > 1 and _is_upper(sheet, top - 1, top, known):
        top -= 1
    groups = [_group_texts(sheet, upper, row) for upper in range(top, row)]
    labels = {}
    for number in range(1, sheet.width + 1):
        texts = list(dict.fromkeys(filter(None, (texts.get(number, "") for texts in groups))))
        leaf = _text(sheet.displayed(row, number)).strip() or (texts.pop() if texts else "")
        if leaf:
            labels[number] = Label(leaf, " ".join(text for text in texts if text != leaf))
    return top, labels


def _is_upper(sheet: Sheet, upper: int, lower: int, known: Collection[str]) -> bool:
    """Return whether a row belongs to the heading below it: it has headings of single columns or of groups."""
    numbers = range(1, sheet.width + 1)
    texts = {number: _text(sheet.displayed(upper, number)).strip() for number in numbers}
    given = set(filter(None, texts.values()))
    if len(given) < 2 or any(len(text) > GROUP_LENGTH or re.search(r"[:：]|\d", text) for text in given):
        return False
    down = any(sheet.merged.get((lower, number), (lower, 0))[0] <= upper for number in numbers)
    across = any(sheet.merged.get((upper, number), (0, number))[1] < number for number in numbers)
    alone = any(normalized(texts[number]) in known and sheet.displayed(lower, number) is None for number in numbers)
    return down or across or (alone and not _has_data(sheet, lower))


def _has_data(sheet: Sheet, row: int) -> bool:
    """Return whether a row has texts that no heading has: figures, or long ones."""
    texts = (_text(sheet.at(row, number)) for number in sheet.filled_columns(row))
    return any(len(text) > GROUP_LENGTH or re.search(r"\d", text) for text in texts)


def _group_texts(sheet: Sheet, upper: int, row: int) -> dict[int, str]:
    """Return the group heading above each column; without merged cells it reaches to the right over columns that have a heading."""
    found: dict[int, str] = {}
    for number in range(1, sheet.width + 1):
        own, below = _text(sheet.displayed(upper, number)).strip(), sheet.displayed(row, number)
        is_group = number - 1 in found and sheet.displayed(row, number - 1) is not None and below is not None
        text = own or (found[number - 1] if is_group and (upper, number) not in sheet.merged else "")
        if text:
            found[number] = text
    return found


def _text(value: Value) -> str:
    return "" if value is None else str(value)


@lru_cache(maxsize=4096)
def normalized(text: str) -> str:
    """Return a heading without line breaks, blanks, invisible characters and full-width forms."""
    return re.sub(r"[:：*]+", "", folded(text))


@lru_cache(maxsize=4096)
def without_brackets(text: str) -> str:
    """Return the heading without the parts in brackets."""
    return re.sub(r"\(.*?\)", "", normalized(text))


def numbers_with_label(layout: SheetLayout, label: str) -> list[int]:
    """Return the columns with this heading."""
    return [number for number in layout.labels if normalized(layout.label(number)) == normalized(label)]
