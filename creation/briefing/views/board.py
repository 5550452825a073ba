"""领导看板: one page in parts that fill a screen one after the other, and print on A3."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.briefing.board import board_of, facts
from creation.rules.policy import Permission
from creation.web import shortcuts


@require_GET
def board(request: HttpRequest, campaign_id: int) -> HttpResponse:
    today, user = timezone.localdate(), shortcuts.current_user(request)
    campaign = shortcuts.campaign_or_404(request, campaign_id, **facts(today))
    access.require(user, Permission.PROGRESS_READ, campaign)
    shown = board_of(campaign, user, today, shortcuts.workdays(request))
    context = {"campaign": campaign, "board": shown, "today": today, "now": timezone.localtime()}
    return render(request, "creation/briefing/board.html", context)
