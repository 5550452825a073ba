"""用印文件: papers that were issued for the stamp, and the scans of the stamped copies."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from creation import access
from creation.audit import audit_log
from creation.evidence.views import file_responses
from creation.evidence.views.file_responses import ServedFile
from creation.lib.refusals import Refusal
from creation.models import Campaign, Evidence, Paper, PaperKind, User
from creation.papers import stamped_papers as papers
from creation.papers import verification
from creation.papers.tables.papers import PaperTable
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import message_refusals

NAMES_WITHHELD = "这份文件写到的印证资料有的已隐藏、停用或删除，原文件暂不提供。如有需要，请与创建办联系。"


@require_GET
def paper_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?show=unstamped`` lists those whose scan is missing."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PAPER_READ)
    user = shortcuts.current_user(request)
    seen = Paper.objects.visible_to(user).filter(campaign=campaign)
    missing = seen.unstamped().count()
    only_missing = request.GET.get("show") == "unstamped"
    table = PaperTable((seen.unstamped() if only_missing else seen).for_table())
    paginate_table(table, request)
    context = {"campaign": campaign, "table": table, "missing": missing, "only_missing": only_missing}
    return render(request, "creation/papers/stamps/list.html", context)


@request_sizes.accepts_files(request_sizes.largest_document)
@require_http_methods(["GET", "POST"])
def paper_check(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """核对: ``?number=`` and ``?code=`` as printed on the sheet, or a posted file. Nothing is stored."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PAPER_READ)
    user = shortcuts.current_user(request)
    seen = Paper.objects.visible_to(user).filter(campaign=campaign).for_table()
    file = request.FILES.get("file")
    number, code = request.GET.get("number", ""), request.GET.get("code", "")
    context: dict[str, Any] = {"campaign": campaign, "number": number, "code": code}
    try:
        if file:
            context["answer"] = verification.by_file(seen, file)
        elif number or code or request.method == "POST":
            context["answer"] = verification.by_number(seen, campaign, number, code)
    except Refusal as wrong:
        context["wrong"] = wrong.sentence
    return render(request, "creation/papers/stamps/check.html", context)


@require_GET
def paper(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, found = _found(request, campaign_id, pk)
    user = shortcuts.current_user(request)
    context = {
        "campaign": campaign,
        "paper": found,
        "may_scan": access.may(user, Permission.PAPER_SCAN, found) and not found.voided_at,
        "may_void": access.may(user, Permission.PAPER_VOID, found) and not found.voided_at and not found.scans.all(),
    }
    return render(request, "creation/papers/stamps/paper.html", context)


def _found(request: HttpRequest, campaign_id: int, pk: int) -> tuple[Campaign, Paper]:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    seen = Paper.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign)
    return campaign, get_object_or_404(seen.for_table(), pk=pk)


@request_sizes.accepts_files(request_sizes.largest_document)
@require_POST
def paper_scan(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    _, found = _found(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PAPER_SCAN, found)
    file = request.FILES.get("scan")
    if file is None:
        messages.error(request, "请先选择盖章后的扫描件。")
        return redirect("paper", campaign_id, pk)
    with message_refusals(request):
        papers.add_scan(found, file, shortcuts.current_actor(request))
        messages.success(request, f"{found.number} 的盖章扫描件已保存。")
    return redirect("paper", campaign_id, pk)


@require_POST
def paper_void(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    _, found = _found(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PAPER_VOID, found)
    with message_refusals(request):
        papers.void_paper(found, shortcuts.typed_text(request, "reason"), shortcuts.current_actor(request))
        messages.success(request, f"{found.number} 已作废。")
    return redirect("paper", campaign_id, pk)


def _require_words(user: User, found: Paper) -> None:
    """Raise AccessRefused while the paper names a piece of evidence whose words this person may not read."""
    if Evidence.objects.are_words_withheld(found.evidence, user):
        raise access.AccessRefused(Permission.EVIDENCE_READ, found, NAMES_WITHHELD)


@require_safe
def paper_file(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponseBase:
    """Return the file as it was issued, for another print. A list of liaisons contains full telephone numbers."""
    campaign, found = _found(request, campaign_id, pk)
    _require_words(shortcuts.current_user(request), found)
    if found.kind == PaperKind.LIAISONS:
        audit_log.record(shortcuts.current_actor(request), "phone.reveal", campaign, detail=f"{found}，完整手机号码")
    return file_responses.file_response(
        request, ServedFile(found.blob, found.name, found.media_type, found.size, found.sha256)
    )


@require_safe
def paper_scan_file(request: HttpRequest, campaign_id: int, pk: int, scan_id: int) -> HttpResponseBase:
    _, found = _found(request, campaign_id, pk)
    _require_words(shortcuts.current_user(request), found)
    scan = get_object_or_404(found.scans, pk=scan_id)
    return file_responses.file_response(
        request, ServedFile(scan.blob, scan.name, scan.media_type, scan.size, scan.sha256)
    )
