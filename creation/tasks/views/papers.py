"""Papers printed from the browser: statements to be stamped, and the list of material shown on site."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from creation import access
from creation.models import AnswerMode, Paper, Task
from creation.papers import on_site_list, statements
from creation.papers.statements import Statement
from creation.rules.policy import Permission
from creation.tasks import drafts, workflow
from creation.tasks.filters import TaskFilter
from creation.tasks.views.task_list import tasks_of
from creation.web import shortcuts


@dataclass(frozen=True, slots=True)
class StatementView:
    """``paper`` is the paper under which exactly this text was issued for the stamp."""

    sheet: Statement | None
    paper: Paper | None
    is_draft: bool


@require_GET
def statement(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    context = {
        "task": task,
        "view": statement_view(request, task),
        "has_scan": statements.has_scan(task),
        "may_number": access.may(shortcuts.current_user(request), Permission.PAPER_SCAN, task),
    }
    return render(request, "creation/papers/statement.html", context)


def statement_view(request: HttpRequest, task: Task) -> StatementView:
    """Return the draft for those who write it, the submitted statement for everybody else."""
    text, day, is_draft = _text_of(request, task)
    sheet, paper = statements.with_paper(task, text, day or timezone.localdate()) if text else (None, None)
    return StatementView(sheet, paper, is_draft)


def _text_of(request: HttpRequest, task: Task) -> tuple[str, date | None, bool]:
    user = shortcuts.current_user(request)
    if workflow.accepts_answers(task) and access.may(user, Permission.TASK_DRAFT, task):
        content = drafts.initial_answer(task, user).content
        return (content.get("statement", "") if content.get("mode") == AnswerMode.STATEMENT else ""), None, True
    return *(statements.submitted_statement(task) or ("", None)), False


@require_http_methods(["GET", "POST"])
def on_site(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?unit=`` and ``?section=`` filter, ``?by=unit`` sorts by unit. A POST shows telephone numbers in full and records that."""
    campaign, user, actor = (
        shortcuts.campaign_or_404(request, campaign_id),
        shortcuts.current_user(request),
        shortcuts.current_actor(request),
    )
    access.require(user, Permission.PHONE_REVEAL if request.method == "POST" else Permission.TASK_READ, campaign)
    part = TaskFilter(request.GET, tasks_of(request, campaign), campaign=campaign)
    by_unit = request.GET.get("by") == "unit"
    listed = on_site_list.on_site_rows(part.qs, actor, by_unit)
    if request.method == "POST":
        on_site_list.record_phone_reveal(listed, campaign, actor)
    values = part.form.cleaned_data if part.form.is_valid() else {}
    context = {
        "campaign": campaign,
        "part": part,
        "rows": listed,
        "by_unit": by_unit,
        "unit": values.get("unit"),
        "section": _name_of(part, values.get("section")),
        "in_full": request.method == "POST",
        "may_number": access.may(user, Permission.PAPER_MAKE, campaign),
        "may_reveal": access.may(user, Permission.PHONE_REVEAL, campaign),
        "today": actor.today,
    }
    return render(request, "creation/papers/on_site.html", context)


def _name_of(part: TaskFilter, section: str | None) -> str:
    choices = dict(part.filters["section"].extra["choices"])
    return str(choices.get(section, "")) if section else ""
