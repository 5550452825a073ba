"""The table of the inbox."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Notice

BADGES = {"returned": "danger", "urge": "danger", "health": "danger", "reminder": "warning", "approved": "success"}
WIDE_SCREEN_CLASS = "d-none d-md-table-cell text-nowrap"  # on a phone the text column contains it


class NoticeTable(tables.Table):
    """Expects ``Notice.objects.visible_to(person).with_words_for(person).for_inbox()``."""

    kind = tables.Column("类型", attrs={"td": {"class": WIDE_SCREEN_CLASS}, "th": {"class": WIDE_SCREEN_CLASS}})
    text = tables.Column("内容", attrs={"td": {"class": "text-break"}})
    created_at = tables.DateTimeColumn(
        verbose_name="时间",
        format="Y-m-d H:i",
        attrs={"td": {"class": WIDE_SCREEN_CLASS}, "th": {"class": WIDE_SCREEN_CLASS}},
    )

    class Meta:
        template_name = "creation/web/_plain_table.html"
        attrs = {"class": "table table-hover align-middle"}
        orderable = False

    def render_kind(self, record: Any) -> SafeString:
        return badge(record)

    def render_text(self, record: Any) -> SafeString:
        return markup(
            '<span class="d-md-none d-flex gap-2 small mb-1">{} <span class="muted">{}</span></span>'
            '<a class="d-block py-1 text-decoration-none {}" href="{}">{}</a>',
            badge(record),
            date_format(timezone.localtime(record.created_at), "n月j日 H:i"),
            "fw-semibold" if record.is_unread else "muted",
            reverse("notice", args=[record.pk]),
            unread_mark(record),
        )


def badge(notice: Notice) -> SafeString:
    colour = BADGES.get(notice.kind, "secondary")
    return markup('<span class="badge text-bg-{}">{}</span>', colour, notice.get_kind_display())


def unread_mark(notice: Any) -> SafeString:
    """Mark an unread notice for screen readers too, as they do not announce bold text."""
    return markup('<span class="visually-hidden">{}</span>{}', "未读：" if notice.is_unread else "", notice.words)
