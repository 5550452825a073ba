"""各区县: the districts of a city side by side, and the part of the first page that leads there."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.briefing.districts import cities_of, rows_of
from creation.models import District
from creation.rules.policy import Permission
from creation.web import first_page, shortcuts


@require_GET
def districts(request: HttpRequest, pk: int) -> HttpResponse:
    user, today = shortcuts.current_user(request), timezone.localdate()
    city = get_object_or_404(District.objects.with_children().visible_to(user), pk=pk)
    rows = rows_of(city, user, today, shortcuts.workdays(request))
    context = {"city": city, "rows": rows, "now": timezone.localtime()}
    return render(request, "creation/briefing/districts.html", context)


def _cities(request: HttpRequest) -> Sequence[District] | None:
    user = shortcuts.current_user(request)
    if not access.may_somewhere(user, Permission.DISTRICTS_READ):
        return None
    return cities_of(user) or None


first_page.register("creation/briefing/_cities.html", _cities)
