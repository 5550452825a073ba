"""Days as plans write them: 12月底前, 上半年, 三季度末 are the last day; 长期坚持, 每季度 name no day."""

import re
from calendar import monthrange
from datetime import date

from creation.rules.names import folded

OPEN_ENDED = re.compile(
    r"长期|持续|常态|贯穿|每(?:半?年|个?月|季度?|周|日)|按(?:照|要求|规定|时|上级|方案|期|进度|计划)|定期|适时|及时|随时|即时|立即|立行|待定|全年|根据"
)
YEAR = r"(?:(\d{4})(?:年度?|[.\-/])?|今年|本年度?|当年)?"
END = r"(?:之前|以前|前)?(?:完成|办结|报送|上报)?"
MONTH = re.compile(rf"{YEAR}(\d{{1,2}})月份?(?:(\d{{1,2}})[日号]|(底|末|上旬|中旬|下旬)?){END}")
DOTTED = re.compile(rf"(?:(\d{{4}})[年.\-/])?(\d{{1,2}})[.\-/](\d{{1,2}})[日号]?{END}")
YEAR_END = re.compile(rf"{YEAR}(?:年?底|年?末|年内|内){END}")
HALF = re.compile(rf"{YEAR}(上|下)半年(?:底|末)?{END}")
QUARTER = re.compile(rf"{YEAR}第?([一二三四1-4])季度?(?:底|末)?{END}")
LAST_OF_DECADE = {"上旬": 10, "中旬": 20}


def is_open_ended(text: str) -> bool:
    """Return whether the text names no day but a way of working, such as 长期坚持 or 每季度."""
    return bool(OPEN_ENDED.search(folded(text)))


def last_day(text: str, year: int) -> date | None:
    """Return the last day of what the text names, in ``year`` if it names none; None for other text. Raises ValueError for 6月31日."""
    given = folded(text)
    if found := MONTH.fullmatch(given):
        in_year, month = int(found[1] or year), int(found[2])
        return date(in_year, month, int(found[3] or _last_of(in_year, month, found[4])))
    if found := DOTTED.fullmatch(given):
        return date(int(found[1] or year), int(found[2]), int(found[3]))
    if found := HALF.fullmatch(given):
        return date(int(found[1] or year), 6, 30) if found[2] == "上" else date(int(found[1] or year), 12, 31)
    if found := QUARTER.fullmatch(given):
        month = ("一二三四1234".index(found[2]) % 4 + 1) * 3
        return date(int(found[1] or year), month, monthrange(year, month)[1])
    found = YEAR_END.fullmatch(given)
    return date(int(found[1] or year), 12, 31) if found else None


def _last_of(year: int, month: int, part: str | None) -> int:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return LAST_OF_DECADE.get(part or "", monthrange(year, month)[1])
