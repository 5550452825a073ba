"""The state of a task's evidence area, which its script asks for after each change and while files are being read."""

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from creation import access
from creation.evidence import area_summary, citing
from creation.evidence.views.area_rows import area_rows
from creation.lib import wakeups
from creation.rules.policy import Permission
from creation.web import shortcuts

READ_FILES = "creation.jobs.read_files"


@never_cache
@require_GET
def evidence_state(request: HttpRequest, campaign_id: int, pk: int) -> JsonResponse:
    """Return the words of the bar and, by key of the citation, what is to be said about each piece, with the number of its version."""
    task, user = shortcuts.task_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    access.require(user, Permission.TASK_CITE, task)
    can_cite = citing.accepts_changes(task)
    cited = citing.cited_by_task(task, user)
    rows = area_rows(cited, user, can_cite=can_cite)
    reading = any(row.offers.is_reading for row in rows)
    if reading:
        wakeups.wake_worker(READ_FILES)
    summary = area_summary.summary_of(cited)
    said = {
        row.cited.citation.pk: render_to_string(
            "creation/evidence/_notes.html", {"cited": row.cited, "offers": row.offers, "can_cite": can_cite}, request
        )
        for row in rows
    }
    numbers = {row.cited.citation.pk: row.cited.version.number for row in rows}
    return JsonResponse(
        {"summary": str(summary), "count": summary.count, "reading": reading, "notes": said, "versions": numbers}
    )
