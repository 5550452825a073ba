"""The table of the recycle bin."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from creation.lib.markup import markup
from creation.web.cells import cell


class RecycleBinTable(tables.Table):
    """Expects ``Evidence.objects.restorable_by(…)`` with unit and ``deleted_by``. ``token`` is the CSRF token for the form in each row."""

    title = tables.Column("资料", attrs={"td": {"class": "title"}})
    unit = tables.Column("单位", order_by=("unit__order",), attrs=cell("单位"))
    deleted_at = tables.Column("删除时间", attrs=cell("删除时间", "text-nowrap"))
    deleted_by = tables.Column("删除人", orderable=False, attrs=cell("删除人"))
    delete_reason = tables.Column("原因", orderable=False, attrs=cell("原因"))
    back = tables.Column("操作", empty_values=(), orderable=False, attrs=cell("操作"))

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        self.token = token
        super().__init__(*args, **kwargs)

    def render_title(self, record: Any) -> SafeString:
        facts = f"{record.get_kind_display()} {record.doc_number}"
        link = '<a href="{}">{}</a><div class="small muted">{}</div>'
        return markup(link, reverse("evidence", args=[record.pk]), record.title, facts)

    def render_deleted_at(self, value: Any) -> str:
        return f"{localtime(value):%Y-%m-%d %H:%M}"

    def render_back(self, record: Any) -> SafeString:
        form = (
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn btn-sm btn-outline-primary" type="submit">恢复<span class="visually-hidden">：{}</span></button></form>'
        )
        return markup(form, reverse("evidence_restore", args=[record.pk]), self.token, record.title)
