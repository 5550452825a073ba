"""通知: what one has been told, unread first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.models import Announcement, Campaign, EditionChange, Notice, Task, User
from creation.notices import holidays
from creation.notices.tables.notices import NoticeTable
from creation.web import doors
from creation.web.paging import turn_to_page


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """``?show=unread`` leaves out what was read."""
    mine = Notice.objects.visible_to(doors.person(request))
    only_unread = request.GET.get("show") == "unread"
    table = NoticeTable((mine.unread() if only_unread else mine).for_inbox())
    turn_to_page(table, request)
    newest = mine.order_by("-pk").values_list("pk", flat=True).first()
    context = {"table": table, "only_unread": only_unread, "unread": mine.unread().count(), "newest": newest}
    context["calendar_warning"] = calendar_warning(doors.person(request))
    return render(request, "creation/notices/inbox.html", context)


def calendar_warning(person: User) -> str:
    """Those who date the campaign learn that a year's holidays are missing."""
    return holidays.warning(timezone.localdate()) if access.may_somewhere(person, "holidays.manage") else ""


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening it marks it as read, with what was said before about the same thing, and leads to what it is about."""
    mine = Notice.objects.visible_to(doors.person(request))
    opened = get_object_or_404(mine.select_related("task"), pk=pk)
    mine.beside(opened).mark_read(timezone.now())
    address = about(opened, doors.person(request))
    return redirect(address) if address else render(request, "creation/notices/notice.html", {"notice": opened})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All that the page showed: what came in since then stays unread."""
    newest = request.POST.get("newest", "")
    mine = Notice.objects.visible_to(doors.person(request))
    count = mine.filter(pk__lte=int(newest)).mark_read(timezone.now()) if newest.isdecimal() else 0
    messages.success(request, f"已将 {count} 条通知标为已读。" if count else "没有未读通知。")
    return redirect("notices")


def about(notice: Notice, person: User) -> str | None:
    """The page of the task, announcement or campaign the notice is about, as far as the person may still see it."""
    within = Task.objects.within_reach_of(person).filter(pk=notice.task_id or 0)
    if notice.task and (within.live() | within.ended_by_edition()).exists():
        return reverse("task", args=[notice.task.campaign_id, notice.task.pk])
    kind, _, number = notice.subject.partition("/")
    if kind == "announcement":
        told = Announcement.objects.visible_to(person).filter(pk=number).first()
        return reverse("announcement", args=[told.campaign_id, told.pk]) if told else None
    if kind in {"calls", "urged"}:
        return _about_urging(kind, number, person)
    if kind == "edition":
        change = EditionChange.objects.confirmed().filter(pk=number, campaign__in=Campaign.objects.visible_to(person))
        return reverse("edition", args=[change[0].campaign_id, change[0].pk]) if change else None
    if kind == "health":
        return reverse("health") if access.may_somewhere(person, "health.read") else None
    campaign = (
        Campaign.objects.visible_to(person).filter(pk=number) if kind == "campaign" and number.isdecimal() else None
    )
    return reverse("task_list", args=[number]) if campaign and campaign.exists() else None


def _about_urging(kind: str, place: str, person: User) -> str | None:
    """``calls/3/12``: the units to phone; ``urged/3/12``: the unit's tasks that are still to be answered."""
    number, _, unit = place.partition("/")
    campaign = Campaign.objects.visible_to(person).filter(pk=number if number.isdecimal() else 0).first()
    if campaign is None:
        return None
    if kind == "calls" and access.may(person, "task.urge", campaign):
        return reverse("calls", args=[campaign.pk])
    return f"{reverse('task_list', args=[campaign.pk])}?unit={unit}&status=unanswered"
