"""Table of tasks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import ANSWERED, AssignmentRole, Task, TaskStatus
from creation.rules.deadlines import Light, Workdays, workday_before
from creation.web.cells import cell
from creation.web.display import days_left, light
from creation.web.pagination import KeyedRows

# By urgency.
LIGHT_ORDER: tuple[Light, ...] = (
    Light.RED,
    Light.YELLOW,
    Light.NONE,
    Light.GREY,
    Light.BLUE,
    Light.GREEN,
)
# Order of rows that are otherwise equal.
LEDGER_ORDER = (
    F("indicator__order").asc(nulls_last=True),
    "action__code",
    "finding__code",
    "-role",
    "unit__order",
    "pk",
)


def rank_of(field: str, order: Sequence[str]) -> Case:
    """Return a sort key by the position in ``order`` (urgency, or the course of a task), instead of the stored text."""
    whens = [When(**{field: value}, then=Value(rank)) for rank, value in enumerate(order)]
    return Case(*whens, output_field=IntegerField())


class SortedColumn(tables.Column):
    """Column that sorts by the expression ``by``: empty values last in both directions, equal rows in ledger order.

    ``after``: the queryset's method that annotates what ``by`` names.
    """

    def __init__(self, *args: Any, by: Any, after: str = "all", **kwargs: Any) -> None:
        self.by, self.after = by, after
        super().__init__(*args, **kwargs)

    def order(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        key = self.by.desc(nulls_last=True) if is_descending else self.by.asc(nulls_last=True)
        return getattr(queryset, self.after)().order_by(key, *LEDGER_ORDER), True


class TaskTable(tables.Table):
    """The rows are ``Task.objects.for_list().with_light().with_late().with_counts().with_urges()``; ``picking`` shows the checkboxes."""

    pick = tables.Column(
        "选择", empty_values=(), orderable=False, attrs={"td": {"class": "pick"}, "th": {"class": "pick"}}
    )
    code = SortedColumn("编号", by=F("indicator__order"), attrs=cell("编号", "code"))
    title = SortedColumn(
        "要点", by=Coalesce("indicator__title", "action__title", "finding__title"), attrs={"td": {"class": "title"}}
    )
    unit = SortedColumn("单位", by=F("unit__order"), attrs=cell("单位"))
    phase = SortedColumn("阶段", by=F("phase__order"), attrs=cell("阶段"))
    due_on = SortedColumn("时限", by=F("due_on"), empty_values=(), attrs=cell("时限"))
    light = SortedColumn("亮灯", by=rank_of("light", LIGHT_ORDER), attrs=cell("亮灯"))
    status = SortedColumn("状态", by=rank_of("status", TaskStatus.values), attrs=cell("状态"))
    owner = SortedColumn("责任人", by=F("owner__name"), empty_values=(), attrs=cell("责任人"))
    citation_count = SortedColumn("资料", by=F("citation_count"), after="with_counts", attrs=cell("资料份数", "number"))
    late = SortedColumn("报送", by=F("late"), after="with_late", attrs=cell("报送"))
    urge_count = SortedColumn("催办", by=F("urge_count"), after="with_urges", attrs=cell("催办"))

    def __init__(self, data: KeyedRows, *, today: date, calendar: Workdays, picking: bool, **kwargs: Any) -> None:
        self.today, self.calendar = today, calendar
        super().__init__(data, exclude=() if picking else ("pick",), **kwargs)

    def render_pick(self, record: Task) -> SafeString:
        box = '<input class="form-check-input" type="checkbox" name="pick" value="{}:{}" aria-label="选择 {} {}">'
        return markup(box, record.pk, record.version, record.code, record.unit)

    def render_title(self, record: Task, value: str) -> SafeString:
        return markup('<a href="{}">{}</a>', record.get_absolute_url(), value)

    def render_unit(self, record: Task, value: Any) -> SafeString:
        return markup('{} <span class="role role-{}">{}</span>', value, record.role, AssignmentRole(record.role).label)

    def render_due_on(self, record: Task) -> SafeString:
        left = "" if record.status in ANSWERED and record.due_on else days_left(record.due_on, self.today)
        day = f"{record.due_on:%Y-%m-%d}" if record.due_on else ""
        before = workday_before(record.due_on, self.calendar) if left else None
        hint = markup('<span class="small light-yellow">休息日，{}前办结</span>', f"{before:%m-%d}") if before else ""
        shown = '<span class="text-nowrap">{}</span> <span class="muted small">{}</span> {}'
        return markup(shown, day, left, hint)

    def render_light(self, value: str) -> SafeString:
        return light(value)

    def render_owner(self, record: Task) -> Any:
        return record.owner or "—"

    def render_late(self, value: bool) -> SafeString | str:
        return markup('<span class="badge text-bg-warning">{}</span>', "逾期报送") if value else ""

    def render_urge_count(self, record: Task, value: int) -> SafeString | str:
        if not value:
            return ""
        text = '<span class="text-nowrap">{} 次</span> <span class="muted small text-nowrap">{}</span>'
        return markup(text, value, f"{record.urged_on:%m-%d}")  # type: ignore[attr-defined]
