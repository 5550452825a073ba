"""待办: the first page of everybody, over all open campaigns."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import agenda
from creation.models import Announcement
from creation.views import doors


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    """Every part shows itself where the person holds the role it is for; one person may hold several."""
    user, today = doors.person(request), timezone.localdate()
    soon, show = doors.soon(today), request.GET.get("show", "")
    context = {
        "today": today,
        "show": show if show in agenda.SHOWN else "",
        "desk": agenda.unit_desk(user, today, soon, show) if agenda.holds_unit_role(user) else None,
        "campaigns": agenda.campaign_counts(user, today, soon),
        "drafts": agenda.drafts(user),
        "lacks_coordinator": agenda.lacks_coordinator(user, today),
        "asked_again": agenda.ASKED_AGAIN,
        "requests": agenda.open_requests(user),
        "announcements": list(Announcement.objects.all().awaiting(user)),
    }
    return render(request, "creation/todo.html", context)
