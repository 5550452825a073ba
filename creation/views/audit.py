"""审计: the trail, to be read by the auditor and changed by nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_tables2 import RequestConfig

from creation import access
from creation.forms.lists import AuditFilter, shown
from creation.models import AuditEntry
from creation.tables.people import AuditTable
from creation.views import doors

PAGE = 50


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    person = doors.person(request)
    access.require_somewhere(person, "audit.read")
    found = AuditFilter(request.GET, AuditEntry.objects.visible_to(person), request=request)
    table = AuditTable(found.qs)
    RequestConfig(request, paginate={"per_page": PAGE, "silent": True}).configure(table)
    return render(request, "creation/people/audit.html", {"table": table, "filter": found, "narrowed": shown(found)})
