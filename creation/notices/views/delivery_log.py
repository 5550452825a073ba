"""The delivery log (送达记录): recipients, times, channels, responses; retrying failed deliveries."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.models import Delivery, DeliveryState
from creation.notices import channel_settings
from creation.notices.forms.channels import DeliveryFilter
from creation.notices.tables.channels import DeliveryTable
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.filters import is_filtered
from creation.web.pagination import paginate_table
from creation.web.refusals import message_refusals


@require_GET
def delivery_log(request: HttpRequest) -> HttpResponse:
    person = shortcuts.current_user(request)
    access.require_somewhere(person, Permission.PROOF_READ)
    visible = Delivery.objects.read_by(person)
    log_filter = DeliveryFilter(request.GET, visible.for_table(person), request=request)
    may_manage = access.may_somewhere(person, Permission.CHANNELS_MANAGE)
    table = DeliveryTable(log_filter.qs, may_retry=may_manage, is_expanded=bool(request.GET.get("task")))
    paginate_table(table, request)
    context = {
        "table": table,
        "filter": log_filter,
        "narrowed": is_filtered(log_filter),
        "failed": visible.filter(state=DeliveryState.FAILED).count(),
        "may_manage": may_manage,
        "failed_alone": log_filter.form.cleaned_data.get("state") == DeliveryState.FAILED
        if log_filter.is_valid()
        else False,
        "now": shortcuts.current_actor(request).at,
    }
    return render(request, "creation/notices/channels/proof.html", context)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    person = shortcuts.current_user(request)
    rows = Delivery.objects.read_by(person).select_related("digest__person__unit", "outlet")
    log_filter = get_object_or_404(rows, pk=pk)
    access.require(person, Permission.CHANNELS_MANAGE, log_filter)
    with message_refusals(request):
        channel_settings.retry_delivery(log_filter, shortcuts.current_actor(request))
        messages.success(request, "已重新排队，一分钟内再次发送。")
    return _back(request)


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Retry the failed deliveries in the filtered list."""
    person = shortcuts.current_user(request)
    access.require_somewhere(person, Permission.CHANNELS_MANAGE)
    rows = Delivery.objects.read_by(person).managed_by(person)
    shown_rows = DeliveryFilter(QueryDict(request.POST.get("filter", "")), rows, request=request).qs
    count, left = channel_settings.retry_deliveries(shown_rows, shortcuts.current_actor(request))
    if count:
        messages.success(request, f"{count} 条已重新排队，一分钟内开始发送。")
    if left:
        messages.warning(request, f"{left} 条不能重试：渠道已停用，或收件人没有填写电子邮箱。")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "proof")
