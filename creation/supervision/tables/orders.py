"""Tables of supervision orders and of the replies to one."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from creation.lib.markup import markup
from creation.models import ANSWERED, UNANSWERED, SupervisionOrder, Task, TaskStatus
from creation.rules.periods import period_name
from creation.web.cells import cell
from creation.web.display import days_left, light

SHOWN = 200  # letters of a reply


class OrderTable(tables.Table):
    """The data is ``SupervisionOrder.objects.for_table().with_counts(today)``."""

    serial = tables.Column("编号", attrs=cell("编号", "code text-nowrap"))
    title = tables.Column("督办事项", accessor="action__title", orderable=False, attrs={"td": {"class": "title"}})
    lead = tables.Column("牵头单位", order_by=("lead__order", "serial"), attrs=cell("牵头单位"))
    cycle = tables.Column("报送", orderable=False, attrs=cell("报送"))
    answered = tables.Column("已报 / 应报", orderable=False, attrs=cell("已报 / 应报", "text-nowrap"))
    missed = tables.Column("未回复", order_by=("missed", "serial"), attrs=cell("未回复", "number"))
    days = tables.Column("已办天数", order_by=("-issued_at",), empty_values=(), attrs=cell("已办天数", "number"))
    closed_on = tables.Column("状态", orderable=False, empty_values=(), attrs=cell("状态", "text-nowrap"))

    def __init__(self, data: QuerySet[SupervisionOrder], *, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(data, **kwargs)

    def render_serial(self, record: SupervisionOrder) -> str:
        return record.action.code

    def render_title(self, record: SupervisionOrder, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_cycle(self, record: SupervisionOrder) -> str:
        return record.cycle_in_short

    def render_answered(self, record: Any) -> str:
        return f"{record.answered} / {record.replies}"

    def render_missed(self, value: int) -> SafeString | str:
        return markup('<strong class="light-red">{}</strong>', value) if value else "0"

    def render_days(self, record: SupervisionOrder) -> str:
        return str(record.days_open(self.today))

    def render_closed_on(self, record: SupervisionOrder) -> str:
        return f"{record.closed_on:%Y-%m-%d} 办结" if record.closed_on else "办理中"


class OrderReplyTable(tables.Table):
    """The replies to an order: ``Task`` rows with ``with_light`` and ``reply``, the text that was handed in last."""

    unit = tables.Column("单位", attrs=cell("单位"))
    role = tables.Column("分工", attrs=cell("分工"))
    period = tables.Column("期间", attrs=cell("期间"))
    due_on = tables.Column("时限", empty_values=(), attrs=cell("时限"))
    light = tables.Column("亮灯", attrs=cell("亮灯"))
    status = tables.Column("状态", attrs=cell("状态"))
    reply = tables.Column("办理情况", empty_values=(), attrs=cell("办理情况", "reply-text"))

    class Meta:
        attrs = {"class": "table align-middle stacked mb-0"}
        orderable = False

    def __init__(self, data: Any, *, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(data, **kwargs)

    def render_unit(self, record: Task) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), record.unit)

    def render_period(self, value: str) -> str:
        return period_name(value)

    def render_due_on(self, record: Task) -> SafeString:
        left = "" if record.status in ANSWERED and record.due_on else days_left(record.due_on, self.today)
        day = f"{record.due_on:%Y-%m-%d}" if record.due_on else ""
        return markup('<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', day, left)

    def render_reply(self, record: Any) -> str:
        return Truncator(record.reply or "").chars(SHOWN) if record.status != TaskStatus.OPEN else ""

    def render_light(self, record: Task, value: str) -> SafeString | str:
        return "—" if record.dropped_on else light(value)

    def render_status(self, record: Task, value: str) -> SafeString | str:
        """Say that a reply was missed; until the order is closed the unit can still hand it in."""
        if record.status not in UNANSWERED or record.due_on is None or record.due_on >= self.today:
            return value
        after = "" if record.dropped_on else "，可以补报"
        return markup('<strong class="light-red">未回复</strong> <span class="muted small">{}{}</span>', value, after)
