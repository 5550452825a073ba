"""Channels (通知渠道) that the office configures."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.models import Channel, ChannelKind, District
from creation.notices import channel_settings
from creation.notices.channels import Answered
from creation.notices.forms.channels import ChannelForm, form_for
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import form_refusals, message_refusals

PERMISSION = Permission.CHANNELS_MANAGE


def channel_or_404(request: HttpRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.managed_by(shortcuts.current_user(request)), pk=pk)


def own_district(request: HttpRequest) -> District:
    return District.objects.get(pk=shortcuts.current_user(request).grants_for(PERMISSION)[0][0].district)


@require_GET
def channel_list(request: HttpRequest) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    found = Channel.objects.managed_by(shortcuts.current_user(request))
    return render(request, "creation/notices/channels/list.html", {"channels": found, "kinds": ChannelKind.choices})


@require_http_methods(["GET", "POST"])
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    if kind not in ChannelKind.values:
        raise Http404
    chosen = ChannelKind(kind)
    form = form_for(chosen)(request.POST or None, kind=chosen)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            added = channel_settings.add_channel(
                own_district(request), chosen, form.cleaned_data, shortcuts.current_actor(request)
            )
            messages.success(request, "渠道已保存。请点“发送测试”确认可用。")
            return redirect(added)
    return render_form(request, form, None)


@require_http_methods(["GET", "POST"])
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = channel_or_404(request, pk)
    kind = ChannelKind(found.kind)
    shown = (
        {name: getattr(found, name) for name in channel_settings.COMMON_FIELDS}
        | channel_settings.public_config(found)
        | {"seen": found.version}
    )
    form = form_for(kind)(request.POST or None, kind=kind, channel=found, initial=shown)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            channel_settings.change_channel(
                found, form.cleaned_data, form.cleaned_data["seen"] or 0, shortcuts.current_actor(request)
            )
            messages.success(request, "渠道已保存。")
            return redirect("channel", pk)
    return render_form(request, form, found)


def render_form(request: HttpRequest, form: ChannelForm, found: Channel | None) -> HttpResponse:
    context = {"form": form, "channel": found, "kind": form.kind}
    return render(request, "creation/notices/channels/edit.html", context, status=422 if form.errors else 200)


@require_POST
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message and show the response."""
    found = channel_or_404(request, pk)
    with message_refusals(request):
        outcome = channel_settings.send_test_message(found, shortcuts.current_actor(request))
        if outcome.answered == Answered.SENT:
            messages.success(request, f"测试消息已发出。对方答复：{outcome.answer}")
        else:
            messages.error(request, f"测试消息未能送达，请核对设置后再试。对方答复：{outcome.answer}")
    return redirect("channel", pk)
