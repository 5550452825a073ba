"""系统状态: the health of the installation, and what to do."""

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


@require_GET
def warnings(request: HttpRequest) -> HttpResponse:
    """Return what is not well, the worst first, for the first page of an administrator, which does not wait for it."""
    access.require_somewhere(shortcuts.current_user(request), Permission.HEALTH_READ)
    now = timezone.now()
    findings = [found for findings in health.report(now).values() for found in findings if found.level != Level.FINE]
    findings.sort(key=lambda found: not found.is_alarm)
    return render(request, "creation/operations/_warnings.html", {"findings": findings, "now": now})
