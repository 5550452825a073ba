"""Days as plans write them: 12月底前, 上半年, 三季度末 are the last day; 长期坚持, 每季度 name no day."""

import re
from calendar import monthrange
from datetime import date, timedelta

from creation.rules.names import folded, with_plain_dashes

OPEN_ENDED = re.compile(
    r"长期|持续|常态|贯穿|每(?:半?年|个?月|季度?|周|日)|按(?:照|要求|规定|时|上级|方案|期|进度|计划)|定期|适时|及时|随时|即时|立即|立行|待定|全年|根据"
)
YEAR = r"(?:(\d{4})(?:年度?|[.\-/])?|今年|本年度?|当年)?"
DONE = r"(?:完成|办结|报送|上报|到位|公布|公开|印发|出台|建成|落实|取得实效|见效)"
END = rf"(?:之前|以前|前)?(?:(?:全面|全部|基本|并|按要求)?{DONE}(?:任务|工作)?)*"
MONTH = re.compile(rf"{YEAR}(\d{{1,2}})月份?(?:(\d{{1,2}})[日号]|(底|末|上旬|中旬|下旬)?){END}")
DOTTED = re.compile(rf"(?:(\d{{4}})[年.\-/])?(\d{{1,2}})[.\-/](\d{{1,2}})[日号]?{END}")
COMPACT = re.compile(r"(20\d{2})(0[1-9]|1[0-2])([0-3]\d)?")  # 20260630, 202606
YEAR_AND_MONTH = re.compile(rf"(20\d{{2}})[.\-/](\d{{1,2}})(?:月份?)?(?:底|末)?{END}")
SERIAL = re.compile(r"[45]\d{4}")  # a day as Excel counts them, in a cell without the format of a date
FIRST_SERIAL = date(1899, 12, 30)
TIME = re.compile(
    r"(?:上午|下午|中午|晚上?)?(?:\d{1,2}(?::\d{2}){1,2}|\d{1,2}[时点](?:\d{1,2}分|半)?)(?=前|之前|以前|$)|[上下中]午$"
)
RANGE = re.compile(r"(.*?\d.*?)(?:至|到|~|-{2}|-(?=\d{1,2}[月日号]|\d{4}[年.]))(.+)")
CHINESE_NUMBER = re.compile(r"([〇零○Oo一二三四五六七八九十]+)(?=[年月日号])")
DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○Oo", 0)
CLAUSES = re.compile("[,;。]|[(](?=.*[)]$)")
YEAR_END = re.compile(rf"{YEAR}(?:年?底|年?末|年内|内){END}")
HALF = re.compile(rf"{YEAR}(上|下)半年(?:底|末)?{END}")
QUARTER = re.compile(rf"{YEAR}第?([一二三四1-4])季度?(?:底|末)?{END}")
ANY_YEAR = 2000  # to find out whether a text names a day
LAST_OF_DECADE = {"上旬": 10, "中旬": 20}


def is_open_ended(text: str) -> bool:
    """Return whether the text names no day but a way of working, such as 长期坚持 or 每季度."""
    return bool(OPEN_ENDED.search(folded(text))) and not _clause_with_day(folded(text))


def last_day(text: str, year: int) -> date | None:
    """Return the last day of what the text names, in ``year`` if it names none; None for other text. Raises ValueError for 6月31日."""
    text = _clause_with_day(folded(text)) or text
    given = TIME.sub("", CHINESE_NUMBER.sub(lambda found: _in_digits(found[1]), folded(with_plain_dashes(text))))
    if (found := RANGE.fullmatch(given)) and (last := _last_of_range(found[1], found[2], year)):
        return last
    if SERIAL.fullmatch(given):
        return FIRST_SERIAL + timedelta(days=int(given))
    if found := COMPACT.fullmatch(given):
        last_day_of_month = monthrange(int(found[1]), int(found[2]))[1]
        return date(int(found[1]), int(found[2]), int(found[3] or last_day_of_month))
    if found := YEAR_AND_MONTH.fullmatch(given):
        return date(int(found[1]), int(found[2]), _last_of(int(found[1]), int(found[2]), None))
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


def _clause_with_day(text: str) -> str:
    """Return the day in a text that otherwise names a way of working: 12月底前 of 12月底前,长期坚持."""
    clauses = [clause.rstrip(")") for clause in CLAUSES.split(text) if clause]
    days = [clause for clause in clauses if not OPEN_ENDED.search(clause)]
    if len(clauses) < 2 or len(days) != 1:
        return ""
    try:
        return days[0] if last_day(days[0], ANY_YEAR) else ""
    except ValueError:
        return days[0]


def _last_of_range(first: str, last: str, year: int) -> date | None:
    """Return the last day of 3月至6月 or 10月8日-12日, where the end may leave out the month and the year of the beginning."""
    beginning = last_day(f"{first}月" if first.isdecimal() and "月" in last else first, year)
    if beginning is None:
        return None
    if re.fullmatch(r"\d{1,2}[日号].*", last):
        last = f"{beginning.month}月{last}"
    end = last_day(last, beginning.year)
    return end if end and end >= beginning else None


def _in_digits(text: str) -> str:
    """Return 二〇二六 as 2026, 十二 as 12, 三十一 as 31."""
    if "十" not in text:
        return "".join(str(DIGITS[sign]) for sign in text)
    tens, _, ones = text.partition("十")
    return str((DIGITS.get(tens, 1)) * 10 + DIGITS.get(ones, 0))


def _last_of(year: int, month: int, part: str | None) -> int:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return LAST_OF_DECADE.get(part or "", monthrange(year, month)[1])
