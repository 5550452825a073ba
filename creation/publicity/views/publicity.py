"""The register of publicity: what was published, counts by unit and level, an entry, and removing one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.views.assignments import units_of
from creation.evidence import attachments
from creation.evidence.views import file_responses
from creation.models import Campaign, Publicity, PublicityFile, PublicityLevel, Unit
from creation.publicity import register
from creation.publicity.forms.publicity import PublicityEntryForm, PublicityFilter
from creation.publicity.tables.publicity import PublicityTable
from creation.rules.policy import Permission, Reach
from creation.web import request_sizes, shortcuts
from creation.web.fragments import wants_fragment
from creation.web.pagination import filtered_list
from creation.web.refusals import form_refusals, message_refusals

ON_THE_WALL = 60
SORTS = [("-published_on", "新的在前"), ("unit", "按单位"), ("level", "按级别")]


def item_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Publicity:
    seen = Publicity.objects.visible_to(shortcuts.current_user(request)).active().filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


def recording_units(request: HttpRequest, campaign: Campaign) -> QuerySet[Unit]:
    """Return the units for which this person may record: the own ones, or all for the office."""
    user, units = shortcuts.current_user(request), units_of(request, campaign)
    reached = [
        (grant, reach)
        for grant, reach in user.grants_for(Permission.PUBLICITY_RECORD)
        if grant.district == campaign.district_id and grant.campaign in (None, campaign.pk)
    ]
    if any(reach is not Reach.UNIT for _, reach in reached):
        found: QuerySet[Unit] = units
    else:
        found = units.filter(pk__in=[grant.unit for grant, _ in reached])
    return found


@require_GET
def publicity_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PUBLICITY_READ)
    user = shortcuts.current_user(request)
    rows = Publicity.objects.visible_to(user).active().filter(campaign=campaign)
    found = PublicityFilter(request.GET, rows)
    table = PublicityTable(found.qs.for_table())
    whole = user.has_permission_beyond_unit(Permission.PUBLICITY_READ)
    context: dict[str, Any] = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_record": campaign.is_open and access.may(user, Permission.PUBLICITY_RECORD, campaign),
    }
    if whole and not wants_fragment(request):
        context["counts"] = register.count_by_unit(campaign, list(units_of(request, campaign)))
        context["levels"] = PublicityLevel.labels
    names = {"page": "creation/publicity/list.html", "results": "creation/publicity/_list.html"}
    return filtered_list(request, found, table, context, **names)


@require_GET
def publicity_wall(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What was published, newest first, each as it looks: with its first picture."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PUBLICITY_READ)
    user = shortcuts.current_user(request)
    rows = Publicity.objects.visible_to(user).active().filter(campaign=campaign)
    items = [(item, _first_picture(item)) for item in rows.for_table()[:ON_THE_WALL]]
    context = {"campaign": campaign, "items": items, "count": rows.count()}
    return render(request, "creation/publicity/wall.html", context)


def _first_picture(item: Publicity) -> PublicityFile | None:
    return next((file for file in item.files.all() if file.media_type.startswith("image/")), None)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def publicity_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PUBLICITY_RECORD)
    units = recording_units(request, campaign)
    tasks = register.open_tasks(campaign, units)
    form = PublicityEntryForm(request.POST or None, units=units, today=timezone.localdate(), tasks=tasks)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            with attachments.stored_attachments(request.FILES.getlist("files")) as kept:
                unit, actor = form.cleaned_data["unit"], shortcuts.current_actor(request)
                made = register.record_publicity(campaign, unit, form.new_publicity, actor, kept)
            task = form.new_publicity.task
            cited = (
                f"链接已引用到任务“{task}”。"
                if task and made.url
                else "没有链接可以引用，剪报请到任务页上传。"
                if task
                else ""
            )
            messages.success(request, f"已登记：{made}。{cited}")
            return redirect("publicity", campaign.pk)
    context = {"campaign": campaign, "form": form, "limit": settings.LIMIT_IMAGE}
    return render(request, "creation/publicity/new.html", context, status=422 if form.errors else 200)


@require_GET
def publicity_item(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = item_or_404(request, campaign_id, pk)
    user = shortcuts.current_user(request)
    may_record = found.campaign.is_open and access.may(user, Permission.PUBLICITY_RECORD, found)
    context = {"campaign": found.campaign, "item": found, "may_record": may_record}
    return render(request, "creation/publicity/item.html", context)


@require_POST
def publicity_remove(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = item_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PUBLICITY_RECORD, found)
    with message_refusals(request):
        register.remove_publicity(found, shortcuts.current_actor(request))
        messages.success(request, "已从登记表删除；链接仍在资料库。")
        return redirect("publicity", campaign_id)
    return redirect(found)


@require_GET
def publicity_file(request: HttpRequest, campaign_id: int, pk: int, file_id: int) -> HttpResponseBase:
    found = item_or_404(request, campaign_id, pk)
    return file_responses.attachment_response(request, get_object_or_404(found.files, pk=file_id))
