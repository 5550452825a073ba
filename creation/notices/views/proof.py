"""送达记录: who was told what, when, by which channel, with which answer, when read; and the second try."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.models import Delivery, DeliveryState
from creation.notices import outlets
from creation.notices.forms.channels import ProofFilter
from creation.notices.tables.channels import ProofTable
from creation.web import doors
from creation.web.lists import shown
from creation.web.paging import turn_to_page
from creation.web.refusals import message_refusals


@require_GET
def proof(request: HttpRequest) -> HttpResponse:
    person = doors.person(request)
    access.require_somewhere(person, "proof.read")
    seen = Delivery.objects.read_by(person)
    found = ProofFilter(request.GET, seen.for_table(), request=request)
    manages = access.may_somewhere(person, "channels.manage")
    table = ProofTable(found.qs, may_retry=manages, unfolded=bool(request.GET.get("task")))
    turn_to_page(table, request)
    context = {
        "table": table,
        "filter": found,
        "narrowed": shown(found),
        "failed": seen.filter(state=DeliveryState.FAILED).count(),
        "manages": manages,
        "failed_alone": found.form.cleaned_data.get("state") == DeliveryState.FAILED if found.is_valid() else False,
        "now": doors.actor(request).at,
    }
    return render(request, "creation/notices/channels/proof.html", context)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    person = doors.person(request)
    rows = Delivery.objects.read_by(person).select_related("digest__person__unit", "outlet")
    found = get_object_or_404(rows, pk=pk)
    access.require(person, "channels.manage", found)
    with message_refusals(request):
        outlets.retry(found, doors.actor(request))
        messages.success(request, "已重新排队，一分钟内再次发送。")
    return _back(request)


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """The failed ones of what the filter shows."""
    person = doors.person(request)
    access.require_somewhere(person, "channels.manage")
    rows = Delivery.objects.read_by(person).managed_by(person)
    shown_rows = ProofFilter(QueryDict(request.POST.get("filter", "")), rows, request=request).qs
    count, left = outlets.retry_all(shown_rows, doors.actor(request))
    if count:
        messages.success(request, f"{count} 条已重新排队，一分钟内开始发送。")
    if left:
        messages.warning(request, f"{left} 条不能重试：渠道已停用，或收件人没有填写电子邮箱。")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "proof")
