"""Notification preferences (通知偏好), and the calendar feed, which is opened by its key alone."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation.models import Channel, ChannelKind, FeedToken, Preference
from creation.notices import calendar_feed, delivery_preferences
from creation.notices.forms.channels import PreferenceForm
from creation.web import shortcuts


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    person = shortcuts.current_user(request)
    channels = Channel.objects.open_to(person)
    form = PreferenceForm(request.POST or None, channels=channels, initial=initial_values(request))
    if request.method == "POST" and form.is_valid():
        delivery_preferences.save_preference(
            form.cleaned_data["rhythm"], form.cleaned_data["channels"], shortcuts.current_actor(request)
        )
        messages.success(request, "通知偏好已保存。")
        return redirect("preferences")
    address = request.session.pop("feed_address", "")
    context = {
        "form": form,
        "channels": channels,
        "person": person,
        "feed": FeedToken.objects.filter(person=person).first(),
        "address": address,
        "subscribe": f"webcal:{address.partition(':')[2]}",
    }
    return render(request, "creation/notices/channels/preferences.html", context, status=422 if form.errors else 200)


def initial_values(request: HttpRequest) -> dict[str, object]:
    person = shortcuts.current_user(request)
    preference = Preference.objects.filter(person=person).first()
    if preference:
        return {"rhythm": preference.rhythm, "channels": list(preference.channels.values_list("pk", flat=True))}
    mail = Channel.objects.open_to(person).filter(kind=ChannelKind.SMTP)
    return {"rhythm": "at_once", "channels": list(mail.values_list("pk", flat=True))}


@require_POST
def feed_make(request: HttpRequest) -> HttpResponse:
    """Create the feed. Its address is shown once, on the next page."""
    token = delivery_preferences.create_feed(shortcuts.current_actor(request))
    request.session["feed_address"] = calendar_feed.feed_url(token)
    messages.success(request, "日历订阅地址已生成，请立即复制；离开本页后不再显示。")
    return redirect("preferences")


@require_POST
def feed_revoke(request: HttpRequest) -> HttpResponse:
    was_active = delivery_preferences.revoke_feed(shortcuts.current_actor(request))
    messages.success(request, "日历订阅已停用，原地址不再可用。" if was_active else "没有可停用的日历订阅。")
    return redirect("preferences")


@login_not_required
@never_cache
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    person = delivery_preferences.feed_owner(token)
    if person is None:
        raise Http404
    content = calendar_feed.build_feed(person, timezone.now())
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
