"""Table of the review queue, oldest first."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import AnswerMode, AssignmentRole, User
from creation.tasks.pending_reviews import QueueFilter
from creation.web.cells import cell

LONG = 3  # days of waiting after which the time is shown in red


class QueueTable(tables.Table):
    """The data comes from ``pending_reviews.queue`` with ``for_table``, ``with_counts`` and ``with_viewers``."""

    waited = tables.Column("等待", accessor="submitted_at", attrs=cell("等待"))
    code = tables.Column("编号", attrs=cell("编号", "code"))
    title = tables.Column("要点", attrs={"td": {"class": "title"}})
    unit = tables.Column("单位", attrs=cell("单位"))
    mode = tables.Column("提供方式", attrs=cell("提供方式"))
    citation_count = tables.Column("资料", attrs=cell("资料份数", "number"))
    submission_count = tables.Column("报送", attrs=cell("报送"))
    viewers = tables.Column("正在审核", empty_values=(), attrs=cell(""))

    class Meta:
        orderable = False

    def __init__(self, data: Any, *, today: date, person: User, queue_filter: QueueFilter, **kwargs: Any) -> None:
        self.today, self.person, self.queue_filter = today, person, queue_filter
        super().__init__(data, **kwargs)

    def render_waited(self, value: Any) -> SafeString:
        days = (self.today - timezone.localdate(value)).days
        shade = "waited waited-long" if days >= LONG else "waited"
        return markup('<span class="{}">{}</span>', shade, f"{days} 天" if days else "今天报送")

    def render_title(self, record: Any, value: str) -> SafeString:
        address = reverse("review", args=[record.campaign_id, record.pk]) + self.queue_filter.query_string()
        return markup('<a href="{}">{}</a>', address, value)

    def render_unit(self, record: Any, value: Any) -> SafeString:
        return markup('{} <span class="role role-{}">{}</span>', value, record.role, AssignmentRole(record.role).label)

    def render_mode(self, value: str) -> str:
        return AnswerMode(value).label

    def render_submission_count(self, value: int) -> str:
        return f"第 {value} 次" if value > 1 else "首次"

    def render_viewers(self, record: Any) -> SafeString | str:
        if record.submitted_by == self.person.pk:
            return markup('<span class="muted">{}</span>', "本人报送，须由他人审核")
        if record.let_in_by == self.person.pk:
            return markup('<span class="muted">{}</span>', "登录链接由您签发，须由他人审核")
        names = [(viewing.person.name,) for viewing in record.viewers if viewing.person_id != self.person.pk]
        return format_html_join("、", '<span class="badge text-bg-light border">{} 正在审核</span>', names)
