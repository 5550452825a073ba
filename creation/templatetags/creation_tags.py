"""Template tags for rights, lights, dates and icons."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from creation import access
from creation.lib.browsers import browser_name
from creation.lib.markup import markup
from creation.models import AssignmentRole, Unit, User
from creation.rules import clauses, scoring
from creation.rules.deadlines import LIGHT_NAMES, workday_before
from creation.rules.percent import percent_text
from creation.rules.policy import Permission
from creation.rules.targets import number_text
from creation.web import shortcuts
from creation.web.display import LIGHT_ICONS, days_left, filesize, light

register = template.Library()
register.simple_tag(light)
register.filter(days_left)
register.filter(filesize)
register.filter("score", scoring.shown)
register.filter("at", lambda counts, key: counts.get(key, 0))
register.filter(clauses.cited)
register.filter(browser_name)
register.filter("plain_number", lambda value: number_text(Decimal(value)))


CELL_SIGNS = {
    kind.value: (
        format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon),
        format_html('<span class="visually-hidden"> {}</span>', LIGHT_NAMES[kind]),
    )
    for kind, icon in LIGHT_ICONS.items()
}


ROLE_CELLS = {
    "": SafeString("<td></td>"),
    AssignmentRole.LEAD: SafeString('<td class="role-lead">牵</td>'),
    AssignmentRole.ASSIST: SafeString('<td class="role-assist">配</td>'),
}
NO_TASKS = SafeString('<span class="muted" aria-label="无任务">·</span>')


@register.simple_tag
def may(user: User, permission: str, obj: Any) -> bool:
    """``{% may user "task.review" task as can_review %}``"""
    return access.may(user, Permission(permission), obj)


@register.simple_tag(takes_context=True)
def day_off(context: dict[str, Any], due_on: date | None) -> date | None:
    """``{% day_off task.due_on as before %}``: the last workday before, if the due day is a day off. The calendar is read once for each
    page."""
    return workday_before(due_on, shortcuts.workdays(context["request"]))


@register.filter
def day(value: date | None) -> str:
    """Format as 12月7日, with the year unless it is this year, since a campaign may span two years."""
    if value is None:
        return ""
    value = timezone.localtime(value).date() if isinstance(value, datetime) else value
    year = "" if value.year == timezone.localdate().year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


@register.filter
def difference(count: int) -> str:
    """Format as 增加 3 项, 减少 3 项 or 没有变化."""
    return f"增加 {count} 项" if count > 0 else f"减少 {-count} 项" if count else "没有变化"


@register.filter
def moment(value: datetime | None) -> str:
    """Format as 12月7日 09:05, with the year as in ``day``."""
    return f"{day(value)} {timezone.localtime(value):%H:%M}" if value else ""


register.filter("percent", percent_text)


@register.simple_tag
def matrix_cells(cells: Iterable[Any], tasks: str, rectifications: str) -> SafeString:
    """The cells of one row of the matrix, which lead to both lists. A page has some five hundred."""
    return SafeString("".join(_matrix_cell(cell, tasks, rectifications) for cell in cells))


@register.simple_tag
def role_cells(roles: Mapping[int, str], units: Iterable[Unit]) -> SafeString:
    """The cells of a checkpoint in the grid of assignments: 牵 for the lead, 配 for an assisting unit."""
    return SafeString("".join(ROLE_CELLS[roles.get(unit.pk, "")] for unit in units))


def _matrix_cell(cell: Any, tasks: str, rectifications: str) -> SafeString:
    """A cell: sign for the light, approved / total, and the same in words for screen readers; below it what is not closed of findings."""
    shown = NO_TASKS
    if found := cell.figures:
        sign, name = CELL_SIGNS[found.light]
        text = '<a class="cell cell-{}" href="{}?{}">{} {}/{}{}</a>'
        shown = markup(text, found.light, tasks, cell.narrows, sign, found.approved, found.total, name)
    if cell.open:
        text = '{}<a class="cell-open" href="{}?{}&amp;status=unclosed">问 {}<span class="visually-hidden"> 项整改未销号</span></a>'
        shown = markup(text, shown, rectifications, cell.narrows, cell.open)
    return markup("<td>{}</td>", shown)
