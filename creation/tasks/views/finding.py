"""The results of the box that finds, in the running campaign or the one from which it was asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation.lib import strings
from creation.tasks.finding import find
from creation.web import menu, shortcuts


@require_GET
def found(request: HttpRequest) -> HttpResponse:
    user, question = shortcuts.current_user(request), request.GET.get("q", "")
    campaigns = shortcuts.visible_campaigns(request)
    asked = strings.to_number(request.GET.get("campaign", ""))
    campaign = next(
        (each for each in campaigns if each.pk == asked), menu.default_campaign(campaigns, timezone.localdate())
    )
    groups = find(user, campaign, question, menu.menu(request)["nav"]["entries"])
    context = {"question": question.strip(), "groups": groups, "campaign": campaign}
    return render(request, "creation/tasks/found.html", context)
