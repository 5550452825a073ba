"""审计: the trail, to be read by the auditor and changed by nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation import access
from creation.audit import audit_chain
from creation.models import AuditEntry
from creation.people.tables.accounts import AuditTable
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.filters import AuditFilter, is_filtered
from creation.web.pagination import paginate_table


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    person = shortcuts.current_user(request)
    access.require_somewhere(person, Permission.AUDIT_READ)
    found = AuditFilter(request.GET, AuditEntry.objects.visible_to(person), request=request)
    table = AuditTable(found.qs)
    paginate_table(table, request)
    context = {"table": table, "filter": found, "narrowed": is_filtered(found), "head": audit_chain.current_head()}
    return render(request, "creation/operations/audit.html", context)
