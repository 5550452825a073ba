"""A statement on screen gets its number for the stamp: the same words as a Word document are kept among the papers."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from creation import access
from creation.lib.refusals import Refusal
from creation.models import Task
from creation.papers.statements import Statement
from creation.rules.policy import Permission
from creation.tasks.views.papers import statement_view
from creation.web import shortcuts
from creation.web.refusals import message_refusals
from reports.word import paper_files
from reports.word.paper_files import PaperFile


@require_POST
def statement_number(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PAPER_SCAN, task)
    sheet = statement_view(request, task).sheet
    if sheet is None:
        messages.error(request, "还没有写情况说明，没有编号。")
        return redirect("statement", campaign_id, pk)
    with message_refusals(request):
        messages.success(request, f"{_numbered(request, task, sheet).detail}。现在可以打印盖章。")
    return redirect("statement", campaign_id, pk)


def _numbered(request: HttpRequest, task: Task, sheet: Statement) -> PaperFile:
    try:
        with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as folder:
            return paper_files.make_statement(task, sheet, shortcuts.current_actor(request), Path(folder))
    except FileNotFoundError:
        raise Refusal("模板文件缺失，没有编号。请与创建办联系。") from None
