"""The table of the library."""

from typing import Any

import django_tables2 as tables
from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from creation.lib.markup import markup
from creation.models import Campaign, EvidenceKind
from creation.web.cells import cell
from creation.web.display import filesize, kind_icon

MAX_NAMED_CITATIONS = 4  # citations named in a row


class NullsLastColumn(tables.Column):
    """Sorts by ``by``, empty values last in both directions, and newest first among equal ones."""

    def __init__(self, *args: Any, by: str, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)

    def order(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        key = F(self.by).desc(nulls_last=True) if is_descending else F(self.by).asc(nulls_last=True)
        return queryset.order_by(key, "-created_at", "-pk"), True


class LibraryTable(tables.Table):
    """Expects ``listing.rows``; ``with_units`` adds the column of units."""

    title = NullsLastColumn("资料", by="title", attrs={"td": {"class": "title"}})
    dated_on = NullsLastColumn("成文日期", by="dated_on", empty_values=(), attrs=cell("成文日期", "text-nowrap"))
    unit = NullsLastColumn("单位", by="unit__order", attrs=cell("单位"))
    places = NullsLastColumn("引用", by="cite_count", accessor="cite_count", attrs=cell("引用"))
    created_at = NullsLastColumn("上传", by="created_at", attrs=cell("上传", "text-nowrap"))

    class Meta:
        attrs = {"class": "table table-hover align-middle stacked library"}

    def __init__(self, data: Any, *, campaign: Campaign, with_units: bool, **kwargs: Any) -> None:
        self.campaign = campaign
        super().__init__(data, exclude=() if with_units else ("unit",), **kwargs)

    def render_title(self, record: Any) -> SafeString:
        facts = [record.get_kind_display(), record.doc_number, record.issuer, *_file_facts(record)]
        return markup(
            '<div class="piece">{}<div><a href="{}">{}</a><div class="small muted evidence-meta">{}</div>{}</div></div>',
            _thumbnail(record),
            reverse("evidence", args=[record.pk]),
            record.title,
            format_html_join("", "<span>{}</span>", ((fact,) for fact in facts if fact)),
            _badges(record),
        )

    def render_dated_on(self, record: Any) -> SafeString | str:
        if record.dated_on is None:
            return markup('<span class="muted">{}</span>', "未填")
        day = f"{record.dated_on:%Y-%m-%d}"
        if self.campaign.window_includes(record.dated_on):
            return day
        return markup('{} <span class="badge text-bg-warning">{}</span>', day, "范围外")

    def render_places(self, record: Any, value: int) -> SafeString:
        if not record.shown:
            return markup('<span class="muted">{}</span>', f"{value} 处" if value else "未引用")
        named = format_html_join(
            " ", '<a class="code text-nowrap" href="{}" title="{}">{}</a>', _named_citations(record)
        )
        return markup("{} {}", named, f"等 {value} 处" if value > MAX_NAMED_CITATIONS else "")

    def render_created_at(self, value: Any) -> str:
        return f"{localtime(value):%Y-%m-%d}"


def _named_citations(record: Any) -> Any:
    for each in record.shown[:MAX_NAMED_CITATIONS]:
        yield reverse("task", args=[each.task.campaign_id, each.task_id]), f"{each.task.unit} {each.task}", each.number


def _thumbnail(record: Any) -> SafeString:
    newest = record.newest[0] if record.newest else None
    if newest and newest.blob and record.kind != EvidenceKind.VIDEO:
        address = reverse("evidence_thumb", args=[record.pk, newest.number])
        return markup('<img class="thumb" src="{}" alt="" width="48" height="48" loading="lazy">', address)
    sign = '<span class="thumb thumb-sign" aria-hidden="true"><i class="bi bi-{}"></i></span>'
    return markup(sign, kind_icon(record.kind))


def _file_facts(record: Any) -> list[str]:
    newest = record.newest[0] if record.newest else None
    if not newest:
        return []
    facts = [f"{newest.extension} {filesize(newest.size)}" if newest.size else ""]
    return [*facts, f"{record.pages} 页" if record.pages else "", f"第 {newest.number} 版" if newest.number > 1 else ""]


def _badges(record: Any) -> SafeString:
    marks = [
        ("danger", "已紧急隐藏") if record.hidden_at else None,
        ("danger", f"待确认 {flagged}") if (flagged := record.flagged_marks) else None,
        ("secondary", "内部资料") if record.confidentiality == "internal" else None,
    ]
    return format_html_join(" ", '<span class="badge text-bg-{}">{}</span>', filter(None, marks))
