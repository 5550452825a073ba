"""专家意见: opinions of assessors on the task page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from creation import access
from creation.communication import opinions
from creation.communication.forms.opinions import OpinionForm
from creation.rules.policy import Permission
from creation.tasks.views import task_page
from creation.web import shortcuts
from creation.web.refusals import form_refusals


@require_POST
def opinion_new(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.OPINION_WRITE, task)
    form = OpinionForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            opinions.give_opinion(task, form.cleaned_data["text"], shortcuts.current_actor(request))
            messages.success(request, "意见已提交，创建办处理后会通知您。")
            return redirect(reverse("task", args=[campaign_id, pk]) + "#opinions")
    return task_page.render_page(request, task, {"opinion": form}, status=422)
