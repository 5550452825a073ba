"""A person's jobs, newest first."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString

from creation import background
from creation.lib.markup import markup
from creation.models import Job
from creation.web.display import filesize

BADGES = {"done": "success", "failed": "danger", "cancelled": "secondary"}
SMALL = {"td": {"class": "d-none d-md-table-cell text-nowrap"}, "th": {"class": "d-none d-md-table-cell"}}


class JobTable(tables.Table):
    """Expects ``Job.objects.visible_to(person)``."""

    kind = tables.Column("内容", attrs={"td": {"class": "text-break"}})
    state = tables.Column("状态")
    queued_at = tables.DateTimeColumn(verbose_name="提交时间", format="Y-m-d H:i", attrs=SMALL)
    expires_at = tables.DateTimeColumn(verbose_name="保留至", format="Y-m-d H:i", default="", attrs=SMALL)
    take = tables.Column("文件", accessor="pk", attrs={"td": {"class": "text-nowrap"}})

    class Meta:
        template_name = "creation/web/_plain_table.html"
        attrs = {"class": "table table-hover align-middle"}
        orderable = False

    def render_kind(self, record: Any) -> SafeString:
        """Show the title, and the message of a finished job without a file."""
        title, address = record.file_name or background.JOB_KINDS[record.kind].title, reverse("job", args=[record.pk])
        said = "" if record.is_unfinished or record.file_name else record.message
        return markup('<a href="{}">{}</a><div class="muted small">{}</div>', address, title, said)

    def render_state(self, record: Any) -> SafeString:
        word = "已过期" if record.is_expired else record.get_state_display()
        return markup(
            '<span class="badge text-bg-{}">{}</span>',
            "secondary" if record.is_expired else BADGES.get(record.state, "primary"),
            word,
        )

    def render_take(self, record: Job) -> SafeString | str:
        if not record.is_file:
            return ""
        if after := background.JOB_KINDS[record.kind].success_url:
            return markup('<a class="btn btn-sm btn-outline-primary" href="{}">打开</a>', after(record))
        address, size = reverse("job_file", args=[record.pk]), filesize(record.size)
        return markup(
            '<a class="btn btn-sm btn-outline-primary" href="{}" aria-label="下载 {}">'
            '<i class="bi bi-download" aria-hidden="true"></i> 下载</a> <span class="muted small">{}</span>',
            address,
            record.file_name,
            size,
        )
