"""Uploads: announced by a POST, sent by PUTs of raw bytes at an offset. Every response is JSON, with a sentence on failure."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.audit.actor import Actor
from creation.evidence import citing, items, previews, uploads
from creation.evidence.pending_uploads import FileDescription
from creation.evidence.views.citations import row_context
from creation.lib import filenames, foreign_json, storage, wakeups
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal
from creation.models import Citation, Evidence, Task, Upload, User
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts

MAKE_PREVIEWS = "creation.jobs.make_previews"
MAX_DIGITS = 18
MAX_INTEGER = 2**63 - 1  # what a database stores
UNREADABLE = "上传请求的格式不对，没有开始上传。请刷新页面后重试；仍然如此请与创建办联系。"
MAX_TIMESTAMP = 2**53  # milliseconds; the largest integer exact in JavaScript


@require_POST
def upload_begin(request: HttpRequest, campaign_id: int, pk: int) -> JsonResponse:
    """Expects ``{"name", "size", "folder", "changed", "modified", "declared", "evidence"?, "stamped"?}``.

    Returns the URL to send the bytes to and the offset to continue from.
    """
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_CITE, task)
    announced = _json(request)
    try:
        upload = uploads.begin(
            task,
            _file_description(announced),
            _day(announced.get("modified")),
            shortcuts.current_actor(request),
            _replaced(request, task, announced.get("evidence")),
            declared=announced.get("declared") is True,
        )
    except Refusal as refusal:
        return _refused(refusal)
    offset = uploads.progress_of(upload).offset
    return JsonResponse({"url": reverse("upload_bytes", args=[upload.token]), "offset": offset}, status=201)


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        found = foreign_json.loads(request.body)
    except (ValueError, RawPostDataException):  # RawPostDataException: the body was parsed as a form
        found = None
    if not isinstance(found, dict):
        raise Refusal(UNREADABLE, 400)
    return found


def _file_description(announced: dict[str, Any]) -> FileDescription:
    changed, folder, name = announced.get("changed"), announced.get("folder"), announced.get("name")
    if not isinstance(name, str) or not isinstance(folder or "", str):
        raise Refusal(UNREADABLE, 400)
    return FileDescription(
        name,
        _size(announced.get("size")),
        "/".join(filenames.clean(part) for part in (folder or "").split("/") if part)[:200],
        changed if isinstance(changed, int) and _is_integer(changed) and abs(changed) < MAX_TIMESTAMP else None,
        announced.get("stamped") is True,
    )


def _size(value: Any) -> int:
    if not _is_integer(value):
        raise Refusal(UNREADABLE, 400)
    return int(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _replaced(request: HttpRequest, task: Task, pk: Any) -> Evidence | None:
    """Return the piece of which this file is a new version. The person must be allowed to change it."""
    if pk is None:
        return None
    cited = Evidence.objects.visible_to(shortcuts.current_user(request)).filter(
        citations__in=Citation.objects.counting().filter(task=task)
    )
    evidence = get_object_or_404(cited.select_related("unit"), pk=pk if _is_integer(pk) else 0)
    access.require(shortcuts.current_user(request), Permission.EVIDENCE_EDIT, evidence)
    return evidence


@request_sizes.accepts_files(request_sizes.largest_file)
@never_cache
@require_http_methods(["GET", "HEAD", "PUT", "DELETE"])
def upload_bytes(request: HttpRequest, token: UUID) -> HttpResponse:
    """GET returns the offset, PUT ``?offset=N`` appends, DELETE gives up. The body is read as a stream and never parsed."""
    upload = _upload_or_404(request, token)
    actor = shortcuts.current_actor(request)
    if request.method == "DELETE":
        return _cancel(upload)
    if request.method != "PUT":
        if not uploads.has_room(upload):
            return _refused(storage.DiskFull())
        return _progress_response(request, upload, uploads.progress_of(upload), actor)
    offset, length = _whole_number(request.GET.get("offset")), _whole_number(request.META.get("CONTENT_LENGTH") or "0")
    try:
        received = uploads.receive(upload, offset, length, request.read, actor)
    except Upload.DoesNotExist:
        storage.delete_part(token)
        return _error_response(404, "这次上传已经取消或结束，请重新选择文件。")
    except (storage.PartLocked, storage.StoreUnavailable) as refusal:
        return _refused(refusal, offset=storage.part_size(token))
    except Refusal as refusal:
        return _refused(refusal)
    return _progress_response(request, upload, received, actor)


def _upload_or_404(request: HttpRequest, token: UUID) -> Upload:
    """Return the person's own upload, while they may see the task and cite in it."""
    user = shortcuts.current_user(request)
    found = _own_upload(user, token)
    if not found:
        raise Http404
    (upload,) = found
    access.require(user, Permission.TASK_CITE, upload.task)
    return upload


@prepared
def _own_upload(user: User, token: UUID) -> QuerySet[Upload, Upload]:
    own = Upload.objects.filter(person=user, token=token, task__in=Task.objects.visible_to(user))
    return own.select_related(
        "task__campaign", "task__unit", "task__indicator", "task__action", "task__finding", "evidence"
    )


def _whole_number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        raise BadRequest("Not a number")
    return int(text)


def _cancel(upload: Upload) -> HttpResponse:
    if upload.finished_at:
        return _error_response(409, "文件已经上传完成；不需要时可在列表中移除。", offset=upload.size)
    uploads.discard(upload)
    return HttpResponse(status=204)


def _progress_response(
    request: HttpRequest, upload: Upload, received: uploads.UploadProgress, actor: Actor
) -> JsonResponse:
    answer: dict[str, Any] = {"offset": received.offset, "size": upload.size, "done": received.citation is not None}
    if received.citation:
        answer |= {"citation": received.citation.pk, "row": _rendered_row(request, upload, received.citation, actor)}
    response = JsonResponse(answer, status=201 if received.citation and request.method == "PUT" else 200)
    response["Upload-Offset"] = str(received.offset)
    return response


def _rendered_row(request: HttpRequest, upload: Upload, citation: Citation, actor: Actor) -> str:
    """Return the new row, and start a preview. A file that was something else than its name says is told."""
    cited = citing.cited_evidence(citation)
    previews.request_preview(cited.version, actor.person, actor.at)
    wakeups.wake_worker(MAKE_PREVIEWS)
    context = row_context(request, cited)
    if cited.version.blob and filenames.extension(upload.name) != cited.version.extension:
        context |= {"sent_as": upload.name}
    return render_to_string("creation/evidence/_row.html", context, request)


def _refused(refusal: Refusal, **more: Any) -> JsonResponse:
    if isinstance(refusal, uploads.OffsetMismatch):
        more["offset"] = refusal.offset
    if isinstance(refusal, items.Duplicate):
        more["duplicate"] = refusal.evidence.pk
    return _error_response(refusal.status, refusal.sentence, **more)


def _error_response(status: int, sentence: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": sentence, **more}, status=status)
