"""Tables of findings and of rectifications."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import ANSWERED, Finding, Severity, Task, TaskStatus
from creation.tasks.tables.tasks import LIGHT_ORDER, SortedColumn, rank_of
from creation.web.cells import cell
from creation.web.display import days_left, light

STATUS_ORDER: Sequence[str] = (
    TaskStatus.SUBMITTED,
    TaskStatus.RETURNED,
    TaskStatus.PARTIAL,
    TaskStatus.OPEN,
    TaskStatus.SIGNING,
    TaskStatus.LONG_TERM,
    TaskStatus.APPROVED,
)


class FindingTable(tables.Table):
    """The data is ``Finding.objects.for_table().with_counts()``. ``whole``: the person sees how many units have rectified it."""

    code = tables.Column("编号", order_by="serial", attrs=cell("编号", "code text-nowrap"))
    title = tables.Column("问题", orderable=False, attrs={"td": {"class": "title"}})
    source = tables.Column("来源", order_by=("source__order", "serial"), attrs=cell("来源"))
    severity = tables.Column("程度", order_by=("severity", "serial"), attrs=cell("程度"))
    indicator = tables.Column("要点", order_by=("indicator__order", "serial"), empty_values=(), attrs=cell("要点"))
    found_on = tables.Column("发现", order_by=("found_on", "serial"), default="—", attrs=cell("发现", "text-nowrap"))
    closed_count = tables.Column(
        "销号 / 单位", empty_values=(), orderable=False, attrs=cell("销号 / 单位", "text-nowrap")
    )

    def __init__(self, data: QuerySet[Finding], *, whole: bool, **kwargs: Any) -> None:
        super().__init__(data, exclude=() if whole else ("closed_count",), **kwargs)

    def render_title(self, record: Finding, value: str) -> SafeString:
        marks = [name for name, shown in (("共性", record.is_common), ("已撤销", record.withdrawn_on)) if shown]
        badges = "".join(markup(' <span class="badge text-bg-light border">{}</span>', name) for name in marks)
        return markup('<a href="{}">{}</a>{}', record.get_absolute_url(), value, SafeString(badges))

    def render_severity(self, value: str, record: Finding) -> str:
        return Severity(record.severity).label

    def render_indicator(self, record: Finding) -> str:
        return record.indicator.code if record.indicator else "—"

    def render_closed_count(self, record: Any) -> str:
        return f"{record.closed_count} / {record.units_count}"


class RectificationTable(tables.Table):
    """The data is ``Task`` rows of findings, ``for_table().with_light().with_counts()``, with ``relapses`` (反弹次数)."""

    code = SortedColumn(
        "编号", by=F("finding__serial"), accessor="finding__code", attrs=cell("编号", "code text-nowrap")
    )
    title = tables.Column("问题", accessor="finding__title", orderable=False, attrs={"td": {"class": "title"}})
    unit = SortedColumn("单位", by=F("unit__order"), attrs=cell("单位"))
    due_on = SortedColumn("时限", by=F("due_on"), empty_values=(), attrs=cell("时限"))
    light = SortedColumn("亮灯", by=rank_of("light", LIGHT_ORDER), attrs=cell("亮灯"))
    status = SortedColumn("状态", by=rank_of("status", STATUS_ORDER), attrs=cell("状态"))
    citation_count = SortedColumn("资料", by=F("citation_count"), attrs=cell("资料份数", "number"))
    relapses = SortedColumn("反弹", by=F("relapses"), attrs=cell("反弹", "number"))

    def __init__(self, data: QuerySet[Task] | Sequence[Task], *, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(data, **kwargs)

    def render_title(self, record: Task, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_due_on(self, record: Task) -> SafeString:
        left = "" if record.status in ANSWERED and record.due_on else days_left(record.due_on, self.today)
        day = f"{record.due_on:%Y-%m-%d}" if record.due_on else ""
        return markup('<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', day, left)

    def render_light(self, value: str) -> SafeString:
        return light(value, is_rectification=True)

    def render_status(self, record: Task) -> str:
        return record.get_status_display()

    def render_relapses(self, value: int) -> str:
        return f"{value} 次" if value else ""


class UnitRectificationTable(RectificationTable):
    """The rectifications of one finding, a row a unit."""

    class Meta:
        attrs = {"class": "table align-middle stacked mb-0"}
        exclude = ("code", "title")
        sequence = ("unit", "status", "light", "due_on", "...")
        orderable = False

    def render_unit(self, record: Task) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), record.unit)
