"""The delivery log: recipient, time, channel, notices, response, and when it was read."""

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Delivery, DeliveryState
from creation.people.tables.accounts import badge
from creation.web.cells import cell

COLOURS = {"waiting": "secondary", "sent": "success", "failed": "danger", "carried": "light", "stopped": "warning"}
MAX_UNFOLDED_LINES = 3  # lines of a digest shown unfolded


class DeliveryTable(tables.Table):
    """Expects ``Delivery.objects…for_table()``."""

    at = tables.DateTimeColumn(
        verbose_name="时间",
        accessor="digest__created_at",
        format="Y-m-d H:i",
        attrs=cell("时间", "text-nowrap"),
    )
    person = tables.Column(
        "收件人", accessor="digest__person", attrs={"td": {"class": "title"}}, order_by="digest__person__name"
    )
    said = tables.Column("内容与阅读", accessor="digest", orderable=False, attrs=cell("内容", "text-break"))
    outlet = tables.Column("渠道", orderable=False, empty_values=(), attrs=cell("渠道", "text-nowrap"))
    state = tables.Column("状态", attrs=cell("状态"))
    answer = tables.Column("对方答复", orderable=False, empty_values=(), attrs=cell("答复", "text-break"))

    class Meta:
        attrs = {"class": "table table-sm align-middle stacked mb-0"}

    def __init__(self, *args: Any, may_retry: bool, is_expanded: bool = False, **kwargs: Any) -> None:
        self.may_retry, self.is_expanded = may_retry, is_expanded
        super().__init__(*args, **kwargs)

    def render_person(self, record: Delivery) -> SafeString:
        person = record.digest.person
        return markup('{}<div class="muted small">{}</div>', person.name, person.unit or "")

    def render_said(self, record: Any) -> SafeString:
        """Show the lines of a digest. Long digests are folded, except in print and when filtered by task."""
        notices = record.digest.said
        lines = format_html_join(
            "",
            '<div>{} <span class="muted small">{}</span></div>',
            (
                (each.words, f"{timezone.localtime(each.read_at):%m-%d %H:%M} 已读" if each.read_at else "未读")
                for each in notices
            ),
        )
        if self.is_expanded or len(notices) <= MAX_UNFOLDED_LINES:
            return lines
        unread = sum(not each.read_at for each in notices)
        summary = f"{len(notices)} 条，{f'未读 {unread} 条' if unread else '全部已读'}"
        return markup("<details data-open-in-print><summary>{}</summary>{}</details>", summary, lines)

    def render_outlet(self, record: Delivery) -> SafeString:
        name = record.outlet.name if record.outlet else "站内通知" if record.channel == "inbox" else "已删除的渠道"
        return markup('{}<div class="muted small">{}</div>', name, record.address)

    def render_state(self, record: Delivery) -> SafeString:
        effective = record.carried_by or record
        doubt = badge("warning", "可能重复") if effective.doubtful else ""
        carried = markup('<div class="muted small">{}</div>', "与其他通知合并发送") if record.carried_by else ""
        return markup("{} {}{}", badge(COLOURS[effective.state], effective.get_state_display()), doubt, carried)

    def render_answer(self, record: Delivery) -> SafeString:
        effective = record.carried_by or record
        again = ""
        if self.may_retry and record.state == DeliveryState.FAILED:
            context = {"url": reverse("delivery_retry", args=[record.pk])}
            again = render_to_string("creation/notices/channels/_again.html", context, self.request)
        tried = f"第 {effective.attempts} 次" if effective.attempts > 1 else ""
        return markup('{} <span class="muted small">{}</span>{}', effective.answer, tried, again)
