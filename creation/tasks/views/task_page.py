"""Everything shown on the task page, with a number of queries that does not depend on the rows. Refused forms are shown as typed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from creation import access
from creation.campaigns.rollover import previous_year
from creation.communication import questions
from creation.communication.forms.opinions import OpinionForm
from creation.communication.forms.questions import QuestionForm
from creation.evidence import citing, pending_uploads
from creation.evidence.library import expected_kinds
from creation.evidence.views.area_rows import area_rows
from creation.lib.prepared import prepared
from creation.models import (
    ANSWERED,
    CHANGEABLE,
    UNANSWERED,
    EvidenceKind,
    Opinion,
    Progress,
    Question,
    Task,
    TaskRequest,
    TaskStatus,
    User,
    VisitCheck,
)
from creation.models.urge import URGE_COOLDOWN_DAYS
from creation.people import signers
from creation.rules.policy import Permission
from creation.tasks import (
    drafts,
    independent_verification,
    measure_readings,
    personal_acts,
    rectification_plans,
    repeated_returns,
    workflow,
)
from creation.tasks.drafts import InitialAnswer
from creation.tasks.forms.answer import AnswerForm
from creation.tasks.forms.bulk import UrgeForm
from creation.tasks.forms.moves import ANSWER, MoveForm, form_of
from creation.tasks.forms.task_entries import (
    DECISION_FORMS,
    REQUEST_FORMS,
    PersonalActForm,
    PlanForm,
    ProgressNoteForm,
    ReadingForm,
)
from creation.tasks.history import history_of
from creation.tasks.independent_verification import Verifier
from creation.tasks.views.answer_steps import steps_of
from creation.tasks.workflow import Move
from creation.web import shortcuts

RefusedForms = dict[str, Any]  # submitted forms with errors, by the name of their panel


_PARTNER = ("campaign_id", "finding_id", "status", "role", "due_on", "unit__name", "unit__short_name", "owner__name")


@dataclass(frozen=True, slots=True)
class MovePanel:
    """A move this person may make now, with its form. ``is_open``: unfold it, because it has errors to show.

    ``goes_to_leader``: the answer is signed in the unit before the office sees it.
    """

    move: Move
    form: MoveForm | AnswerForm
    on_behalf: bool
    is_open: bool
    goes_to_leader: bool = False


@dataclass(frozen=True, slots=True)
class OrphanedForm:
    """A refused form whose panel is no longer on the page: its errors and the typed text are shown anyway."""

    form: forms.Form

    @property
    def errors(self) -> list[str]:
        return [str(sentence) for found in self.form.errors.values() for sentence in found]

    @property
    def lines(self) -> list[tuple[str, str]]:
        typed = ((str(field.label), str(field.value() or "")) for field in self.form.visible_fields())
        return [(label, text) for label, text in typed if text]


def render_page(request: HttpRequest, task: Task, sent: RefusedForms | None = None, status: int = 200) -> HttpResponse:
    """Render the page; ``sent`` holds refused forms.

    Names: ``move:<name>``, ``plan``, ``act``, ``note``, ``question``, ``opinion``, ``ask:<kind>``, ``decide:<pk>``, ``reading:<key>``.
    """
    user, today = shortcuts.current_user(request), timezone.localdate()
    entering = request.GET.get("behalf") == "1"
    soon = shortcuts.last_yellow_day(request, today)
    partners = partner_tasks(task, today, soon)
    assisted = any(each.citation_count for each in partners)
    context = {"task": task, "today": today, "partners": partners}
    context |= build_context(task, user, today, sent or {}, entering=entering, assisted=assisted)
    context["orphaned_forms"] = [OrphanedForm(form) for form in (sent or {}).values() if not _is_shown(form, context)]
    return render(request, "creation/tasks/task/page.html", context, status=status)


def _is_shown(form: forms.Form, context: dict[str, Any]) -> bool:
    parts = [panel.form for panel in context["panels"] + context["answer_panels"]]
    parts += [
        context[name] for name in ("answer", "note_form", "question_form", "opinion_form", "plan_form", "act_form")
    ]
    parts += context["request_forms"]
    parts += [decision for _, decision in context["requests"]] + [reading for _, reading in context["readings"]]
    return any(part is form for part in parts)


def build_context(
    task: Task, user: User, today: date, sent: RefusedForms, *, entering: bool, assisted: bool
) -> dict[str, Any]:
    """Return the template context.

    ``entering``: the office is answering on behalf of the unit; otherwise it only reads. ``assisted``: other units cite something for the
    same checkpoint.
    """
    may_write = workflow.accepts_answers(task) and access.may(user, Permission.TASK_DRAFT, task)
    on_behalf = may_write and access.acts_on_behalf_of_unit(user, Permission.TASK_DRAFT, task)
    history = history_of(task, user)
    begun = drafts.initial_answer(task, user, [record.submission for record in history.answers]) if may_write else None
    can_write = begun is not None and (not on_behalf or entering or _has_begun(begun, sent))
    moves = [move for move in workflow.available_moves(task) if can_write or move.form != ANSWER]
    permitted = [move for move in moves if access.may(user, move.permission, task)]
    independent = any(move.independent for move in permitted)
    verifier = independent_verification.verifier_of(task, user, today) if independent else Verifier()
    panels = [
        _panel(move, task, user, today, sent.get(f"move:{move.name}"), begun=begun, verifier=verifier)
        for move in permitted
        if not (move.independent and verifier.refusal)
    ]
    answer = _answer_form(task, user, today, panels, begun) if can_write else None
    citations = citing.cited_by_task(task, user)
    can_cite = can_write and access.may(user, Permission.TASK_CITE, task) and citing.accepts_changes(task)
    pending = pending_uploads.pending_of_task(user, task) if can_write else []
    entries = _entries_context(task, user, today, sent, can_write)
    returned = _return_entry(task, history)
    steps = steps_of(answer, citations, pending, entries["readings"], returned is not None) if answer else None
    return (
        {
            "answer": answer,
            "answer_panels": [panel for panel in panels if isinstance(panel.form, AnswerForm)],
            "panels": [panel for panel in panels if isinstance(panel.form, MoveForm)],
            "verifier": verifier,
            "on_behalf": on_behalf,
            "offers_finding": access.may(user, Permission.FINDING_PROPOSE, task)
            and repeated_returns.offers_finding(task),
            "lacks_signer": signers.lacks_signer(task, today),
            "only_reads": workflow.accepts_answers(task)
            and not may_write
            and access.may(user, Permission.TASK_SIGN, task),
            "colleague_drafts": drafts.colleague_drafts(answer.initial_answer) if answer else [],
            "history": history,
            "return_entry": returned,
            "citations": citations,
            "shown_pieces": citing.shown_pieces(citations),
            "rows": area_rows(citations, user, can_cite=can_cite),
            "steps": steps,
            "expected": expected_kinds.expected_kinds(task, (each.evidence.kind for each in citations)),
            "pending": pending,
            "assists": citing.assists_in_sight(task) if assisted else None,
            "can_cite": can_cite,
            "previous_year": previous_year.previous_year_evidence(task, user) if can_cite else None,
            "kinds": [EvidenceKind(kind).label for kind in (task.indicator.kinds if task.indicator else [])],
            "attachments": list(task.action.files.order_by("pk")) if task.action else [],
        }
        | entries
        | _personal_acts_context(task, user, sent)
        | _supervision_context(task, user, sent)
        | _urge_context(task, user, today)
        | _questions_context(task, user, sent)
        | _opinions_context(task, user, sent)
        | _next_context(task, user)
    )


def _has_begun(initial: InitialAnswer, sent: RefusedForms) -> bool:
    return initial.draft is not None or any(isinstance(form, AnswerForm | ReadingForm) for form in sent.values())


def _entries_context(task: Task, user: User, today: date, sent: RefusedForms, can_write: bool) -> dict[str, Any]:
    can_ask = (
        access.may(user, Permission.TASK_REQUEST, task) and task.campaign.is_open and task.status != TaskStatus.APPROVED
    )
    asked = _requests(task) if task.has("requests") else []
    waiting = {request.kind for request in asked if request.granted is None}
    asks = [form for kind, form in REQUEST_FORMS.items() if can_ask and kind not in waiting]
    can_note = access.may(user, Permission.TASK_NOTE, task) and task.campaign.is_open
    return {
        "readings": _readings(task, sent, can_write),
        "notes": _notes(task) if task.has("notes") else [],
        "note_form": sent.get("note") or (ProgressNoteForm(today=today) if can_note else None),
        "requests": [(request, _decision(request, task, user, today, sent)) for request in asked],
        "request_forms": [sent.get(f"ask:{form.kind.value}") or form(task=task, today=today) for form in asks],
    }


def _personal_acts_context(task: Task, user: User, sent: RefusedForms) -> dict[str, Any]:
    """What the head of the unit did in person, in the tasks that ask for it."""
    if not personal_acts.asks_for_acts(task):
        return {"asks_for_acts": False, "act_form": None}
    may_record = task.campaign.is_open and access.may(user, Permission.TASK_NOTE, task)
    form = PersonalActForm(task=task, citations=personal_acts.proofs_of(task, user)) if may_record else None
    return {
        "asks_for_acts": True,
        "acts": personal_acts.acts_of(task),
        "act_form": sent.get("act") or form,
        "may_remove_acts": may_record and citing.accepts_changes(task),
    }


def _supervision_context(task: Task, user: User, sent: RefusedForms) -> dict[str, Any]:
    """What inspectors noted on visits; of a rectification its plan; of other tasks the findings about the same checkpoint and unit, or
    made of this task, that this person may see."""
    noted: dict[str, Any] = {
        "visit_checks": list(VisitCheck.objects.visible_to(user).of_task(task)) if task.has("visits") else []
    }
    if task.is_rectification:
        plan = rectification_plans.plan_of(task)
        may_plan = task.campaign.is_open and task.status != TaskStatus.APPROVED
        may_plan = may_plan and access.may(user, Permission.TASK_DRAFT, task)
        if task.finding and task.finding.noted_id:
            noted["noted"] = VisitCheck.objects.visible_to(user).of_finding(task.finding).first()
        if task.finding and task.finding.indicator_id:
            same_point = Task.objects.visible_to(user).filter(campaign=task.campaign_id, unit=task.unit_id)
            noted["point_task"] = same_point.filter(indicator=task.finding.indicator_id).for_list().first()
        return noted | {"plan": plan, "plan_form": sent.get("plan") or (PlanForm(plan=plan) if may_plan else None)}
    about = (
        _rectifications(user, task, task.campaign_id, task.unit_id, task.indicator_id)
        if task.has("rectifications")
        else []
    )
    return noted | {"plan_form": None, "rectifications": about}


def _questions_context(task: Task, user: User, sent: RefusedForms) -> dict[str, Any]:
    """Questions of this unit about the task, and published replies about the same work item."""
    may_see = access.may(user, Permission.QUESTION_READ, task)
    may_ask = task.campaign.is_open and access.may(user, Permission.TASK_ASK, task)
    return {
        "may_see_questions": may_see,
        "known": questions.published_replies(task) if may_see else [],
        "questions": _questions(user, task) if may_see and task.has("questions") else [],
        "question_form": sent.get("question") or (QuestionForm() if may_ask else None),
        "can_reply": task.campaign.is_open and access.may(user, Permission.QUESTION_ANSWER, task),
    }


def _opinions_context(task: Task, user: User, sent: RefusedForms) -> dict[str, Any]:
    """Opinions of assessors: for the office, and for each assessor the own ones."""
    may_write = task.campaign.is_open and access.may(user, Permission.OPINION_WRITE, task)
    may_read = may_write or access.may(user, Permission.OPINION_READ, task)
    return {
        "opinions": _opinions(user, task) if may_read and task.has("opinions") else [],
        "opinion_form": sent.get("opinion") or (OpinionForm() if may_write else None),
    }


def _next_context(task: Task, user: User) -> dict[str, Any]:
    """``following``: the most urgent of the unit's other open tasks, once this one is answered, with the number of them."""
    answered = task.status in (*ANSWERED, TaskStatus.SIGNING)
    writes = access.may(user, Permission.TASK_DRAFT, task)
    if not answered or not writes or not task.campaign.is_open:
        return {"following": None}
    if access.acts_on_behalf_of_unit(user, Permission.TASK_DRAFT, task):
        return {"following": None}
    others = Task.objects.visible_to(user).filter(campaign=task.campaign_id, unit=task.unit_id)
    open_ones = others.filter(status__in=CHANGEABLE).annotate(open_count=Window(Count("pk")))
    first: Any = open_ones.for_list().by_urgency().first()
    return {"following": first, "open_count": first.open_count if first else 0}


def _urge_context(task: Any, user: User, today: date) -> dict[str, Any]:
    """``urge_again_on`` is the day from which the task may be urged again, if it is still to come."""
    may_urge = task.campaign.is_open and task.status in UNANSWERED and access.may(user, Permission.TASK_URGE, task)
    again_on = task.urged_on + timedelta(days=URGE_COOLDOWN_DAYS) if task.urged_on else None
    later = again_on if again_on and again_on > today else None
    return {"urge_form": UrgeForm() if may_urge else None, "urge_again_on": later}


def _panel(
    move: Move, task: Task, user: User, today: date, sent: Any, *, begun: InitialAnswer | None, verifier: Verifier
) -> MovePanel:
    form = sent or form_of(move, task, user, today, begun=begun, verifier=verifier)
    on_behalf = access.acts_on_behalf_of_unit(user, move.permission, task)
    goes_to_leader = not on_behalf and workflow.goes_to_leader(move, task, today)
    return MovePanel(move, form, on_behalf, sent is not None, goes_to_leader)


def _answer_form(
    task: Task, user: User, today: date, panels: list[MovePanel], begun: InitialAnswer | None
) -> AnswerForm:
    """Return the answer form of a move or, for a colleague who may not submit, one for drafting."""
    of_move = (panel.form for panel in panels if isinstance(panel.form, AnswerForm))
    return next(of_move, None) or AnswerForm(task=task, today=today, person=user, begun=begun)


def _readings(
    task: Task, sent: RefusedForms, can_write: bool
) -> list[tuple[measure_readings.ReadingSlot, ReadingForm | None]]:
    slots = measure_readings.slots_of(task)
    return [(slot, sent.get(f"reading:{slot.key}") or ReadingForm(slot=slot) if can_write else None) for slot in slots]


def _decision(request: TaskRequest, task: Task, user: User, today: date, sent: RefusedForms) -> Any:
    if request.granted is not None or not task.campaign.is_open or not access.may(user, Permission.TASK_DECIDE, task):
        return None
    request.task = task
    return sent.get(f"decide:{request.pk}") or DECISION_FORMS[request.kind](request=request, today=today)


def _return_entry(task: Task, history: Any) -> Any:
    """Return the history entry that says why the task was returned, while the unit has to work on it."""
    moves = (entry for entry in history.entries if entry.event.move in workflow.MOVES)
    latest = next(moves, None)
    again = latest is not None and workflow.MOVES[latest.event.move].returns_to_unit
    return latest if again and workflow.accepts_answers(task) else None


def partner_tasks(task: Task, today: date, soon: date) -> list[Any]:
    """Return the tasks of the other units for the same checkpoint, annotated by ``with_counts``, the lead first."""
    if task.indicator_id is None:
        return []
    found = _partners(task.pk, task.campaign_id, task.indicator_id, today, soon)
    for each in found:
        each.campaign = task.campaign
    return found


# What is read


@prepared
def _partners(key: int, campaign: int, indicator: int, today: date, soon: date) -> QuerySet[Task, Task]:
    same = Task.objects.active().filter(campaign=campaign, indicator=indicator).exclude(pk=key)
    lit = same.with_light(today, soon).with_counts().with_urges().select_related("unit", "owner")
    return lit.only(*_PARTNER).order_by("-role", "unit__order")


@prepared
def _requests(task: Task) -> QuerySet[TaskRequest, TaskRequest]:
    return TaskRequest.objects.filter(task=task).select_related("created_by", "decided_by").order_by("-created_at")


@prepared
def _notes(task: Task) -> QuerySet[Progress, Progress]:
    return Progress.objects.filter(task=task).select_related("created_by").order_by("-day", "-pk")


@prepared
def _questions(user: User, task: Task) -> QuerySet[Question, Question]:
    asked = Question.objects.visible_to(user).filter(task=task).select_related("created_by", "reply")
    return asked.order_by("-created_at", "-pk")


@prepared
def _opinions(user: User, task: Task) -> QuerySet[Opinion, Opinion]:
    return Opinion.objects.visible_to(user).filter(task=task).for_table()


@prepared
def _rectifications(user: User, task: Task, campaign: int, unit: int, indicator: int | None) -> QuerySet[Task, Task]:
    """Compose the rectifications of this unit that were made of the task or are about its checkpoint."""
    of_task = Q(finding__task=task)
    same = of_task | Q(finding__indicator=indicator) if indicator else of_task
    here = Task.objects.visible_to(user).rectifications().filter(campaign=campaign, unit=unit)
    return here.filter(same).for_list().order_by("finding__serial")
