"""The inbox (通知), unread notices first, by day and task."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.lib import strings
from creation.models import Notice, User
from creation.notices import holidays
from creation.notices.destinations import destination_of
from creation.notices.inbox import part_by_day
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.pagination import PAGE_SIZE


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox. ``?show=unread`` hides notices already read."""
    user, only_unread = shortcuts.current_user(request), request.GET.get("show") == "unread"
    mine = Notice.objects.visible_to(user)
    listed = mine.unread() if only_unread else mine
    page = Paginator(listed.with_words_for(user).for_inbox(), PAGE_SIZE).get_page(request.GET.get("page"))
    newest = mine.order_by("-pk").values_list("pk", flat=True).first()
    context = {"page": page, "days": part_by_day(page, listed), "today": timezone.localdate(), "newest": newest}
    context |= {"only_unread": only_unread, "unread": mine.unread().count()}
    context["calendar_warning"] = calendar_warning(user)
    return render(request, "creation/notices/inbox.html", context)


def calendar_warning(person: User) -> str:
    """Return a warning about missing holidays for people who may manage them, otherwise ""."""
    return (
        holidays.missing_years_warning(timezone.localdate())
        if access.may_somewhere(person, Permission.HOLIDAYS_MANAGE)
        else ""
    )


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the notice and earlier ones on the same subject as read, and redirect to what it is about."""
    user = shortcuts.current_user(request)
    mine = Notice.objects.visible_to(user)
    opened = get_object_or_404(mine.with_words_for(user).select_related("task"), pk=pk)
    mine.on_same_subject(opened).mark_read(timezone.now())
    address = destination_of(opened, user)
    return redirect(address) if address else render(request, "creation/notices/notice.html", {"notice": opened})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark the notices shown on the page as read; newer ones stay unread."""
    newest = strings.to_number(request.POST.get("newest", ""))
    mine = Notice.objects.visible_to(shortcuts.current_user(request))
    count = mine.filter(pk__lte=newest).mark_read(timezone.now())
    messages.success(request, f"已将 {count} 条通知标为已读。" if count else "没有未读通知。")
    return redirect("notices")
