"""The table of what the heads of units did in person (四个亲自): a row for each unit and act."""

from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Task
from creation.web.cells import cell


class PersonalActTable(tables.Table):
    """The data is ``acting_tasks``."""

    unit = tables.Column("单位", order_by=("unit__order", "action_id"), attrs=cell("单位"))
    act = tables.Column(
        "事项", accessor="action__get_personal_act_display", orderable=False, attrs={"td": {"class": "title"}}
    )
    act_count = tables.Column("次数", order_by=("act_count", "unit__order"), attrs=cell("次数", "number"))
    last_act_on = tables.Column("最近", order_by=("last_act_on", "unit__order"), empty_values=(), attrs=cell("最近"))
    acts = tables.Column("日期、内容和证明", orderable=False, empty_values=(), attrs=cell("内容"))
    status = tables.Column("任务", orderable=False, attrs=cell("任务"))

    def render_act(self, record: Task, value: str) -> SafeString:
        return markup('<a href="{}#personal-acts">{}</a>', record.get_absolute_url(), value)

    def render_last_act_on(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}" if value else "—"

    def render_acts(self, record: Any) -> SafeString:
        lines = [
            markup(
                '<div class="small">{} {} <span class="muted">（<span class="{}">{}</span>）</span></div>',
                f"{act.done_on:%m-%d}",
                act.what,
                "" if act.proof == act.where else "code",  # a number is not broken
                act.proof or "证明已移除",
            )
            for act in record.acts
        ]
        return SafeString("".join(lines)) if lines else markup('<span class="muted">{}</span>', "没有登记")

    def render_status(self, record: Task) -> str:
        return record.get_status_display()
