"""The title, notes and line for the stamp above the table of a ledger."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from reports.printed_tables import SheetHeader

ANNEX = "附件2"


@dataclass(frozen=True, slots=True)
class LedgerCover:
    """``scope`` says in words which part of the campaign the ledger contains.

    ``day`` is the past day it shows, ``since`` the earlier day it is compared with, ``note`` the number and check code of a copy to be
    stamped. ``edition`` names the indicator system in force on the day, if it has been replaced since.
    """

    title: str
    unit: str
    scope: str
    as_of: datetime
    day: date | None = None
    since: date | None = None
    note: str = ""
    edition: str = ""

    @property
    def today(self) -> date:
        """The day that the ledger shows."""
        return self.day or timezone.localdate(self.as_of)

    def header(self, unit: str = "") -> SheetHeader:
        return SheetHeader(self.title, self.stamp_line(unit or self.unit), ANNEX)

    def stamp_line(self, unit: str) -> tuple[str, ...]:
        """The four parts of the line for signatures and stamp."""
        day = self.today
        return (f"填报单位（盖章）：{unit}", "填报人：", "审核人：", f"填报时间：{day.year}年{day.month}月{day.day}日")

    @property
    def as_of_line(self) -> str:
        when = f"{self.day:%Y-%m-%d} 24:00" if self.day else f"{timezone.localtime(self.as_of):%Y-%m-%d %H:%M}"
        return f"数据截至 {when}；范围：{self.scope}"

    @property
    def notes(self) -> list[str]:
        """Lines below the title of 汇总: the time of the data, and what a ledger of a past day cannot show."""
        if not self.day:
            return [self.as_of_line]
        looked = timezone.localdate(self.as_of)
        edition = f"要点的编号、名称按当日的指标体系“{self.edition}”；" if self.edition else ""
        return [
            self.as_of_line,
            f"{edition}按当日的状态、时限、答复、审核和资料还原；题名、分工、领导和联络员为 {looked:%Y-%m-%d} 的登记",
        ]
