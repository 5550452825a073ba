"""The table of announcements: for the office how many units signed, for a unit whether it did."""

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Announcement
from creation.web.cells import cell


class AnnouncementTable(tables.Table):
    """Expects ``Announcement.objects.for_table()`` with ``own``: whether the person's unit signed. ``unread`` are subjects of notices."""

    code = tables.Column("编号", attrs=cell("编号", "text-nowrap"))
    title = tables.Column("标题", attrs={"td": {"class": "title"}})
    issued_at = tables.Column("发布", attrs=cell("发布"))
    signed = tables.Column("签收", empty_values=(), attrs=cell("签收"))

    class Meta:
        orderable = False

    def __init__(self, data: QuerySet[Announcement], *, office: bool, **kwargs: Any) -> None:
        self.office = office
        self.unread: set[str] = set()
        super().__init__(data, **kwargs)

    def render_title(self, record: Announcement, value: str) -> SafeString:
        address, marks = record.get_absolute_url(), []
        if f"announcement/{record.pk}" in self.unread:
            marks.append("未读")
        if record.withdrawn_at:
            marks.append("已撤回")
        elif record.version > 1:
            marks.append("已更正")
        badge = markup(' <span class="badge text-bg-secondary">{}</span>', "、".join(marks)) if marks else ""
        return markup('<a href="{}">{}</a>{}', address, value, badge)

    def render_issued_at(self, record: Announcement) -> SafeString:
        day = f"{timezone.localtime(record.issued_at):%Y-%m-%d}"
        return markup('<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', day, record.issued_by)

    def render_signed(self, record: Any) -> SafeString | str:
        if not record.needs_receipt or record.withdrawn_at:
            return "不需签收" if not record.needs_receipt else "—"
        if self.office:
            return f"{record.signed} / {record.addressed}"
        return "已签收" if record.own else markup('<span class="badge text-bg-warning">{}</span>', "待签收")
