"""Parses the State Council's holiday notice as people paste it: sentences of the notice, or a table of days. Pure.

    元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
    2027-01-04  上班  元旦调休

Nothing is guessed. A day that does not exist, a weekday or number of days that does not match, and a line with 放假 or 上班 but
without a readable day are reported with the number of the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKDAYS = "一二三四五六日"
MAX_LINES = 400  # lines of pasted text
MAX_DAYS_OFF = 31  # days off in a row; the longest so far was ten
DAY = re.compile(
    r"(?:(?P<next>次年)|(?P<year>\d{4})\s*[年\-./])?\s*(?:(?P<month>\d{1,2})\s*[月\-./])?\s*(?P<day>\d{1,2})\s*(?P<sign>日)?号?"
)
BRACKET = re.compile(r"\s*[（(]([^）)]*)[）)]")
RANGE = re.compile(r"\s*(?:至|到|—+|～|~|-)\s*")
DAY_OFF_OR_WORK = re.compile(
    r"放假|休息|调休|补休|上班|补班|工作日?|(?<![节双周])假(?!日|期|安)|(?<![上补])班|(?<![调补连双])休(?!息)"
)
WORK_WORDS = ("上班", "补班", "工作日", "工作", "班")
DAY_COUNT = re.compile(r"(?:共|放假|休息)\s*(\d{1,2})\s*天")
HOLIDAY_HEADING = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+[、.．]|[（(]?\d{1,2}[）)、.．])?\s*"
    r"([^\d：:，,。\s]{1,12}?(?:、[^\d：:，,。\s]{1,6})*)\s*[：:]"
)
HOLIDAY_NAME = re.compile(r"元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?")
CELL_END = re.compile(r"\s*[\t|]\s*")
WORK_COLUMN, COUNT_COLUMN, OFF_COLUMN = (
    re.compile("上班|补班|调班"),
    re.compile("天数|几天"),
    re.compile("放假|休息|假期"),
)
NOTHING = {"", "无", "/", "-", "—", "——"}
WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")


class NoticeLineError(Exception):
    """Raised with what is wrong with a line."""


@dataclass(frozen=True, slots=True)
class NoticeFault:
    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayArrangement:
    """The arrangement of a day in the notice; ``line`` is the line number."""

    off: bool
    name: str
    line: int


@dataclass
class HolidayNotice:
    """A parsed notice. ``days`` are those that differ from their weekday; ``unread`` are lines without an arrangement of a day."""

    days: dict[date, DayArrangement] = field(default_factory=dict)
    faults: list[NoticeFault] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _DayRange:
    first: date
    last: date
    off: bool

    @property
    def days(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def parse(text: str, year: int) -> HolidayNotice:
    """Parse the notice. ``year`` applies to days without one. If ``faults`` is not empty, the result must not be used."""
    found, heading, lines = HolidayNotice(), "", text.splitlines()
    if len(lines) > MAX_LINES:
        found.faults.append(NoticeFault(MAX_LINES + 1, "", f"粘贴的内容超过 {MAX_LINES} 行，请只粘贴放假安排部分。"))
        return found
    everything: dict[date, DayArrangement] = {}
    for number, line in enumerate(_as_sentences(lines), 1):
        named = HOLIDAY_HEADING.match(line)
        heading = named[1].strip() if named else heading
        plain = HOLIDAY_NAME.search(line)
        name = heading if named or not plain else plain[0]  # a sentence may continue on the next line
        try:
            spans = list(_day_ranges(line, year))
            if not spans and line.strip():
                found.unread.append(line.strip())
            for span in spans:
                _record(everything, span, name, number, year)
        except NoticeLineError as wrong:
            found.faults.append(NoticeFault(number, line.strip(), str(wrong)))
    found.days = {
        day: day_arrangement
        for day, day_arrangement in sorted(everything.items())
        if day_arrangement.off == (day.weekday() < 5)
    }
    return found


def _as_sentences(lines: list[str]) -> Iterator[str]:
    """Yield the lines; below a heading such as 节日、放假时间、调休上班日期 the rows of the table as the sentences that they mean."""
    columns: list[str] = []
    for line in lines:
        cells = CELL_END.split(line.strip(" |"))
        kinds = [_kind_of_column(cell) for cell in cells]
        if {"放假", "上班"} <= set(kinds) and not any(map(str.isdecimal, line)):
            columns = kinds
        yield _sentence(cells, columns) if len(cells) == len(columns) and columns is not kinds else line


def _kind_of_column(heading: str) -> str:
    """Return 上班, 共 (a number of days), 放假, or "" for another column."""
    kinds = {"上班": WORK_COLUMN, "共": COUNT_COLUMN, "放假": OFF_COLUMN}
    return next((kind for kind, words in kinds.items() if words.search(heading)), "")


def _sentence(cells: list[str], columns: list[str]) -> str:
    of_kind = {
        kind: [cell for cell, column in zip(cells, columns, strict=True) if column == kind and cell not in NOTHING]
        for kind in ("", "放假", "共", "上班")
    }
    name = "".join(cell for cell in of_kind[""] if not cell.isdecimal())
    off = "，".join(
        [f"{cell}放假" for cell in of_kind["放假"]] + [f"共{cell.rstrip('天')}天" for cell in of_kind["共"]]
    )
    return f"{name}：{'。'.join([off, *(f'{cell}上班' for cell in of_kind['上班'])])}"


def _day_ranges(line: str, year: int) -> Iterator[_DayRange]:
    """Yield the days of one line, sentence by sentence. The 放假 or 上班 of a day is the next one in the text, otherwise the one before."""
    month = 0
    for sentence in re.split(r"[。；;]", line):
        if "鼓励" in sentence:  # 鼓励在除夕休息 is advice, not a day off
            continue
        spoken = [
            (found.start(), found[0] not in WORK_WORDS) for found in DAY_OFF_OR_WORK.finditer(_mask_brackets(sentence))
        ]
        spans = []
        for place, first, last in _days(sentence, year, month):
            month = last.month
            if spoken:
                spans.append(_DayRange(first, last, _is_day_off(place, spoken)))
        _check_count(sentence, spans, bool(spoken))
        yield from spans


def _mask_brackets(sentence: str) -> str:
    """Blank out brackets: they contain weekdays and the lunar calendar, never 放假 or 上班."""
    return BRACKET.sub(lambda found: " " * len(found[0]), sentence)


def _is_day_off(place: int, spoken: list[tuple[int, bool]]) -> bool:
    after = [off for at, off in spoken if at >= place]
    return after[0] if after else spoken[-1][1]


def _check_count(sentence: str, spans: list[_DayRange], spoken: bool) -> None:
    rest = re.sub(r"\d{4}\s*年", "", sentence)
    if spoken and not spans and re.search(r"\d", rest) and not re.search(r"节假日|放假调休日期", rest):
        raise NoticeLineError("没有读出日期。请写成“1月1日（周五）至3日（周日）放假”，或“2027-01-04 上班”。")
    counted, off = DAY_COUNT.search(sentence), [span for span in spans if span.off]
    total = sum(1 for span in off for _ in span.days)
    if counted and off and total != int(counted[1]):
        raise NoticeLineError(f"写的是共 {counted[1]} 天，按日期数是 {total} 天。")


def _days(sentence: str, year: int, month: int) -> Iterator[tuple[int, date, date]]:
    """Yield, for each day or range of days, its position in the text and its first and last day."""
    at, first = 0, None
    while found := DAY.search(sentence, at):
        at = found.end()
        if not _is_day(found):
            continue
        day = _day(found, year, month)
        bracket = BRACKET.match(sentence, at)
        _check_weekday(day, bracket[1] if bracket else sentence[at : at + 4])
        at, month = bracket.end() if bracket else at, day.month
        until = RANGE.match(sentence, at)
        follows = until and DAY.match(sentence, until.end())
        if first is None and until and follows and _is_day(follows):
            first, start = day, found.start()
            continue
        if first is not None:
            _check_run(first, day)
            yield start, first, day
        else:
            yield found.start(), day, day
        first = None


def _is_day(found: re.Match[str]) -> bool:
    """Return whether the match is a day: it needs 日 or a month. A bare number (共3天, a document number) is not one."""
    return bool(found["sign"] or found["month"])


def _day(found: re.Match[str], year: int, month: int) -> date:
    of_year = year + 1 if found["next"] else int(found["year"] or year)
    of_month = int(found["month"] or month)
    if not of_month:
        raise NoticeLineError(f"“{found[0].strip()}”没有写是哪一月。")
    try:
        return date(of_year, of_month, int(found["day"]))
    except ValueError:
        raise NoticeLineError(f"{of_year}年{of_month}月{found['day']}日不存在。") from None


def _check_weekday(day: date, words: str) -> None:
    said = WEEKDAY.search(words)
    if said and WEEKDAYS.index(said[1].replace("天", "日")) != day.weekday():
        raise NoticeLineError(
            f"{day.year}年{day.month}月{day.day}日是周{WEEKDAYS[day.weekday()]}，写的是周{said[1]}。请核对日期，或核对所选的年份。"
        )


def _check_run(first: date, last: date) -> None:
    if last < first:
        raise NoticeLineError(
            f"{first.month}月{first.day}日至{last.month}月{last.day}日：结束早于开始。跨年的请写明年份。"
        )
    if (last - first).days >= MAX_DAYS_OFF:
        raise NoticeLineError(
            f"{first.month}月{first.day}日至{last.month}月{last.day}日超过 {MAX_DAYS_OFF} 天，请核对。"
        )


def _record(everything: dict[date, DayArrangement], span: _DayRange, name: str, number: int, year: int) -> None:
    for day in span.days:
        if abs((day - date(year, 7, 1)).days) > 220:
            raise NoticeLineError(f"{day:%Y-%m-%d} 不在 {year} 年。请核对所选的年份。")
        if not span.off and day.weekday() < 5:
            raise NoticeLineError(f"{day.month}月{day.day}日是周{WEEKDAYS[day.weekday()]}，本来就上班，请核对。")
        earlier = everything.get(day)
        if earlier and earlier.off != span.off:
            raise NoticeLineError(
                f"{day.month}月{day.day}日在第 {earlier.line} 行写的是“{'放假' if earlier.off else '上班'}”，前后不一致。"
            )
        everything[day] = DayArrangement(span.off, name, number)
