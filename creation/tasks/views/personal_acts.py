"""The personal acts of a unit's head (四个亲自), recorded and removed on the page of the task that asks for them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from creation import access
from creation.models import PersonalAct, Task
from creation.rules.policy import Permission
from creation.tasks import personal_acts, workflow
from creation.tasks.forms.task_entries import PersonalActForm
from creation.tasks.views import task_page
from creation.web import shortcuts
from creation.web.refusals import form_refusals, message_refusals


def _task_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_NOTE, task)
    return task


@require_POST
def personal_act(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = _task_or_404(request, campaign_id, pk)
    if not personal_acts.asks_for_acts(task):
        raise Http404
    form = PersonalActForm(
        request.POST, task=task, citations=personal_acts.proofs_of(task, shortcuts.current_user(request))
    )
    if form.is_valid():
        with form_refusals(form):
            made = personal_acts.record_act(task, actor=shortcuts.current_actor(request), **form.cleaned_data)
            messages.success(request, f"已登记：{made}。" + _where_it_goes(task))
            return redirect(task.get_absolute_url() + "#personal-acts")
    return task_page.render_page(request, task, {"act": form}, status=422)


def _where_it_goes(task: Task) -> str:
    return (
        "已写进答复的“工作措施”，报送前可以改。" if workflow.accepts_answers(task) else "答复已经报送，这一条只作登记。"
    )


@require_POST
def personal_act_remove(request: HttpRequest, campaign_id: int, pk: int, act_id: int) -> HttpResponse:
    task = _task_or_404(request, campaign_id, pk)
    act = get_object_or_404(
        PersonalAct.objects.select_related("citation__number", "citation__evidence"), task=task, pk=act_id
    )
    with message_refusals(request):
        personal_acts.remove_act(act, shortcuts.current_actor(request))
        messages.success(request, "已删除这一条。已经写进“工作措施”的文字请自己改。")
    return redirect(task.get_absolute_url() + "#personal-acts")
