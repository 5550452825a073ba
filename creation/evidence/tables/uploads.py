"""The table of a person's unfinished uploads."""

from typing import Any

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from creation.evidence.pending_uploads import PendingUpload
from creation.lib.markup import markup
from creation.web.cells import cell


class PendingUploadTable(tables.Table):
    """Expects `pending_uploads.pending_of`."""

    name = tables.Column("文件", accessor="upload__name", attrs={"td": {"class": "title"}})
    task = tables.Column("任务", accessor="upload__task", attrs=cell("任务"))
    sent = tables.Column("已传", accessor="percent", attrs=cell("已传"))
    until = tables.Column("保留到", accessor="expires_at", attrs=cell("保留到"))
    keys = tables.TemplateColumn(
        verbose_name="", template_name="creation/evidence/_pending_keys.html", attrs={"td": {"class": "keys"}}
    )

    class Meta:
        orderable = False
        default = ""

    def render_name(self, record: PendingUpload) -> SafeString:
        upload = record.upload
        where = markup('<span class="muted small d-block">{}/</span>', upload.folder) if upload.folder else ""
        return markup("{}{}", where, upload.name)

    def render_task(self, value: Any) -> SafeString:
        return markup('<a href="{}">{}</a>', value.get_absolute_url(), value)

    def render_sent(self, record: PendingUpload) -> SafeString:
        sizes = f"{filesizeformat(record.offset)} / {filesizeformat(record.upload.size)}"
        return markup('<span class="text-nowrap">{}%</span> <span class="muted small">{}</span>', record.percent, sizes)

    def render_until(self, record: PendingUpload) -> SafeString:
        return markup(
            '<span class="text-nowrap">{}</span>', date_format(timezone.localtime(record.expires_at), "n月j日 H:i")
        )
