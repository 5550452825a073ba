"""The tour of the first login: seen as soon as its script shows it, or when its button is pressed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from creation.people import tour
from creation.web import shortcuts
from creation.web.fragments import wants_data


@require_POST
def tour_seen(request: HttpRequest) -> HttpResponse:
    tour.remember(shortcuts.current_actor(request))
    return HttpResponse(status=204) if wants_data(request) else redirect("todo")
