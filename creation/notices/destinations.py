"""Links from notices to pages.

A notice's subject names a row (``kind/key``); the registry finds the page for it that this person may see.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from creation import access
from creation.models import (
    Announcement,
    Appraisal,
    AppraisalRequest,
    Campaign,
    Commendation,
    EditionChange,
    Evidence,
    Instruction,
    LinkWatch,
    Notice,
    Opinion,
    Phase,
    Question,
    Reply,
    Survey,
    Task,
    TypicalCase,
    Unit,
    User,
    Visit,
)
from creation.rules.policy import Permission

PAGES_OF_CONDITIONS: dict[str, tuple[str, Permission]] = {
    "undated": ("phases", Permission.CAMPAIGN_MANAGE),
    "not_entered": ("application", Permission.APPLICATION_ENTER),
    "verification_waiting": ("rectifications", Permission.FINDING_READ),
    "to_be_seen_again": ("rectifications", Permission.FINDING_READ),
    "visit_unrecorded": ("visits", Permission.VISIT_READ),
    "late_rectifications": ("rectifications", Permission.FINDING_READ),
}
Find = Callable[[list[str], User], str | None]  # the keys of a subject, the person → a URL


def destination_of(notice: Notice, person: User) -> str | None:
    """Return the URL of the page that the notice is about; None if the person may not see it any more.

    A notice about a task links to the task, whatever its subject is.
    """
    if notice.task_id and (address := _task([str(notice.task_id)], person)):
        return address
    kind, *keys = notice.subject.split("/")
    return DESTINATIONS[kind](keys, person) if kind in DESTINATIONS and all(key for key in keys) else None


def _page_of(model: Any, *joins: str) -> Find:
    """Return the finder of a row's own page. ``joins``: what its address is made of."""

    def find(keys: list[str], person: User) -> str | None:
        rows = model.objects.visible_to(person).filter(pk=_number(keys))
        found = rows.select_related(*joins).first() if joins else rows.first()
        return found.get_absolute_url() if found else None

    return find


def _task(keys: list[str], person: User) -> str | None:
    within = Task.objects.visible_or_dropped(person).filter(pk=_number(keys))
    found = (within.active() | within.ended_by_edition()).first()
    return found.get_absolute_url() if found else None


def _link(keys: list[str], person: User) -> str | None:
    found = LinkWatch.objects.visible_to(person).filter(pk=_number(keys)).select_related("version").first()
    return reverse("evidence", args=[found.version.evidence_id]) if found else None


def _question(keys: list[str], person: User) -> str | None:
    """Return the page on which the office replies, or the list of the unit's questions. Those on a task lead to the task."""
    found = Question.objects.visible_to(person).filter(pk=_number(keys)).for_table().first()
    if found is None:
        return None
    if access.may(person, Permission.QUESTION_ANSWER, found):
        return found.get_absolute_url()
    return f"{reverse('questions', args=[found.asked_in.pk])}?show={'waiting' if found.waits else 'answered'}"


def _edition(keys: list[str], person: User) -> str | None:
    visible = EditionChange.objects.confirmed().filter(campaign__in=Campaign.objects.visible_to(person))
    found = visible.filter(pk=_number(keys)).first()
    return found.get_absolute_url() if found else None


def _unit(keys: list[str], person: User) -> str | None:
    """Return the page of the unit for people who manage units, otherwise the person's to-do list."""
    found = Unit.objects.visible_to(person).filter(pk=_number(keys)).first()
    if found is None:
        return None
    return found.get_absolute_url() if access.may(person, Permission.UNITS_MANAGE, found) else reverse("todo")


def _phase(keys: list[str], person: User) -> str | None:
    """Return the page where the condition is met, else the list of tasks in the phase, of the unit if the subject ends with its key."""
    if not keys:  # notices written before the subject contained the phase
        return reverse("todo")
    found = Phase.objects.filter(pk=_number(keys), campaign__in=Campaign.objects.visible_to(person)).first()
    if found is None:
        return None
    page, permission = PAGES_OF_CONDITIONS.get(keys[1] if len(keys) > 1 else "", ("", None))
    if permission and access.may(person, permission, found):
        return reverse(page, args=[found.campaign_id])
    narrowed = {"phase": str(found.pk)} | ({"unit": keys[2]} if len(keys) > 2 and keys[2].isdecimal() else {})
    return f"{reverse('task_list', args=[found.campaign_id])}?{urlencode(narrowed)}"


def _campaign(keys: list[str], person: User) -> str | None:
    found = Campaign.objects.visible_to(person).filter(pk=_number(keys)).first()
    return reverse("task_list", args=[found.pk]) if found else None


def _calls(keys: list[str], person: User) -> str | None:
    """Return the list of units to phone for ``calls/campaign/unit``."""
    found = Campaign.objects.visible_to(person).filter(pk=_number(keys)).first()
    if found and access.may(person, Permission.TASK_URGE, found):
        return reverse("calls", args=[found.pk])
    return _urged(keys, person)


def _urged(keys: list[str], person: User) -> str | None:
    """Return the list of the unit's unanswered tasks for ``urged/campaign/unit``."""
    listed = _campaign(keys, person)
    narrowed = {"unit": keys[1] if len(keys) > 1 else "", "status": "unanswered"}
    return f"{listed}?{urlencode(narrowed)}" if listed else None


def _health(keys: list[str], person: User) -> str | None:
    return reverse("health") if access.may_somewhere(person, Permission.HEALTH_READ) else None


def _opinion(keys: list[str], person: User) -> str | None:
    """Return the office's list for those who settle opinions, the task for who wrote it."""
    found = Opinion.objects.visible_to(person).filter(pk=_number(keys)).select_related("task__campaign").first()
    if found is None:
        return None
    if access.may(person, Permission.OPINION_READ, found):
        return reverse("opinions", args=[found.task.campaign_id]) + f"#opinion-{found.pk}"
    return found.task.get_absolute_url() + "#opinions"


def _number(keys: list[str]) -> int:
    return int(keys[0]) if keys and keys[0].isdecimal() else 0


def _account(keys: list[str], person: User) -> str | None:
    """Return the person's own page; for auditors, the audit trail."""
    if _number(keys) == person.pk:
        return reverse("profile")
    return reverse("audit") if access.may_somewhere(person, Permission.AUDIT_READ) else None


DESTINATIONS: dict[str, Find] = {
    "account": _account,
    "announcement": _page_of(Announcement),
    "appraisal": _page_of(Appraisal),
    "appraisal_request": _page_of(AppraisalRequest, "seat__appraisal"),
    "calls": _calls,
    "campaign": _campaign,
    "case": _page_of(TypicalCase),
    "commendation": _page_of(Commendation),
    "edition": _edition,
    "evidence": _page_of(Evidence),
    "health": _health,
    "instruction": _page_of(Instruction),
    "link": _link,
    "opinion": _opinion,
    "phase": _phase,
    "question": _question,
    "reply": _page_of(Reply),
    "survey": _page_of(Survey),
    "task": _task,
    "unit": _unit,
    "urged": _urged,
    "visit": _page_of(Visit, "round"),
}
