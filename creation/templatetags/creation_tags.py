"""What templates ask of the domain: rights, lights, icons."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from creation import access
from creation.models import Holiday, User
from creation.rules.deadlines import LIGHT_NAMES, workday_before
from creation.rules.policy import Permission
from creation.web.display import LIGHT_ICONS, days_left, filesize, light

register = template.Library()
register.simple_tag(light)
register.filter(days_left)
register.filter(filesize)


CELL_SIGNS = {
    kind.value: (
        format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon),
        format_html('<span class="visually-hidden"> {}</span>', LIGHT_NAMES[kind]),
    )
    for kind, icon in LIGHT_ICONS.items()
}


@register.simple_tag
def may(user: User, permission: str, obj: Any) -> bool:
    """``{% may user "task.review" task as can_review %}``"""
    return access.may(user, Permission(permission), obj)


@register.simple_tag(takes_context=True)
def day_off(context: dict[str, Any], due_on: date | None) -> date | None:
    """``{% day_off task.due_on as before %}``: the workday before, where the due day is a day off. The calendar is read once a page."""
    request = context["request"]
    if not hasattr(request, "workdays"):
        request.workdays = Holiday.objects.calendar()
    return workday_before(due_on, request.workdays)


@register.filter
def day(value: date | None) -> str:
    """12月7日, and with its year where that is not this year: a campaign runs over the turn of the year."""
    if value is None:
        return ""
    value = timezone.localtime(value).date() if isinstance(value, datetime) else value
    year = "" if value.year == timezone.localdate().year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


@register.filter
def moment(value: datetime | None) -> str:
    """12月7日 09:05, with the year like ``day``."""
    return f"{day(value)} {timezone.localtime(value):%H:%M}" if value else ""


@register.filter
def percent(share: float | None) -> str:
    """A share of 0 to 1 in per cent, rounded down so that 99.9 % does not read as done; a dash where there is nothing to divide by."""
    return "—" if share is None else f"{int(share * 1000) / 10:g}%"


@register.simple_tag
def cell_mark(cell: Any) -> SafeString:
    """A cell of the matrix: sign for the light, approved over all, and the same in words for those who do not see it."""
    sign, name = CELL_SIGNS[cell.light]
    return mark_safe(f"{sign} {cell.approved:d}/{cell.total:d}{name}")  # noqa: S308 (numbers and our own words)
