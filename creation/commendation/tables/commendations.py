"""The list of commendations and its filter."""

from typing import Any

import django_filters
import django_tables2 as tables
from django.utils.safestring import SafeString

from creation.lib.filter_sets import ListFilter
from creation.lib.markup import markup
from creation.models import Commendation, CommendationStage
from creation.tasks.filters import SELECT
from creation.web.cells import cell


class CommendationFilter(ListFilter):
    search_fields = ("name", "conditions", "decision_number")
    stage = django_filters.ChoiceFilter(
        label="进展", choices=CommendationStage.choices, method="in_stage", empty_label="全部", widget=SELECT
    )

    def in_stage(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_stage(CommendationStage(value))


class CommendationTable(tables.Table):
    """Expects ``Commendation.objects.for_table()``."""

    name = tables.Column("名称", orderable=False, attrs={"td": {"class": "title"}})
    collectives = tables.Column("集体名额", orderable=False, attrs=cell("集体名额", "number"))
    people = tables.Column("个人名额", orderable=False, attrs=cell("个人名额", "number"))
    nominate_until = tables.Column("提名截止", order_by=("nominate_until", "pk"), attrs=cell("提名截止", "text-nowrap"))
    stage = tables.Column("进展", orderable=False, attrs=cell("进展"))

    def render_name(self, record: Commendation, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_stage(self, value: CommendationStage) -> str:
        return value.label
