"""The list of mock assessments and its filter."""

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from creation.lib.filter_sets import ListFilter
from creation.lib.markup import markup
from creation.models import Appraisal, AppraisalKind
from creation.tasks.filters import SELECT
from creation.web.cells import cell

STATES = [("open", "正在评分、未开始"), ("closed", "已结束，有结果")]


class AppraisalFilter(ListFilter):
    search_fields = ("name", "note")
    kind = django_filters.ChoiceFilter(label="方式", choices=AppraisalKind.choices, empty_label="全部", widget=SELECT)
    state = django_filters.ChoiceFilter(
        label="状态", choices=STATES, method="in_state", empty_label="全部", widget=SELECT
    )

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(closed_at__isnull=value == "open")


class AppraisalTable(tables.Table):
    """Expects ``Appraisal.objects.for_table()`` with the people of its seats."""

    name = tables.Column("名称", orderable=False, attrs={"td": {"class": "title"}})
    kind = tables.Column("方式", order_by=("kind", "-starts", "pk"), attrs=cell("方式"))
    starts = tables.Column("时间", order_by=("starts", "pk"), attrs=cell("时间", "text-nowrap"))
    seats = tables.Column("评分人", orderable=False, attrs=cell("评分人"))
    state = tables.Column("状态", empty_values=(), orderable=False, attrs=cell("状态"))

    def __init__(self, data: QuerySet[Appraisal], *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def render_name(self, record: Appraisal, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_starts(self, record: Appraisal) -> str:
        return f"{record.starts:%Y-%m-%d} 至 {record.ends:%Y-%m-%d}"

    def render_seats(self, record: Appraisal) -> str:
        return "、".join(seat.person.name for seat in record.seats.all())

    def render_state(self, record: Appraisal) -> str:
        return state_of(record, self.today)


def state_of(appraisal: Appraisal, today: date) -> str:
    if not appraisal.is_open:
        return "已结束，有结果"
    return "未开始" if today < appraisal.starts else "正在评分"
