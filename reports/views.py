"""The ledger on the pages: choose a part, see what it holds, take the file."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access, trail
from creation.views import doors
from reports import scopes
from reports.ledger import write_ledger

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def ledger(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    user = doors.person(request)
    access.require(user, "ledger.export", campaign)
    part = scopes.part_of(campaign, scopes.everything(user), request.GET, timezone.now())
    context = {"campaign": campaign, "part": part, "count": part.tasks.count()}
    return render(request, "reports/ledger.html", context)


@require_GET
def ledger_file(request: HttpRequest, campaign_id: int) -> HttpResponse | FileResponse:
    """The workbook, made while one waits: some seconds for a whole district. Its reader holds the only name of the temporary file."""
    campaign = doors.campaign_or_404(request, campaign_id)
    user, actor = doors.person(request), doors.actor(request)
    access.require(user, "ledger.export", campaign)
    part = scopes.part_of(campaign, scopes.everything(user), request.GET, actor.at)
    with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as folder:
        path = Path(folder) / "ledger.xlsx"
        count = write_ledger(part.tasks, campaign, scopes.cover_of(campaign, part, actor.at), path)
        file = path.open("rb")
    trail.audit(actor, "ledger.export", campaign, detail=f"{part.scope}，{count} 行")
    return FileResponse(
        file, as_attachment=True, filename=scopes.file_name(campaign, part, actor.at), content_type=EXCEL
    )
