"""The table of meetings."""

import django_tables2 as tables
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Meeting
from creation.web.cells import cell


class MeetingTable(tables.Table):
    """The data is ``Meeting.objects.for_table()``."""

    held_on = tables.Column("日期", order_by=("held_on", "pk"), attrs=cell("日期", "text-nowrap"))
    title = tables.Column("会议", orderable=False, attrs={"td": {"class": "title"}})
    kind = tables.Column("类型", orderable=False, attrs=cell("类型"))
    chair = tables.Column("主持人", orderable=False, default="—", attrs=cell("主持人"))
    minutes = tables.Column("纪要", orderable=False, empty_values=(), attrs=cell("纪要"))
    decided = tables.Column("议定事项", orderable=False, attrs=cell("议定事项", "number"))

    def render_held_on(self, record: Meeting) -> str:
        return f"{record.held_on:%Y-%m-%d}"

    def render_title(self, record: Meeting, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_minutes(self, record: Meeting) -> str:
        return "有" if record.minutes else "没有"
