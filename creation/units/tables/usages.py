"""Table of the storage that units use."""

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.units.quotas import StorageUsage
from creation.web.cells import cell


class UsageTable(tables.Table):
    """The data comes from `quotas.storage_usages`."""

    unit = tables.Column("单位", attrs={"td": {"class": "title"}})
    files = tables.Column("文件数", attrs=cell("文件数"))
    used = tables.Column("已用", attrs=cell("已用"))
    quota = tables.Column("配额", attrs=cell("配额"))
    percent = tables.Column("占比", attrs=cell("占比"))

    class Meta:
        orderable = False
        default = ""

    def render_used(self, value: int) -> str:
        return filesizeformat(value)

    def render_quota(self, value: int) -> str:
        return filesizeformat(value) if value else "不限"

    def render_percent(self, record: StorageUsage) -> SafeString:
        """Show the warning in words as well as in color."""
        if not record.is_high:
            return markup("{}%", record.percent)
        style, word = ("danger", "已超出") if record.is_over else ("warning", "接近上限")
        return markup('{}% <span class="badge text-bg-{}">{}</span>', record.percent, style, word)
