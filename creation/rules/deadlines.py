"""Date rules of a campaign: the meaning of a due day on a given day. Pure functions; ``today`` is always an argument."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

YELLOW_WORKDAYS = 3  # workdays before the due day from which a task is yellow
ASSIST_LEAD = 3  # workdays by which assisting units are due before the leading unit


class Light(StrEnum):
    GREEN = "green"
    BLUE = "blue"
    RED = "red"
    YELLOW = "yellow"
    GREY = "grey"
    NONE = "none"


LIGHT_NAMES: dict[Light, str] = {
    Light.GREEN: "已通过",
    Light.BLUE: "待审核",
    Light.RED: "已逾期",
    Light.YELLOW: "临期",
    Light.GREY: "未开始",
    Light.NONE: "正常",
}
RECTIFICATION_LIGHT_NAMES = LIGHT_NAMES | {Light.GREEN: "已销号", Light.BLUE: "待核查"}


class Workdays:
    """A calendar of workdays: Monday to Friday, corrected by ``off`` and ``work`` (State Council notice, 调休)."""

    def __init__(self, off: Collection[date] = (), work: Collection[date] = ()) -> None:
        self.off = frozenset(off)
        self.work = frozenset(work)

    def is_workday(self, day: date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def shift(self, day: date, count: int) -> date:
        """Return the workday ``count`` workdays after ``day``, or before it if negative. For 0, return ``day`` itself, workday or not."""
        step = timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if self.is_workday(day):
                count -= 1 if count > 0 else -1
        return day

    def on_or_before(self, day: date) -> date:
        return day if self.is_workday(day) else self.shift(day, -1)

    def on_or_after(self, day: date) -> date:
        return day if self.is_workday(day) else self.shift(day, 1)

    def between(self, start: date, end: date) -> int:
        """Return the number of workdays after ``start`` up to and including ``end``; 0 if ``end`` is not later."""
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def workday_before(due_on: date | None, calendar: Workdays) -> date | None:
    """Return the last workday before a due day that is a day off. Return None if the due day is a workday."""
    if due_on is None or calendar.is_workday(due_on):
        return None
    return calendar.on_or_before(due_on)


def due_day_text(due_on: date, calendar: Workdays) -> str:
    """Return the text of a due day in notices, such as ``2026-08-09（休息日，请在 2026-08-07 前办结）``."""
    before = workday_before(due_on, calendar)
    return f"{due_on:%Y-%m-%d}（休息日，请在 {before:%Y-%m-%d} 前办结）" if before else f"{due_on:%Y-%m-%d}"


def former_due_note(due_on: date | None) -> str:
    """Return the former due date for a note on its change, such as ``（原时限 2026-08-10）``. The text is never parsed."""
    return f"（原时限 {due_on:%Y-%m-%d}）" if due_on else "（原时限待定）"
