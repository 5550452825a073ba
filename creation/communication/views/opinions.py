"""专家意见: the office's list, each with what was done about it. Assessors write theirs on the task page."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.communication import opinions
from creation.communication.forms.opinions import OpinionAnswerForm
from creation.models import Campaign, Opinion
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.pagination import PAGE_SIZE
from creation.web.refusals import form_refusals


@require_GET
def opinion_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?show=all`` shows the settled opinions too."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.OPINION_READ)
    return _list_page(request, campaign)


@require_POST
def opinion_settle(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    user = shortcuts.current_user(request)
    found = get_object_or_404(Opinion.objects.visible_to(user).filter(task__campaign=campaign_id).for_table(), pk=pk)
    access.require(user, Permission.OPINION_SETTLE, found)
    form = OpinionAnswerForm(request.POST, key=found.pk)
    if form.is_valid():
        with form_refusals(form):
            opinions.answer_opinion(found, form.cleaned_data["answer"], shortcuts.current_actor(request))
            messages.success(request, "已记下处理情况，专家会收到通知。")
            return redirect(reverse("opinions", args=[campaign_id]))
    return _list_page(request, found.task.campaign, form, found.pk, 422)


def _list_page(
    request: HttpRequest,
    campaign: Campaign,
    refused: forms.Form | None = None,
    refused_pk: int = 0,
    status: int = 200,
) -> HttpResponse:
    user = shortcuts.current_user(request)
    mine = Opinion.objects.visible_to(user).filter(task__campaign=campaign)
    show_all = request.GET.get("show") == "all" or (refused is not None)
    page = Paginator((mine if show_all else mine.waiting()).for_table(), PAGE_SIZE).get_page(request.GET.get("page"))
    settles = campaign.is_open and access.may(user, Permission.OPINION_SETTLE, campaign)
    context = {
        "campaign": campaign,
        "page": page,
        "rows": [(each, _answer_form(each, refused, refused_pk) if settles else None) for each in page],
        "show_all": show_all,
        "waiting": mine.waiting().count(),
    }
    context["lost"] = refused if Opinion.objects.filter(pk=refused_pk).exclude(settled_at=None).exists() else None
    return render(request, "creation/communication/opinions/list.html", context, status=status)


def _answer_form(opinion: Opinion, refused: forms.Form | None, refused_pk: int) -> forms.Form | None:
    if opinion.settled_at:
        return None
    return refused if refused and refused_pk == opinion.pk else OpinionAnswerForm(key=opinion.pk)
