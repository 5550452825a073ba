"""审计: the trail, to be read by the auditor and changed by nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation import access
from creation.audit import sealing
from creation.models import AuditEntry
from creation.people.tables.people import AuditTable
from creation.web import doors
from creation.web.lists import AuditFilter, shown
from creation.web.paging import turn_to_page


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    person = doors.person(request)
    access.require_somewhere(person, "audit.read")
    found = AuditFilter(request.GET, AuditEntry.objects.visible_to(person), request=request)
    table = AuditTable(found.qs)
    turn_to_page(table, request)
    context = {"table": table, "filter": found, "narrowed": shown(found), "head": sealing.head()}
    return render(request, "creation/operations/audit.html", context)
