"""What a notice says in a message at the moment it leaves: of a reminder only what is still open, with the day instead of days left.

The inbox keeps what was said when. A message may be sent days later: weekly ones, and those that a mail server held up.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import F, Min, Q

from creation.models import UNANSWERED, Evidence, Holiday, Notice, NoticeKind, Phase, Task, TaskStatus, User
from creation.models.notice import WITHHELD
from creation.notices.reminders.condition_tasks import EvaluationDate
from creation.notices.reminders.conditions import (
    CONDITIONS,
    ESCALATIONS,
    RECTIFICATIONS_LATE,
    TASKS_LATE,
    tasks_of,
)
from creation.notices.reminders.phase_plan import plan_text
from creation.notices.reminders.role_holders import RoleHolders
from creation.rules.deadlines import Workdays, due_day_text

PHASE = "phase"
MAX_UNITS = 5  # units named in a line


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What a notice says now. ``request`` is when and what of a reminded task, ``时限 2026-08-10，请报送。``; "" for other notices."""

    notice: Notice
    text: str
    request: str = ""


def open_items(notices: Iterable[Notice], today: date) -> dict[int, OpenItem]:
    """Return what is open by notice, without notices about something that is done. The notices must be joined with person and task."""
    every = list(notices)
    reader = _CurrentTexts(today, Holiday.objects.calendar())
    withheld = _withheld(every)
    items = (OpenItem(each, WITHHELD) if each.pk in withheld else reader.item(each) for each in every)
    return {each.notice.pk: each for each in items if each.text}


def _withheld(notices: list[Notice]) -> set[int]:
    """Return the notices that name a stopped piece of evidence whose words their person may not read."""
    named = {each.evidence_id for each in notices if each.evidence_id}
    stopped = set(Evidence.objects.filter(pk__in=named).stopped().values_list("pk", flat=True))
    by_person: dict[User, list[int]] = defaultdict(list)
    for each in notices:
        if each.evidence_id in stopped:
            by_person[each.person].append(each.pk)
    rows = (Notice.objects.with_words_for(person).filter(pk__in=keys) for person, keys in by_person.items())
    return {each.pk for found in rows for each in found if each.words == WITHHELD}


@dataclass
class _CurrentTexts:
    """Texts as of ``today``. Lines about a phase are read once, however many people receive them."""

    today: date
    calendar: Workdays
    lines: dict[str, str] = field(default_factory=dict)

    @cached_property
    def role_holders(self) -> RoleHolders:
        return RoleHolders(self.today)

    def item(self, notice: Notice) -> OpenItem:
        """Return the item; its text is "" when nothing of it is open any more."""
        if notice.task and notice.kind in (NoticeKind.REMINDER, NoticeKind.URGE) and not _is_open(notice.task):
            return OpenItem(notice, "")
        if notice.kind != NoticeKind.REMINDER:
            return OpenItem(notice, notice.text)
        if notice.task:
            request = self._request(notice.task)
            return OpenItem(notice, f"{notice.task}：{request}", request)
        return OpenItem(notice, self._line_about_a_phase(notice))

    def _request(self, task: Task) -> str:
        ask = self.role_holders.requested_action(task.status, task.unit_id, task.campaign_id)
        return f"{self._due(task.due_on)}，请{ask}。"

    def _line_about_a_phase(self, notice: Notice) -> str:
        kind, *keys = notice.subject.split("/")
        if kind != PHASE or len(keys) < 2:
            return notice.text
        if notice.subject not in self.lines:
            self.lines[notice.subject] = self._phase_line(keys)
        return self.lines[notice.subject]

    def _due(self, due_on: date | None) -> str:
        if due_on is None:
            return "时限待定"
        passed = "已过" if due_on < self.today else ""
        return f"时限 {due_day_text(due_on, self.calendar)} {passed}".strip()

    def _phase_line(self, keys: list[str]) -> str:
        """Return the line of ``phase/key/condition`` or ``phase/key/condition/unit``."""
        phase = (
            Phase.objects.select_related("campaign").filter(pk=int(keys[0])).first() if keys[0].isdecimal() else None
        )
        if phase is None:
            return ""
        tasks = self._open_tasks(phase, keys[1])
        if len(keys) > 2 and keys[2].isdecimal():
            tasks = tasks.filter(unit=int(keys[2]))
        units = list(tasks.order_by("unit__order", "unit").values_list("unit__short_name", flat=True).distinct())
        return self._words(phase, keys[1], units, tasks) if units else ""

    def _words(self, phase: Phase, condition: str, units: list[str], tasks: Any) -> str:
        found = CONDITIONS.get(condition)
        first = tasks.order_by().aggregate(first=Min("counted_from"))["first"]
        line = found.line if found else ESCALATIONS.get(condition, TASKS_LATE).line
        return line.format(
            phase=phase.name,
            title=found.title if found else "",
            count=tasks.count(),
            unit="、".join(units[:MAX_UNITS]) + (f"等 {len(units)} 个单位" if len(units) > MAX_UNITS else ""),
            first=self._due(first) if not found or found.has_lead_times else f"自 {first:%Y-%m-%d} 起",
            plan=plan_text(phase) if found and "plan" in found.fields else "",
        )

    def _open_tasks(self, phase: Phase, condition: str) -> Any:
        if condition not in CONDITIONS:
            late = Task.objects.active().in_open_campaigns().overdue(self.today)
            if condition == RECTIFICATIONS_LATE.key:
                late = late.rectifications().filter(campaign=phase.campaign_id)
            else:  # an answer that waits for a signature may be that of a rectification
                late = late.filter(Q(finding=None) | Q(status=TaskStatus.SIGNING), phase=phase)
            return late.annotate(counted_from=F("due_on"))
        found = CONDITIONS[condition]
        active = tasks_of(found, phase.pk, phase.campaign_id).in_open_campaigns()
        return found.find(active, EvaluationDate(self.today, self.calendar)).annotate(counted_from=found.counted_day)


def _is_open(task: Task) -> bool:
    return task.dropped_on is None and task.status in UNANSWERED and task.campaign.is_open
