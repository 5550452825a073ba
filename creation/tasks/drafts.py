"""Drafts of an answer: saved while a person types, one row for each task and person. Replaced text is kept in the row.

Saving writes no audit row, since it happens every few seconds; the submission is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from creation.audit.actor import Actor
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal, Stale
from creation.models import Draft, Submission, Task, User
from creation.tasks import answers, personal_acts, workflow
from creation.tasks.answers import Content

EARLIER = "earlier"  # a key beside the answer's fields: the draft's former text, after another text replaced it
SAVED_ELSEWHERE = "另一窗口（或另一台设备）改过这份草稿。"
VERSION_STEP = 100_000  # a draft's versions begin at the task's version × this: a new draft never repeats a version of an earlier one


@dataclass(frozen=True, slots=True)
class InitialAnswer:
    """What the answer form starts with: the person's own draft, or the last submission, or nothing. ``others``: the drafts of others."""

    content: Content
    draft: Draft | None = None
    submission: Submission | None = None
    others: Sequence[Draft] = ()

    @property
    def version(self) -> int:
        return self.draft.version if self.draft else 0

    @property
    def earlier(self) -> Content | None:
        """The draft's former text, if another text replaced it and it differs."""
        kept = self.draft.content.get(EARLIER) if self.draft else None
        return kept if kept and kept != self.content and not answers.is_blank(kept) else None


def initial_answer(task: Task, person: User, submissions: Sequence[Submission] | None = None) -> InitialAnswer:
    """Return what this person starts with. ``submissions``: the task's, newest first, if they are at hand."""
    rows = _drafts(task) if task.has("drafts") else []
    draft = next((row for row in rows if row.person_id == person.pk), None)
    others = [row for row in rows if row is not draft]
    handed_in = task.submissions.order_by("-number")[:1] if submissions is None else submissions
    submission = next(iter(handed_in), None)
    begun = draft.content if draft else submission.content() if submission else None
    content = answers.content_of(begun) if begun is not None else {}
    if acts := personal_acts.acts_of(task):
        content |= {"measures": personal_acts.with_acts(content.get("measures", ""), acts)}
    return InitialAnswer(content, draft, submission, others)


@prepared
def _drafts(task: Task) -> QuerySet[Draft, Draft]:
    return Draft.objects.filter(task=task).select_related("person__unit").order_by("-saved_at")


@dataclass(frozen=True, slots=True)
class ColleagueDraft:
    """Another person's draft, ready to be shown."""

    draft: Draft
    lines: list[tuple[str, str]]


def colleague_drafts(initial: InitialAnswer) -> list[ColleagueDraft]:
    """Return the drafts of others since the last submission: a colleague (承办人) drafts, the liaison submits."""
    latest = initial.submission
    return [
        ColleagueDraft(draft, answers.labelled_texts(draft.content))
        for draft in initial.others
        if (latest is None or draft.saved_at > latest.created_at) and not answers.is_blank(draft.content)
    ]


def save(task: Task, actor: Actor, data: Mapping[str, Any], seen: int) -> Draft:
    """Save the person's draft. ``seen`` is its version on screen, 0 for none.

    Raises Stale, with the saved draft, when another window saved a different text. Raises Refusal when the task accepts no answers.
    """
    content = answers.content_of(data)
    with transaction.atomic():
        _require_answerable(task)
        draft, begun = _get_or_create(task, actor, content)
        if begun:
            return draft
        if answers.content_of(draft.content) == content:
            return draft
        if draft.version != seen:
            raise Stale(SAVED_ELSEWHERE, draft)
        return _write(draft, actor, _with_earlier(content, draft.content.get(EARLIER)))


def replace(task: Task, actor: Actor, data: Mapping[str, Any]) -> Draft:
    """Replace the text of the person's draft; the former text is kept with it and can be restored."""
    content = answers.content_of(data)
    with transaction.atomic():
        _require_answerable(task)
        draft, begun = _get_or_create(task, actor, content)
        if begun:
            return draft
        return _write(draft, actor, _with_earlier(content, answers.content_of(draft.content)))


def replace_many(texts: Mapping[int, Mapping[str, Any]], actor: Actor) -> None:
    """Call ``replace`` for many tasks (key → text), all or none, with few queries. Raises Refusal, which names the task."""
    with transaction.atomic():
        for task in Task.objects.for_table().filter(pk__in=texts):
            try:
                _refuse_unanswerable(task)
            except Refusal as refused:
                raise Refusal(f"{task.unit}的 {task.code}：{refused}") from refused
        drafts = {row.task_id: row for row in Draft.objects.filter(task__in=texts, person=actor.human)}
        _create_many({key: answers.content_of(text) for key, text in texts.items() if key not in drafts}, actor)
        for key, draft in drafts.items():
            _update(draft, actor, _with_earlier(answers.content_of(texts[key]), answers.content_of(draft.content)))


def _create_many(contents: Mapping[int, Content], actor: Actor) -> None:
    versions = Task.objects.filter(pk__in=contents).values_list("pk", "version")
    first = {"person": actor.human, "saved_at": actor.at}
    rows = [
        Draft(task_id=key, content=dict(contents[key]), version=number * VERSION_STEP, **first)
        for key, number in versions
    ]
    try:
        with transaction.atomic():
            Draft.objects.bulk_create(rows, batch_size=500)
    except IntegrityError:
        raise Stale(SAVED_ELSEWHERE) from None


def _require_answerable(task: Task) -> None:
    _refuse_unanswerable(Task.objects.for_table().get(pk=task.pk))


def _refuse_unanswerable(now: Task) -> None:
    now.campaign.require_open("不能再修改答复", 409)
    if not workflow.accepts_answers(now):
        raise Refusal(f"任务现为“{now.get_status_display()}”，不能再修改答复。", 409)


def _with_earlier(content: Content, earlier: Content | None) -> dict[str, Any]:
    return content | {EARLIER: earlier} if earlier and not answers.is_blank(earlier) else dict(content)


def _get_or_create(task: Task, actor: Actor, content: Content) -> tuple[Draft, bool]:
    """Return the person's draft, created with this content if there is none (also when two windows try at once)."""
    first = {"content": dict(content), "saved_at": actor.at, "version": task.version * VERSION_STEP}
    return Draft.objects.get_or_create(task=task, person=actor.human, defaults=first)


def _write(draft: Draft, actor: Actor, content: dict[str, Any]) -> Draft:
    _update(draft, actor, content)
    draft.refresh_from_db()
    return draft


def _update(draft: Draft, actor: Actor, content: dict[str, Any]) -> None:
    if not Draft.objects.change(draft.pk, draft.version, content=content, saved_at=actor.at):
        raise Stale(SAVED_ELSEWHERE, Draft.objects.filter(pk=draft.pk).first())
