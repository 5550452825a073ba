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

from creation.models import UNANSWERED, Evidence, Holiday, Notice, NoticeKind, Phase, Task, User
from creation.models.evidence import is_flagged
from creation.models.notice import WITHHELD
from creation.notices.reminders.conditions import CONDITIONS, EvaluationDate
from creation.notices.reminders.role_holders import RoleHolders
from creation.rules.deadlines import Workdays, due_day_text

PHASE, LATE = "phase", "late"
MAX_UNITS = 5  # units named in a line
LATE_TITLE = "逾期未办"


def current_texts(notices: Iterable[Notice], today: date) -> dict[int, str]:
    """Return the texts by notice, without notices about something that is done. The notices must be joined with person and task."""
    every = list(notices)
    reader = _Reader(today, Holiday.objects.calendar())
    withheld = _withheld(every)
    texts = {each.pk: WITHHELD if each.pk in withheld else reader.text(each) for each in every}
    return {pk: text for pk, text in texts.items() if text}


def _withheld(notices: list[Notice]) -> set[int]:
    """Return the notices that name a stopped piece of evidence whose words their person may not read."""
    named = {each.evidence_id for each in notices if each.evidence_id}
    stopped = set(
        Evidence.objects.filter(Q(hidden_at__isnull=False) | Q(is_flagged()), pk__in=named).values_list("pk", flat=True)
    )
    by_person: dict[User, list[int]] = defaultdict(list)
    for each in notices:
        if each.evidence_id in stopped:
            by_person[each.person].append(each.pk)
    rows = (Notice.objects.with_words_for(person).filter(pk__in=keys) for person, keys in by_person.items())
    return {each.pk for found in rows for each in found if each.words == WITHHELD}


@dataclass
class _Reader:
    """Texts as of ``today``. Lines about a phase are read once, however many people receive them."""

    today: date
    calendar: Workdays
    lines: dict[str, str] = field(default_factory=dict)

    @cached_property
    def role_holders(self) -> RoleHolders:
        return RoleHolders(self.today)

    def text(self, notice: Notice) -> str:
        """Return the text; "" when nothing of it is open any more."""
        if notice.task and notice.kind in (NoticeKind.REMINDER, NoticeKind.URGE) and not _is_open(notice.task):
            return ""
        if notice.kind != NoticeKind.REMINDER:
            return notice.text
        if notice.task:
            return self._task_line(notice.task)
        kind, *keys = notice.subject.split("/")
        if kind != PHASE or len(keys) < 2:
            return notice.text
        if notice.subject not in self.lines:
            self.lines[notice.subject] = self._phase_line(keys)
        return self.lines[notice.subject]

    def _task_line(self, task: Task) -> str:
        ask = self.role_holders.requested_action(task.status, task.unit_id, task.campaign_id)
        return f"{task}：{self._due(task.due_on)}，请{ask}。"

    def _due(self, due_on: date | None) -> str:
        if due_on is None:
            return "时限待定"
        passed = "已过" if due_on < self.today else ""
        return f"时限 {due_day_text(due_on, self.calendar)} {passed}".strip()

    def _phase_line(self, keys: list[str]) -> str:
        """Return the line of ``phase/key/condition`` or ``phase/key/condition/unit``."""
        phase = Phase.objects.filter(pk=int(keys[0])).first() if keys[0].isdecimal() else None
        if phase is None:
            return ""
        tasks, title = self._open_tasks(phase, keys[1])
        if len(keys) > 2 and keys[2].isdecimal():
            tasks = tasks.filter(unit=int(keys[2]))
        units = list(tasks.order_by("unit__order", "unit").values_list("unit__short_name", flat=True).distinct())
        if not units:
            return ""
        named = "、".join(units[:MAX_UNITS]) + (f"等 {len(units)} 个单位" if len(units) > MAX_UNITS else "")
        first = tasks.order_by().aggregate(first=Min("counted_from"))["first"]
        return f"“{phase.name}”{title}：{tasks.count()} 项，涉及 {named}，最早的{self._first(keys[1], first)}。"

    def _open_tasks(self, phase: Phase, condition: str) -> tuple[Any, str]:
        active = Task.objects.active().in_open_campaigns().filter(phase=phase)
        if condition == LATE or condition not in CONDITIONS:
            return active.overdue(self.today).annotate(counted_from=F("due_on")), LATE_TITLE
        found = CONDITIONS[condition]
        tasks = found.find(active, EvaluationDate(self.today, self.calendar))
        return tasks.annotate(counted_from=found.counted_day), found.title

    def _first(self, condition: str, day: date | None) -> str:
        is_due_day = condition not in CONDITIONS or CONDITIONS[condition].has_lead_times
        return self._due(day) if is_due_day else f"自 {day:%Y-%m-%d} 起"


def _is_open(task: Task) -> bool:
    return task.dropped_on is None and task.status in UNANSWERED and task.campaign.is_open
