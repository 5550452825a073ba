"""The list of surveys and its filter."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from creation.lib.filter_sets import ListFilter
from creation.lib.markup import markup
from creation.models import Survey
from creation.tasks.filters import SELECT
from creation.web.cells import cell

STATES = {"ahead": "未开始", "running": "正在进行", "over": "已结束"}


class SurveyFilter(ListFilter):
    search_fields = ("title", "intro")
    state = django_filters.ChoiceFilter(
        label="状态", choices=list(STATES.items()), method="in_state", empty_label="全部", widget=SELECT
    )

    def __init__(self, data: Mapping[str, Any] | None, queryset: QuerySet[Survey], *, today: date) -> None:
        super().__init__(data, queryset)
        self.today = today

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        days = {
            "ahead": Q(starts__gt=self.today),
            "running": Q(starts__lte=self.today, ends__gte=self.today),
            "over": Q(ends__lt=self.today),
        }
        return rows.filter(days[value])


class SurveyTable(tables.Table):
    title = tables.Column("名称", orderable=False, attrs={"td": {"class": "title"}})
    starts = tables.Column("时间", order_by=("starts", "pk"), attrs=cell("时间", "text-nowrap"))
    questions = tables.Column("题数", orderable=False, attrs=cell("题数", "number"))
    state = tables.Column("状态", empty_values=(), orderable=False, attrs=cell("状态"))

    def __init__(self, data: QuerySet[Survey], *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def render_title(self, record: Survey, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_starts(self, record: Survey) -> str:
        return f"{record.starts:%Y-%m-%d} 至 {record.ends:%Y-%m-%d}"

    def render_questions(self, value: list[str]) -> str:
        return str(len(value))

    def render_state(self, record: Survey) -> str:
        return state_of(record, self.today)


def state_of(survey: Survey, today: date) -> str:
    if today < survey.starts:
        return STATES["ahead"]
    return STATES["over"] if today > survey.ends else STATES["running"]
