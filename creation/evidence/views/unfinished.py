"""Unfinished uploads (未完成的上传) of the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creation.evidence import pending_uploads, uploads
from creation.evidence.tables.uploads import PendingUploadTable
from creation.models import Task, Upload
from creation.web import shortcuts
from creation.web.pagination import paginate_table


@require_GET
def unfinished(request: HttpRequest) -> HttpResponse:
    table = PendingUploadTable(pending_uploads.pending_of(shortcuts.current_user(request)))
    paginate_table(table, request)
    return render(request, "creation/evidence/unfinished.html", {"table": table})


@require_POST
def upload_discard(request: HttpRequest, token: UUID) -> HttpResponse:
    user = shortcuts.current_user(request)
    own = Upload.objects.filter(person=user, task__in=Task.objects.visible_to(user))
    upload = get_object_or_404(own, token=token)
    if upload.finished_at:
        messages.info(request, f"“{upload.name}”已经上传完成，没有放弃。不需要时可在任务页移除。")
    else:
        uploads.discard(upload)
        messages.success(request, f"已放弃“{upload.name}”，已传部分已删除。")
    return redirect("unfinished")
