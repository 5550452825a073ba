"""提问 on the task page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.communication import questioning
from creation.communication.forms.questions import AskForm
from creation.tasks.views import dossier
from creation.web import doors
from creation.web.refusals import form_refusals


@require_POST
def task_ask(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = doors.task_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "task.ask", task)
    form = AskForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            questioning.ask(task, form.cleaned_data["text"], doors.actor(request))
            messages.success(request, "问题已提交，创建办答复后会通知您，也会显示在这里。")
            return redirect(reverse("task", args=[campaign_id, pk]) + "#questions")
    return dossier.show(request, task, {"question": form}, status=422)


@require_GET
def task_known(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """While somebody types (``text``): the published replies of the point, those first that fit."""
    task = doors.task_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "question.read", task)
    typed = request.GET.get("text", "")
    rows = questioning.known(task, typed)
    context = {"task": task, "known": rows, "fitting": questioning.fitting(rows, typed)}
    return render(request, "creation/communication/questions/_known.html", context)
