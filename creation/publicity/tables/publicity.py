"""The tables of what was published and of typical cases."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from creation.lib.markup import markup
from creation.models import LinkState, Publicity, TypicalCase
from creation.web.cells import cell


class PublicityTable(tables.Table):
    """Expects ``Publicity.objects.for_table()``."""

    published_on = tables.Column("发布", order_by=("published_on", "pk"), attrs=cell("发布", "text-nowrap"))
    title = tables.Column("标题", orderable=False, attrs={"td": {"class": "title"}})
    medium = tables.Column("媒体或平台", order_by=("medium", "pk"), attrs=cell("媒体或平台"))
    level = tables.Column("级别", order_by=("level", "pk"), attrs=cell("级别", "text-nowrap"))
    kind = tables.Column("形式", orderable=False, attrs=cell("形式"))
    unit = tables.Column("单位", order_by=("unit__order", "pk"), attrs=cell("单位"))
    link = tables.Column("链接", empty_values=(), orderable=False, attrs=cell("链接", "text-nowrap"))

    def render_title(self, record: Publicity, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_unit(self, value: Any) -> str:
        return str(value.short_name)

    def render_link(self, record: Publicity) -> SafeString | str:
        if not record.url:
            return f"附件 {len(record.files.all())} 个"
        watch = record.link_watch
        state = LinkState(watch.state) if watch else LinkState.UNCHECKED
        css = "light-red" if state is LinkState.DEAD else "muted"
        return markup('<span class="small {}">{}</span>', css, state.label)


class CaseTable(tables.Table):
    """Expects ``TypicalCase.objects.for_table()``."""

    title = tables.Column("题目", orderable=False, attrs={"td": {"class": "title"}})
    unit = tables.Column("单位", order_by=("unit__order", "pk"), attrs=cell("单位"))
    state = tables.Column("状态", order_by=("state", "unit__order", "pk"), attrs=cell("状态"))
    submitted_at = tables.Column("报送", order_by=("submitted_at", "pk"), attrs=cell("报送", "text-nowrap"))

    def render_title(self, record: TypicalCase, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_unit(self, value: Any) -> str:
        return str(value.short_name)

    def render_submitted_at(self, value: datetime) -> str:
        return f"{localtime(value):%Y-%m-%d %H:%M}"
