"""Tables of questions and of published replies."""

from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Question, Reply
from creation.web.cells import cell


def _time_and_person(at: Any, who: Any) -> SafeString:
    day = date_format(timezone.localtime(at), "n月j日 H:i")
    return markup('<span class="text-nowrap">{}</span> <span class="muted small">{}</span>', day, who)


class QuestionTable(tables.Table):
    """Expects ``Question.objects.for_table()``. ``answering`` shows the reply button."""

    created_at = tables.Column("提问时间", attrs=cell("提问"))
    task = tables.Column("任务", empty_values=(), attrs={"td": {"class": "title"}})
    unit = tables.Column("单位", accessor="asking_unit", attrs=cell("单位"))
    text = tables.Column("问题", attrs={"td": {"data-label": "问题", "class": "wide pre"}})
    reply = tables.Column("答复", empty_values=(), attrs={"td": {"data-label": "答复", "class": "wide pre"}})

    class Meta:
        orderable = False
        default = ""

    def __init__(self, data: QuerySet[Question], *, answering: bool, **kwargs: Any) -> None:
        self.answering = answering
        super().__init__(data, **kwargs)

    def render_created_at(self, record: Question) -> SafeString:
        return _time_and_person(record.created_at, record.created_by)

    def render_task(self, value: Any) -> SafeString:
        if value is None:
            return markup('<span class="muted">{}</span>', "不针对某项任务")
        return markup('<a href="{}#questions">{}</a>', value.get_absolute_url(), value)

    def render_reply(self, record: Question) -> SafeString:
        if record.waits:
            return self._waiting(record)
        assert record.reply is not None  # noqa: S101 - says ``waits``
        address = reverse("reply", args=[record.reply.campaign_id, record.reply_id])
        shown = markup('<span class="badge text-bg-light border">{}</span>', "已公开")
        return markup(
            '{} <a href="{}">详情</a> {}', record.reply.text, address, shown if record.reply.published_at else ""
        )

    def _waiting(self, record: Question) -> SafeString:
        why = markup('<span class="muted small">{}</span> ', "原答复已撤回") if record.reply else ""
        if not self.answering:
            return markup('{}<span class="badge text-bg-warning">{}</span>', why, "等待答复")
        address = reverse("question", args=[record.asked_in.pk, record.pk])
        return markup('{}<a class="btn btn-sm btn-primary text-nowrap" href="{}">去答复</a>', why, address)


class ReplyTable(tables.Table):
    """Expects ``Reply.objects.published().for_table()``, which all units of a point read. It has no column for who asked."""

    published_at = tables.Column("公开时间", attrs=cell("公开"))
    point = tables.Column("要点", attrs={"td": {"class": "title"}})
    asked = tables.Column("问题", attrs={"td": {"data-label": "问题", "class": "wide pre"}})
    text = tables.Column("答复", attrs={"td": {"data-label": "答复", "class": "wide pre"}})

    class Meta:
        orderable = False

    def render_published_at(self, record: Reply) -> SafeString:
        return _time_and_person(record.published_at, record.created_by)

    def render_point(self, record: Reply, value: Any) -> SafeString:
        mark = "已撤回" if record.withdrawn_at else "已更正" if record.version > 1 else ""
        badge = markup(' <span class="badge text-bg-secondary">{}</span>', mark) if mark else ""
        return markup('<a href="{}">{}</a>{}', reverse("reply", args=[record.campaign_id, record.pk]), value, badge)
