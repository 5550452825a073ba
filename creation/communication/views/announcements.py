"""Announcements (通知公告): the list and the page, for the units that receive them and the office that issues them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.audit.actor import Actor
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.communication import announcements
from creation.communication.forms.announcements import AnnouncementCorrectionForm, AnnouncementForm
from creation.communication.tables.announcements import AnnouncementTable
from creation.evidence import attachments
from creation.evidence.views import file_responses
from creation.lib import strings
from creation.models import Announcement, Campaign, Notice, Receipt
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import form_refusals, message_refusals, redirect_of_form


def _announcement_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Announcement:
    seen = Announcement.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.select_related("campaign", "issued_by"), pk=pk)


@require_GET
def announcement_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ANNOUNCEMENT_READ)
    user = shortcuts.current_user(request)
    unread = Notice.objects.visible_to(user).unread()
    rows = Announcement.objects.visible_to(user).filter(campaign=campaign).for_table()
    signed = Receipt.objects.filter(announcement=OuterRef("pk"), version=OuterRef("version"), unit=user.unit_id)
    table = AnnouncementTable(rows.annotate(own=Exists(signed)), office=_is_office(request, campaign))
    paginate_table(table, request)
    subjects = set(unread.filter(subject__startswith="announcement/").values_list("subject", flat=True))
    table.unread = subjects
    context = {"campaign": campaign, "table": table, "may_issue": _may_issue(request, campaign)}
    return render(request, "creation/communication/announcements/list.html", context)


def _is_office(request: HttpRequest, placed: Any) -> bool:
    return shortcuts.current_user(request).has_permission_beyond_unit(Permission.ANNOUNCEMENT_READ)


def _may_issue(request: HttpRequest, placed: Any) -> bool:
    return access.may(shortcuts.current_user(request), Permission.ANNOUNCEMENT_ISSUE, placed)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def announcement_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ANNOUNCEMENT_ISSUE)
    form = AnnouncementForm(request.POST or None, units=units_of(request, campaign))
    preview: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        files: list[UploadedFile[Any]] = request.FILES.getlist("files")
        text, actor = announcements.AnnouncementText(**form.cleaned_data), shortcuts.current_actor(request)
        with form_refusals(form):
            if "preview" in request.POST:
                preview = _preview(campaign, text, actor, files)
            else:
                with attachments.stored_attachments(files) as kept:
                    made = announcements.issue_announcement(campaign, text, actor, kept)
                messages.success(request, f"公告{made.code}已发布，各单位联络员会收到通知。")
                return redirect_of_form(request, made.get_absolute_url())
    context = {
        "campaign": campaign, "form": form, "groups": unit_groups(form, "units"), "limit": settings.LIMIT_IMAGE,
        "preview": preview,
    }  # fmt: skip
    return render(request, "creation/communication/announcements/new.html", context, status=422 if form.errors else 200)


def _preview(
    campaign: Campaign, text: announcements.AnnouncementText, actor: Actor, files: "list[UploadedFile[Any]]"
) -> dict[str, Any]:
    """Return what the units would see, and which of them nobody reads for. Nothing is stored. Raises Refusal."""
    announcements.require_issuable(campaign, text, actor)
    return {
        "text": text,
        "issued_by": actor.human,
        "issued_on": actor.today,
        "files": files,
        "unread": announcements.units_without_recipients(campaign, text.units, actor),
    }


@require_GET
def announcement(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The page of an announcement. Marks the person's notices about it as read."""
    found = _announcement_or_404(request, campaign_id, pk)
    mine = Notice.objects.visible_to(shortcuts.current_user(request)).filter(subject=f"announcement/{found.pk}")
    mine.mark_read(timezone.now())
    return _page(request, found)


@require_GET
def announcement_print(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _announcement_or_404(request, campaign_id, pk)
    return render(request, "creation/communication/announcements/print.html", _context(request, found))


def _page(request: HttpRequest, found: Announcement, form: Any = None, status: int = 200) -> HttpResponse:
    context = _context(request, found)
    if context["may_issue"] and not found.withdrawn_at and found.campaign.is_open:
        context["correction"] = form or AnnouncementCorrectionForm(announcement=found)
    return render(request, "creation/communication/announcements/page.html", context, status=status)


def _context(request: HttpRequest, found: Announcement) -> dict[str, Any]:
    """Return the context. A unit sees its own receipts; the office sees all, and who has not signed."""
    office = _is_office(request, found)
    receipts = (
        found.receipts.filter(version=found.version).select_related("unit", "created_by").order_by("created_at", "pk")
    )
    units = {grant.unit for grant in shortcuts.current_user(request).grants}
    hidden = bool(found.withdrawn_at) and not office
    return {
        "campaign": found.campaign,
        "announcement": found,
        "office": office,
        "hidden": hidden,
        "may_issue": _may_issue(request, found),
        "units": list(found.units.order_by("order", "pk")) if office else [],
        "receipts": [row for row in receipts if office or row.unit_id in units],
        "units_without_recipients": announcements.units_without_recipients(
            found.campaign, found.units.order_by("order", "pk"), shortcuts.current_actor(request)
        )
        if office
        else [],
        "unsigned": list(announcements.unsigned_units(found)) if office else [],
        "signable": announcements.signable_units(found, shortcuts.current_user(request)),
        "former": [] if hidden else list(found.former.select_related("created_by")),
        "files": [] if hidden else list(found.files.order_by("pk")),
    }


@require_POST
def announcement_sign(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _announcement_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.ANNOUNCEMENT_SIGN, found)
    seen = request.POST.get("seen", "")
    with message_refusals(request):
        units = announcements.sign_receipt(found, strings.to_number(seen), shortcuts.current_actor(request))
        messages.success(request, f"已签收：{'、'.join(map(str, units))}。")
    return redirect("announcement", campaign_id, pk)


@require_POST
def announcement_correct(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _announcement_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.ANNOUNCEMENT_ISSUE, found)
    form = AnnouncementCorrectionForm(request.POST, announcement=found)
    if form.is_valid():
        with form_refusals(form):
            announcements.correct_announcement(found, **form.cleaned_data, actor=shortcuts.current_actor(request))
            messages.success(request, "公告已更正，各单位会收到通知。")
            return redirect("announcement", campaign_id, pk)
    return _page(request, found, form, status=422)


@require_POST
def announcement_withdraw(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _announcement_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.ANNOUNCEMENT_ISSUE, found)
    with message_refusals(request):
        announcements.withdraw_announcement(
            found, shortcuts.typed_text(request, "reason"), shortcuts.current_actor(request)
        )
        messages.success(request, "公告已撤回，各单位会收到通知。")
    return redirect("announcement", campaign_id, pk)


@require_POST
def announcement_urge(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _announcement_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_URGE, found)
    with message_refusals(request):
        count = announcements.urge_receipts(found, shortcuts.current_actor(request))
        messages.success(request, f"已提醒 {count} 个未签收单位；同一人当天只收到一次。")
    return redirect("announcement", campaign_id, pk)


@require_GET
def announcement_file(request: HttpRequest, campaign_id: int, pk: int, file_id: int) -> HttpResponseBase:
    """An attachment, always as a download. Of a withdrawn announcement, for the office only."""
    found = _announcement_or_404(request, campaign_id, pk)
    if found.withdrawn_at and not _is_office(request, found):
        raise Http404
    file = get_object_or_404(found.files, pk=file_id)
    return file_responses.attachment_response(request, file)
