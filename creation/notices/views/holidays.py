"""Holidays (节假日和调休): a year as a calendar, pasting the State Council's notice with a preview, and changing single days."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from creation import access
from creation.models import DayKind, Holiday
from creation.notices import holidays
from creation.notices.forms.holidays import DayForm, HolidayNoticeForm
from creation.notices.holidays import SUPPORTED_YEARS
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import form_refusals

PERMISSION = Permission.HOLIDAYS_MANAGE


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a month. ``row`` is set if the day differs from its weekday."""

    day: date
    is_off: bool
    row: Holiday | None

    @property
    def label(self) -> str:
        return "" if self.row is None else "休" if self.is_off else "班"

    @property
    def description(self) -> str:
        name = f"（{self.row.name}）" if self.row and self.row.name else ""
        return f"{self.day.month}月{self.day.day}日 {'休息' if self.is_off else '上班'}{name}"


@require_GET
def holiday_year(request: HttpRequest) -> HttpResponse:
    """Show ``?year=``, by default the current year. Open to every logged-in person."""
    today = timezone.localdate()
    requested = request.GET.get("year", "")
    year = (
        int(requested)
        if len(requested) == 4 and requested.isdecimal() and int(requested) in SUPPORTED_YEARS
        else today.year
    )
    rows = {row.day: row for row in Holiday.objects.filter(day__year=year)}
    context = {
        "year": year,
        "years": [each for each in (year - 1, year, year + 1) if each in SUPPORTED_YEARS],
        "months": _months(year, rows),
        "rows": list(rows.values()),
        "today": today,
        "may_manage": access.may_somewhere(shortcuts.current_user(request), PERMISSION),
        "paste_year": next(iter(holidays.missing_years(today)), year),
        "warning": holidays.missing_years_warning(today),
    }
    return render(request, "creation/notices/holidays/year.html", context)


def _months(year: int, rows: dict[date, Holiday]) -> list[tuple[int, list[list[CalendarDay | None]]]]:
    """Return the months in weeks that begin on Monday. Days of other months are None."""
    calendar = Workdays(
        off=[day for day, row in rows.items() if row.kind == DayKind.OFF],
        work=[day for day, row in rows.items() if row.kind == DayKind.WORK],
    )

    def cell(day: date, month: int) -> CalendarDay | None:
        return CalendarDay(day, not calendar.is_workday(day), rows.get(day)) if day.month == month else None

    weeks = Calendar().monthdatescalendar
    return [(month, [[cell(day, month) for day in week] for week in weeks(year, month)]) for month in range(1, 13)]


@require_http_methods(["GET", "POST"])
def holiday_paste(request: HttpRequest, year: int) -> HttpResponse:
    """Preview the changes on the first POST; make them on the second (``confirmed``), all or nothing."""
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    if year not in SUPPORTED_YEARS:
        raise Http404
    form = HolidayNoticeForm(request.POST or None, year=year)
    context = {
        "year": year,
        "years": _year_choices(timezone.localdate(), year),
        "form": form,
        "parsed_notice": form.parsed_notice,
    }
    if request.method == "POST" and form.is_valid():
        if "confirmed" in request.POST:
            with form_refusals(form):
                count = holidays.set_year(
                    year, form.days(), form.cleaned_data["seen"], shortcuts.current_actor(request)
                )
                messages.success(request, _saved_message(year, count))
                return redirect(f"{reverse('holidays')}?year={year}")
        context["rows"] = holidays.preview_year(year, form.days())
        context["seen"] = holidays.year_fingerprint(year)
    context["parsed_notice"] = form.parsed_notice
    return render(request, "creation/notices/holidays/paste.html", context, status=422 if form.errors else 200)


def _year_choices(today: date, year: int) -> list[int]:
    return sorted({today.year, today.year + 1, year})


def _saved_message(year: int, count: int) -> str:
    if not count:
        return f"{year} 年的安排与通知一致，没有改动。"
    return f"{year} 年的节假日和调休已保存，改动 {count} 天。提醒和亮灯从现在起按新的工作日计算。"


@require_http_methods(["GET", "POST"])
def holiday_day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    try:
        chosen = date(year if year in SUPPORTED_YEARS else 0, month, day)
    except (ValueError, OverflowError):
        raise Http404 from None
    row = Holiday.objects.filter(day=chosen).first()
    is_off = row.kind == DayKind.OFF if row else chosen.weekday() >= 5
    form = DayForm(request.POST or None, is_off=is_off, name=row.name if row else "")
    if request.method == "POST" and form.is_valid():
        off = form.cleaned_data["kind"] == DayKind.OFF
        changed = holidays.set_day(chosen, off, form.cleaned_data["name"], shortcuts.current_actor(request))
        message = f"{chosen:%Y-%m-%d} 已设为{'休息' if off else '上班'}。" if changed else "没有改动。"
        messages.success(request, message)
        return redirect(f"{reverse('holidays')}?year={year}")
    context = {"day": chosen, "row": row, "form": form, "year": year}
    return render(request, "creation/notices/holidays/day.html", context, status=422 if form.errors else 200)
