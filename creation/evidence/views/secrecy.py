"""Secrecy marks and emergencies: clear, purge, hide, show again; and suggestions from a file."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.audit.actor import Actor
from creation.evidence.forms.reasons import reason_form
from creation.evidence.library import metadata_suggestions, secrecy_check, visibility
from creation.evidence.views.evidence import evidence_or_404, render_page
from creation.lib import strings, wakeups
from creation.models import Evidence
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.refusals import form_refusals, message_refusals

READ_FILES = "creation.jobs.read_files"
ReasonedAction = Callable[[Evidence, str, Actor], object]


def _with_reason(
    request: HttpRequest, pk: int, permission: Permission, action: str, action_function: ReasonedAction, message: str
) -> HttpResponse:
    """Check permission and reason, then call the verb. 422 with the form as typed if the reason is missing."""
    evidence = evidence_or_404(request, pk)
    access.require(shortcuts.current_user(request), permission, evidence)
    form = reason_form(action, request.POST)
    if not form.is_valid():
        return render_page(request, evidence, {action: form}, status=422)
    with form_refusals(form):
        action_function(evidence, form.cleaned_data["reason"], shortcuts.current_actor(request))
        messages.success(request, message)
        return redirect("todo") if action_function is secrecy_check.purge else redirect("evidence", pk)
    return render_page(request, evidence, {action: form}, status=409)


@require_POST
def evidence_clear(request: HttpRequest, pk: int) -> HttpResponse:
    message = "已记录：经确认不涉密。现在可以引用和报送。"
    return _with_reason(request, pk, Permission.EVIDENCE_EDIT, "clear", secrecy_check.declare_not_secret, message)


@require_POST
def evidence_purge(request: HttpRequest, pk: int) -> HttpResponse:
    message = "已清除：文件、预览和文字已从服务器删除，不能恢复。请同时处理您电脑上的文件。"
    return _with_reason(request, pk, Permission.EVIDENCE_EDIT, "purge", secrecy_check.purge, message)


@require_POST
def evidence_hide(request: HttpRequest, pk: int) -> HttpResponse:
    message = "已紧急隐藏：除综合协调组外，任何人都看不到这份资料的内容。"
    return _with_reason(request, pk, Permission.EVIDENCE_HIDE, "hide", visibility.hide, message)


@require_POST
def evidence_show(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(
        request, pk, Permission.EVIDENCE_HIDE, "show", visibility.show, "已解除隐藏，原来引用它的任务重新引用它。"
    )


@require_GET
def evidence_offers(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment of suggestions from the file. Polls while the file is being read."""
    evidence = evidence_or_404(request, pk)
    access.require(shortcuts.current_user(request), Permission.EVIDENCE_EDIT, evidence)
    found = metadata_suggestions.suggestions_for(evidence)
    if found.is_pending:
        wakeups.wake_worker(READ_FILES)
    fresh = evidence.created_at > timezone.now() - timedelta(minutes=10)
    context = {"evidence": evidence, "found": found, "again": found.is_pending and fresh}
    part = (
        "creation/evidence/library/_offers.html"
        if wants_fragment(request)
        else "creation/evidence/library/offers_page.html"
    )
    return render(request, part, context)


@require_POST
def evidence_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the chosen suggestions."""
    evidence = evidence_or_404(request, pk)
    access.require(shortcuts.current_user(request), Permission.EVIDENCE_EDIT, evidence)
    seen = request.POST.get("version", "")
    with message_refusals(request):
        taken = metadata_suggestions.accept_suggestions(
            evidence,
            strings.to_number(seen),
            request.POST.getlist("offer"),
            shortcuts.current_actor(request),
        )
        if taken:
            messages.success(request, f"已采用：{'、'.join(f'{each.label} {each.value}' for each in taken)}。")
        else:
            messages.warning(request, "没有勾选要采用的内容。")
    return redirect("evidence", pk)
