"""What supervision adds to the first page: an inspector's working day, and for a unit the visits that come and what it has to sign."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from creation import access
from creation.lib.counting import CountedPart
from creation.rules.policy import Permission, Role
from creation.supervision import working_day
from creation.web import first_page, reference, shortcuts


def _working_days(request: HttpRequest) -> Any:
    user, today = shortcuts.current_user(request), timezone.localdate()
    if not access.may_somewhere(user, Permission.VISIT_RECORD):
        return None
    here = working_day.recorded_campaigns(user, shortcuts.visible_campaigns(request))
    counts, units = first_page.counts(request), reference.units_of(request, here)
    found = working_day.working_days(here, counts, units, today, shortcuts.workdays(request))
    return [each for each in found if _is_inspector(request) or not each.is_empty] or None


def _counted(request: HttpRequest) -> dict[str, CountedPart]:
    user = shortcuts.current_user(request)
    here = working_day.recorded_campaigns(user, shortcuts.visible_campaigns(request))
    return working_day.counted(here, timezone.localdate()) if here else {}


def _is_inspector(request: HttpRequest) -> bool:
    """Return whether inspecting is the person's work; a coordinator has other things to see first."""
    return shortcuts.current_user(request).has_role(Role.INSPECTOR)


def _unit_visits(request: HttpRequest) -> Any:
    return working_day.unit_visits(shortcuts.current_user(request), timezone.localdate())


first_page.register(
    "creation/supervision/first_page/_inspector.html", _working_days, leads=_is_inspector, counted=_counted
)
first_page.register("creation/supervision/first_page/_unit.html", _unit_visits)
