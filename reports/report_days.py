"""The days of a report: which day it shows, and with which earlier day it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

DAYS = ("as_of", "since")


@dataclass(frozen=True, slots=True)
class ReportDays:
    """``as_of``: the past day to show (None: now); ``since``: the earlier day to compare with. ``error``: a message."""

    as_of: date | None = None
    since: date | None = None
    error: str = ""


def days_of(data: Mapping[str, Any], today: date) -> ReportDays:
    """Parse both days; for an invalid one, return an error message."""
    try:
        as_of, since = (
            date.fromisoformat(str(data.get(name) or "")) if data.get(name) else None for name in ("as_of", "since")
        )
    except ValueError:
        return ReportDays(error="日期不正确，请按 2026-07-31 的格式填写。")
    if as_of and as_of > today:
        return ReportDays(error=f"截至日期 {as_of} 还没有到，请填今天或以前的日期。")
    if since and since >= (as_of or today):
        return ReportDays(error=f"对比日期 {since} 须早于截至日期 {as_of or today}。")
    return ReportDays(as_of if as_of != today else None, since)
