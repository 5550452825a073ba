"""Table of the papers issued for the stamp, each with its scan or a note that it is missing."""

from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Paper
from creation.web.cells import cell


class PaperTable(tables.Table):
    """The data comes from ``Paper.objects.for_table()``."""

    number = tables.Column("编号", attrs=cell("编号", "text-nowrap"))
    title = tables.Column("文件", attrs={"td": {"class": "title"}})
    unit = tables.Column("用印单位", attrs=cell("用印单位"))
    created_at = tables.Column("生成", attrs=cell("生成"))
    stamped = tables.Column("盖章扫描件", empty_values=(), attrs=cell("盖章扫描件"))

    class Meta:
        orderable = False

    def render_title(self, record: Paper, value: str) -> SafeString:
        address = record.get_absolute_url()
        kind = markup('<span class="muted small">{}</span>', record.get_kind_display())
        return markup('<a href="{}">{}</a> {}', address, value, kind)

    def render_unit(self, record: Paper) -> str:
        return record.unit.short_name

    def render_created_at(self, record: Paper) -> SafeString:
        moment = f"{timezone.localtime(record.created_at):%Y-%m-%d %H:%M}"
        return markup(
            '<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', moment, record.created_by
        )

    def render_stamped(self, record: Any) -> SafeString | str:
        if record.voided_at:
            return "已作废"
        if record.in_proof:
            return markup('<span class="text-success">{}</span>', "已随任务上传")
        scans = record.scans.all()
        if scans:
            return markup(
                '<span class="text-success">{}</span>', f"已上传 {timezone.localtime(scans[0].created_at):%m-%d}"
            )
        return markup('<span class="badge text-bg-warning">{}</span>', "待上传")
