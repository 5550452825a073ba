"""What templates ask of the domain: rights, lights, icons."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from creation import access
from creation.models import Holiday, User
from creation.rules.deadlines import LIGHT_NAMES, Light, workday_before

register = template.Library()

LIGHT_ICONS: dict[Light, str] = {
    Light.GREEN: "check-circle-fill",
    Light.BLUE: "hourglass-split",
    Light.RED: "exclamation-octagon-fill",
    Light.YELLOW: "clock-fill",
    Light.GREY: "circle",
    Light.NONE: "dash-circle",
}

CELL_SIGNS = {
    kind.value: (
        format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon),
        format_html('<span class="visually-hidden"> {}</span>', LIGHT_NAMES[kind]),
    )
    for kind, icon in LIGHT_ICONS.items()
}


@register.simple_tag
def may(user: User, act: str, obj: Any) -> bool:
    """``{% may user "task.review" task as can_review %}``"""
    return access.may(user, act, obj)


@register.simple_tag
def light(value: str) -> SafeString:
    """A light as colour, sign and word: nobody has to tell colours apart."""
    kind = Light(value or Light.NONE)
    return format_html(
        '<span class="light light-{}"><i class="bi bi-{}" aria-hidden="true"></i> {}</span>',
        kind.value,
        LIGHT_ICONS[kind],
        LIGHT_NAMES[kind],
    )


@register.simple_tag(takes_context=True)
def day_off(context: dict[str, Any], due_on: date | None) -> date | None:
    """``{% day_off task.due_on as before %}``: the workday before, where the due day is a day off. The calendar is read once a page."""
    request = context["request"]
    if not hasattr(request, "workdays"):
        request.workdays = Holiday.objects.calendar()
    return workday_before(due_on, request.workdays)


@register.filter
def days_left(due_on: date | None, today: date) -> str:
    """还有 3 天 / 今天 / 逾期 2 天 / 时限待定"""
    if due_on is None:
        return "时限待定"
    left = (due_on - today).days
    return "今天到期" if left == 0 else f"还有 {left} 天" if left > 0 else f"逾期 {-left} 天"


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
def filesize(size: int | None) -> str:
    """Bytes in the units people read on their files."""
    if size is None:
        return ""
    for unit, step in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".0 ", " ")
    return f"{size} B"


@register.filter
def percent(share: float | None) -> str:
    """A share of 0 to 1 in per cent, rounded down so that 99.9 % does not read as done; a dash where there is nothing to divide by."""
    return "—" if share is None else f"{int(share * 1000) / 10:g}%"


@register.simple_tag
def cell_mark(cell: Any) -> SafeString:
    """A cell of the matrix: sign for the light, approved over all, and the same in words for those who do not see it."""
    sign, name = CELL_SIGNS[cell.light]
    return mark_safe(f"{sign} {cell.approved:d}/{cell.total:d}{name}")  # noqa: S308 (numbers and our own words)
