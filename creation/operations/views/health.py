"""系统状态: is the installation well, and what is to be done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.operations import health
from creation.operations.health import Level
from creation.rules.policy import Permission
from creation.web import shortcuts


@require_GET
def status(request: HttpRequest) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), Permission.HEALTH_READ)
    now = timezone.now()
    groups = health.report(now)
    levels = [found.level for findings in groups.values() for found in findings]
    context = {"groups": groups, "now": now, "wrong": levels.count(Level.ALARM), "noted": levels.count(Level.NOTE)}
    return render(request, "creation/operations/health.html", context)
