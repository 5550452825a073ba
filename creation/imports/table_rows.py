"""Which rows below a heading are rows of the table, and why the others are not: notes, foot lines, repeated headings, section lines."""

import re
from collections.abc import Iterator

from creation.imports.headings import SheetLayout, normalized
from creation.rules.names import folded

FOOT = re.compile(
    r"(?:填表|填报|制表|报送|审核|复核|审批|签发|经办|单位负责|主要负责|分管领导|负责|联系)(?:人|单位|部门|日期|时间|电话|方式|领导)?(?:签字|签名|\(.*?\))?[:：]"
    r"|单位(?:名称)?(?:\(.*?\))?[:：].|(?:制表|填表|填报|审核|审批|复核|经办|负责)人?$|单位负责人$|(?:日期|时间|电话|单位\(?盖章\)?|\(?盖章\)?)[:：]?$"
)
TOTAL = re.compile(r"(?:合计|小计|总计|共计|累计|本页小计)(?:[:：\d共(].*)?")
NOTE = re.compile(
    r"(?:注|备注|示例|样例|填写示例|附注|说明|附|填表说明|填报说明|注意事项|填表要求)(?:[:：\d].*)?", re.DOTALL
)
SECTION = re.compile(r"(?:第?[一二三四五六七八九十]+(?:[、.,:]|部分|章)|\([一二三四五六七八九十]+\)).+", re.DOTALL)
UNIT_LINE = re.compile(
    r"(?:责任|整改|承办|牵头|主责|主办|配合|协办|协同|参与)(?:单位|部门)(?:名称)?(?:\(.*?\))?[:：].+", re.DOTALL
)
LEVEL = re.compile(r"第?[一二三四五六七八九十]+(?:[、.]|部分)?|\([一二三四五六七八九十]+\)|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVX]+")
SECTION_LINE = "分段的标题行，不导入"
NOTE_LINE, FOOT_LINE, TOTAL_LINE = "表下的说明，不导入", "表尾（填表人、审核人等），不导入", "合计行，不导入"
HEADING_LINE, NO_VALUES = "重复的表头，不导入", "这一行没有要导入的内容"
REASONS = frozenset({SECTION_LINE, NOTE_LINE, FOOT_LINE, TOTAL_LINE, HEADING_LINE, NO_VALUES})


def rows_below(layout: SheetLayout) -> Iterator[tuple[int, str]]:
    """Yield the filled rows below the heading, each with the reason why it is no row of the table, or ""."""
    note = False
    for row in range(layout.row + 1, layout.sheet.height + 1):
        if layout.sheet.is_blank(row):
            continue
        reason = _reason(layout, row) or (NOTE_LINE if note and _has_one_value(layout, row) else "")
        note = reason in (NOTE_LINE, FOOT_LINE)
        yield row, reason


def _reason(layout: SheetLayout, row: int) -> str:
    first = _first_text(layout, row)
    if NOTE.fullmatch(first):
        return NOTE_LINE
    if FOOT.match(first):
        return FOOT_LINE
    if TOTAL.fullmatch(first):
        return TOTAL_LINE
    if (
        SECTION.fullmatch(first)
        and (_has_one_value(layout, row) or _is_merged_note(layout, row))
        and not _has_point(layout, row)
    ):
        return SECTION_LINE
    if _is_level_line(layout, row) or (UNIT_LINE.fullmatch(first) and _has_one_value(layout, row)):
        return SECTION_LINE
    if _is_merged_note(layout, row):
        return NOTE_LINE
    if _repeats_heading(layout, row):
        return HEADING_LINE
    return "" if any(layout.sheet.is_filled(row, number) for number in layout.columns.values()) else NO_VALUES


def _first_text(layout: SheetLayout, row: int) -> str:
    first = next(iter(layout.sheet.filled_columns(row)), 0)
    return folded(str(layout.sheet.at(row, first) or ""))


def _is_level_line(layout: SheetLayout, row: int) -> bool:
    """Return whether the row has only the number of a level, such as 一 or （一）, and its title."""
    filled = layout.sheet.filled_columns(row)
    return (
        len(filled) == 2
        and bool(LEVEL.fullmatch(_first_text(layout, row)))
        and filled[0] not in layout.columns.values()
    )


def _has_point(layout: SheetLayout, row: int) -> bool:
    """Return whether the row's only value is a checkpoint's own title."""
    number = layout.columns.get("point", 0)
    return layout.sheet.is_filled(row, number) and (row, number) not in layout.sheet.merged


def _has_one_value(layout: SheetLayout, row: int) -> bool:
    return len(layout.sheet.filled_columns(row)) == 1


def _is_merged_note(layout: SheetLayout, row: int) -> bool:
    """Return whether the first filled cell is merged over at least half of the columns."""
    firsts = [layout.sheet.merged.get((row, number)) for number in layout.columns.values()]
    flat = [first for first in firsts if first and first[0] == row]
    is_wide = len(flat) > 1 and len(flat) * 2 >= len(firsts) and len(set(flat)) == 1
    return is_wide and layout.sheet.filled_columns(row)[0] == flat[0][1]


def _repeats_heading(layout: SheetLayout, row: int) -> bool:
    """Return whether the row has the headings again; one of a table in another order has been put into that of the first."""
    repeated = 0
    for number in layout.columns.values():
        text = normalized(str(layout.sheet.displayed(row, number) or ""))
        if text and text not in _headings(layout, number):
            return False
        repeated += bool(text)
    return repeated > 1


def _headings(layout: SheetLayout, number: int) -> set[str]:
    return {normalized(str(layout.sheet.displayed(row, number) or "")) for row in range(layout.top, layout.row + 1)}
