"""Tables of rounds and of visits."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import SupervisionRound, Visit
from creation.web.cells import cell

STATE_COLOURS = {
    "没有记录": "text-bg-danger",
    "待签收": "text-bg-warning",
    "已签收": "text-bg-success",
    "已取消": "text-bg-secondary",
}


class RoundTable(tables.Table):
    """The data is ``SupervisionRound.objects.for_table().with_counts()``. ``whole``: the person sees the visits of all units."""

    number = tables.Column("轮次", attrs=cell("轮次", "number"))
    name = tables.Column("名称", orderable=False, attrs={"td": {"class": "title"}})
    starts = tables.Column("日期", order_by=("starts", "number"), attrs=cell("日期", "text-nowrap"))
    recorded_count = tables.Column(
        "已记录 / 走访", empty_values=(), orderable=False, attrs=cell("已记录 / 走访", "text-nowrap")
    )

    def __init__(self, data: QuerySet[SupervisionRound], *, whole: bool, **kwargs: Any) -> None:
        super().__init__(data, exclude=() if whole else ("recorded_count",), **kwargs)

    def render_name(self, record: SupervisionRound, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_starts(self, record: SupervisionRound) -> str:
        return f"{record.starts:%Y-%m-%d} 至 {record.ends:%Y-%m-%d}"

    def render_recorded_count(self, record: Any) -> str:
        return f"{record.recorded_count} / {record.visit_count}"


class VisitTable(tables.Table):
    """The data is ``Visit.objects.for_table()`` with ``finding_count``."""

    day = tables.Column("日期", order_by=("day", "half", "pk"), empty_values=(), attrs=cell("日期", "text-nowrap"))
    unit = tables.Column("单位", order_by=("unit__order", "day", "pk"), attrs={"td": {"class": "title"}})
    round = tables.Column("轮次", order_by=("round__number", "day", "pk"), attrs=cell("轮次"))
    team = tables.Column("督导组", order_by=("team__name", "day", "pk"), attrs=cell("督导组"))
    finding_count = tables.Column("问题", order_by=("finding_count", "day", "pk"), attrs=cell("问题", "number"))
    state = tables.Column("状态", orderable=False, attrs=cell("状态"))

    def __init__(self, data: QuerySet[Visit], *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def render_day(self, record: Visit) -> str:
        return record.when

    def render_unit(self, record: Visit) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), record.unit)

    def render_finding_count(self, value: int) -> str:
        return str(value) if value else ""

    def render_state(self, record: Visit) -> SafeString:
        value = record.state_on(self.today)
        return markup('<span class="badge {}">{}</span>', STATE_COLOURS.get(value, "text-bg-light border"), value)
