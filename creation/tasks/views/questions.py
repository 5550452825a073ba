"""提问 on the task page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.communication import questions
from creation.communication.forms.questions import QuestionForm
from creation.rules.policy import Permission
from creation.tasks.views import task_page
from creation.web import shortcuts
from creation.web.refusals import form_refusals


@require_POST
def task_ask(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_ASK, task)
    form = QuestionForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            questions.ask_question(task, form.cleaned_data["text"], shortcuts.current_actor(request))
            messages.success(request, "问题已提交，创建办答复后会通知您，也会显示在这里。")
            return redirect(reverse("task", args=[campaign_id, pk]) + "#questions")
    return task_page.render_page(request, task, {"question": form}, status=422)


@require_GET
def task_known(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """While somebody types (``text``): the published replies of the point, those first that fit."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.QUESTION_READ, task)
    typed = request.GET.get("text", "")
    rows = questions.published_replies(task, typed)
    context = {"task": task, "known": rows, "fitting": questions.matching_replies(rows, typed)}
    return render(request, "creation/communication/questions/_known.html", context)
