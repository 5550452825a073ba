"""Questions (提问): asked on the task page, listed for the office, replied to, published, corrected and withdrawn."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.communication import questions
from creation.communication.forms.questions import GeneralQuestionForm, ReplyCorrectionForm, ReplyForm, ReplyPublishForm
from creation.communication.tables.questions import QuestionTable, ReplyTable
from creation.lib import strings
from creation.lib.refusals import Refusal
from creation.models import Campaign, Question, Reply, ReplyVersion, Unit, User
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import form_refusals, message_refusals

LIST_FILTERS = ("waiting", "answered", "published")

# The list


@require_GET
def question_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The list. ``?show=`` is waiting (oldest first), answered or published."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.QUESTION_READ)
    requested = request.GET.get("show", "")
    show = requested if requested in LIST_FILTERS else LIST_FILTERS[0]
    return _list_page(request, campaign, show)


def _list_page(
    request: HttpRequest, campaign: Campaign, show: str, form: Any = None, status: int = 200
) -> HttpResponse:
    user = shortcuts.current_user(request)
    mine = Question.objects.visible_to(user).in_campaigns([campaign])
    waiting = mine.waiting()
    table = _table_of(request, campaign, show, mine.for_table())
    paginate_table(table, request)
    context = {"campaign": campaign, "table": table, "show": show, "waiting": waiting.count()}
    context["answering"] = access.may(user, Permission.QUESTION_ANSWER, campaign)
    units = _asking_units(user, campaign)
    context["form"] = form or (GeneralQuestionForm(units=units) if units and campaign.is_open else None)
    return render(request, "creation/communication/questions/list.html", context, status=status)


def _asking_units(user: User, campaign: Campaign) -> list[Unit]:
    """Return the units for which this person may ask."""
    grants = [grant for grant, _ in user.grants_for(Permission.TASK_ASK) if grant.campaign in (None, campaign.pk)]
    held = {grant.unit for grant in grants if grant.unit}
    return list(Unit.objects.filter(pk__in=held, district=campaign.district_id).order_by("order", "pk"))


@require_POST
def question_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask a question that is on no task."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_ASK)
    user = shortcuts.current_user(request)
    form = GeneralQuestionForm(request.POST, units=_asking_units(user, campaign))
    if form.is_valid():
        with form_refusals(form):
            questions.ask_in_general(campaign, form.unit, form.cleaned_data["text"], shortcuts.current_actor(request))
            messages.success(request, "问题已提交，创建办答复后会通知您，也会显示在这里。")
            return redirect("questions", campaign.pk)
    return _list_page(request, campaign, LIST_FILTERS[0], form, 422)


def _table_of(request: HttpRequest, campaign: Any, show: str, mine: Any) -> Any:
    user = shortcuts.current_user(request)
    if show == "published":
        return ReplyTable(Reply.objects.visible_to(user).filter(campaign=campaign).published().for_table())
    answering = campaign.is_open and access.may(user, Permission.QUESTION_ANSWER, campaign)
    if show == "answered":
        return QuestionTable(mine.answered().order_by("-replied_at", "-pk"), answering=answering)
    return QuestionTable(mine.waiting().order_by("created_at", "pk"), answering=answering)


# The office replies


@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """A question with earlier replies. POST replies to it."""
    found = _question_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.QUESTION_ANSWER, found)
    if request.method == "GET":
        return _question_page(request, found)
    form = ReplyForm(request.POST, question=found, alike=questions.similar_questions(found))
    if form.is_valid():
        with form_refusals(form):
            made = questions.reply_to(
                found, form.reply_text, shortcuts.current_actor(request), form.cleaned_data.get("also", ())
            )
            readers = "承担这一要点的各单位" if found.task else "各单位"
            addition = f"，并公开给{readers}" if made.published_at else ""
            messages.success(request, f"已答复并通知提问人{addition}。")
            return redirect("questions", campaign_id)
    return _question_page(request, found, form, 422)


@require_POST
def question_reuse_reply(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _question_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.QUESTION_ANSWER, found)
    number = request.POST.get("reply", "")
    earlier = questions.reusable_replies(found).filter(pk=strings.to_number(number)).first()
    with message_refusals(request):
        if earlier is None:
            raise Refusal("请选择一条已有的答复。")
        questions.reuse_reply(found, earlier, shortcuts.current_actor(request))
        messages.success(request, "已用原有的答复回复，并通知提问人。")
        return redirect("questions", campaign_id)
    return redirect("question", campaign_id, pk)


def _question_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Question:
    seen = Question.objects.visible_to(shortcuts.current_user(request)).filter(
        Q(task__campaign=campaign_id) | Q(campaign=campaign_id)
    )
    return get_object_or_404(seen.for_table(), pk=pk)


def _question_page(request: HttpRequest, found: Question, form: Any = None, status: int = 200) -> HttpResponse:
    campaign = found.asked_in
    open_to = campaign.is_open and found.waits
    context = {
        "campaign": campaign,
        "question": found,
        "form": form or (ReplyForm(question=found, alike=questions.similar_questions(found)) if open_to else None),
        "reusable_replies": _ranked_replies(found) if open_to else [],
    }
    return render(request, "creation/communication/questions/question.html", context, status=status)


def _ranked_replies(found: Question) -> list[Reply]:
    """Return earlier replies, those of the point first, then matching ones."""
    rows = list(questions.reusable_replies(found))
    fits = questions.matching_replies(rows, found.text)
    task = found.task
    here = (task.indicator_id, task.action_id, task.finding_id) if task else (None, None, None)
    return sorted(rows, key=lambda row: ((row.indicator_id, row.action_id, row.finding_id) != here, row.pk not in fits))


# A reply


@require_GET
def reply(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _reply_page(request, _reply_or_404(request, campaign_id, pk))


@require_POST
def reply_publish(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _reply_to_change(request, campaign_id, pk)
    form = ReplyPublishForm(request.POST, reply=found)
    return _apply_change(request, found, form, questions.publish_reply, "已公开，承担这一要点的各单位会收到通知。")


@require_POST
def reply_correct(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _reply_to_change(request, campaign_id, pk)
    form = ReplyCorrectionForm(request.POST, reply=found)
    return _apply_change(request, found, form, questions.correct_reply, "答复已更正，看过的单位会收到通知。")


@require_POST
def reply_withdraw(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _reply_to_change(request, campaign_id, pk)
    with message_refusals(request):
        questions.withdraw_reply(found, shortcuts.typed_text(request, "reason")[:200], shortcuts.current_actor(request))
        messages.success(request, "答复已撤回，看过的单位会收到通知；原来的问题回到“待答复”。")
    return redirect("reply", campaign_id, pk)


def _apply_change(
    request: HttpRequest, found: Reply, form: forms.Form, change: Callable[..., None], message: str
) -> HttpResponse:
    if form.is_valid():
        with form_refusals(form):
            change(found, **form.cleaned_data, actor=shortcuts.current_actor(request))
            messages.success(request, message)
            return redirect("reply", found.campaign_id, found.pk)
    return _reply_page(request, found, form, 422)


def _reply_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Reply:
    seen = Reply.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


def _reply_to_change(request: HttpRequest, campaign_id: int, pk: int) -> Reply:
    found = _reply_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.QUESTION_ANSWER, found)
    return found


def _reply_page(request: HttpRequest, found: Reply, form: Any = None, status: int = 200) -> HttpResponse:
    """Render a reply. A unit sees only its own questions beside it; the office sees all."""
    found.refresh_from_db()
    user = shortcuts.current_user(request)
    may_change = (
        access.may(user, Permission.QUESTION_ANSWER, found) and found.campaign.is_open and not found.withdrawn_at
    )
    served = list(Question.objects.visible_to(user).filter(reply=found).for_table().order_by("created_at", "pk"))
    context = {
        "campaign": found.campaign,
        "reply": found,
        "served": served,
        "former": _visible_versions(found, user, served),
        "may_change": may_change,
        "publishing": form if isinstance(form, ReplyPublishForm) else ReplyPublishForm(reply=found),
        "correction": form if isinstance(form, ReplyCorrectionForm) else ReplyCorrectionForm(reply=found),
    }
    return render(request, "creation/communication/questions/reply.html", context, status=status)


def _visible_versions(found: Reply, user: User, served: list[Question]) -> list[ReplyVersion]:
    """Return the former versions that the person may read.

    The office may read all. A unit reads only those since the reply reached it, because earlier ones may name who asked.
    """
    rows = found.former.select_related("created_by")
    if user.has_permission_beyond_unit(Permission.QUESTION_READ):
        return list(rows)
    reached = [question.replied_at for question in served if question.replied_at]
    reached += [found.published_at] if found.published_at else []
    return list(rows.filter(created_at__gte=min(reached))) if reached else []
