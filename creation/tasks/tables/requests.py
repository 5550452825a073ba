"""Table of the units' requests that have been decided."""

from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import TaskRequest
from creation.web.cells import cell


class RequestTable(tables.Table):
    """The data is requests with their task's unit, indicator and action, and with who asked and who decided."""

    created_at = tables.Column("申请时间", attrs=cell("申请"))
    kind = tables.Column("类型", attrs=cell("类型"))
    task = tables.Column("任务", attrs={"td": {"class": "title"}})
    unit = tables.Column("单位", accessor="task__unit", attrs=cell("单位"))
    reason = tables.Column("理由", attrs={"td": {"data-label": "理由", "class": "wide pre"}})
    due_on = tables.Column("现时限", accessor="task__due_on", attrs=cell("现时限"))
    wanted_on = tables.Column("申请延至", attrs=cell("延至"))
    granted = tables.Column("答复", empty_values=(), attrs={"td": {"data-label": "答复", "class": "wide"}})

    class Meta:
        orderable = False
        default = ""

    def render_created_at(self, record: TaskRequest) -> SafeString:
        day = date_format(timezone.localtime(record.created_at), "n月j日 H:i")
        return markup('<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', day, record.created_by)

    def render_task(self, value: Any) -> Any:
        """A task that was reassigned to another unit no longer has a page."""
        if value.dropped_on:
            return f"{value}（已改派）"
        return markup('<a href="{}">{}</a>', value.get_absolute_url(), value)

    def render_due_on(self, value: Any) -> SafeString:
        return markup('<span class="text-nowrap">{}</span>', f"{value:%Y-%m-%d}")

    def render_wanted_on(self, value: Any) -> SafeString:
        return self.render_due_on(value)

    def render_granted(self, record: TaskRequest) -> SafeString:
        result, by = "同意" if record.granted else "不同意", record.decided_by
        return markup('<strong>{}</strong> {} <span class="muted small">{}</span>', result, record.answer, by)
