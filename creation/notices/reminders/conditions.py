"""The conditions of reminder rules: what each finds (``condition_tasks``), about what one line is, and the rule it proposes.

``scope`` says what one line of a reminder is about: each task, each unit, or the phase as a whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F
from django.db.models.expressions import Combinable

from creation.models import PhaseKind, RuleAudience, Task
from creation.models.task import TaskQuerySet
from creation.notices.reminders import condition_tasks
from creation.notices.reminders.condition_tasks import (
    APPLICATION_ENDS,
    GIVEN_ON,
    MAX_RECORDING_DAYS,
    MAX_REVIEW_DAYS,
    MAX_VERIFICATION_DAYS,
    PLANNED_VISIT,
    SUBMITTED_ON,
    VISITED_ON,
    EvaluationDate,
    TaskRows,
)

DUE_DAY = F("due_on")


class ReminderScope(StrEnum):
    TASK = "task"
    UNIT = "unit"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """What a new rule of a condition begins with."""

    name: str
    text: str
    lead_times: tuple[int, ...] = ()
    overdue_every: int = 2
    leader_after: int = 0
    office_after: int = 0


@dataclass(frozen=True, slots=True)
class Escalation:
    """In which words leader and office are told of what stays overdue, and under which ``key``. ``line``: as in ``Condition``."""

    key: str
    leader_text: str
    office_text: str
    line: str


TASKS_LATE = Escalation(
    "late",
    "本单位“{phase}”有 {count} 项逾期未办，最早的{left}。请督促办理。",
    "“{phase}”有 {count} 项逾期，多次提醒未办，涉及 {unit}，最早的{left}。请催办。",
    "“{phase}”逾期未办：{count} 项，涉及 {unit}，最早的{first}。",
)
RECTIFICATIONS_LATE = Escalation(
    "late_rectifications",
    "本单位有 {count} 项督导问题的整改逾期，最早的{left}。请督促整改。",
    "有 {count} 项督导问题的整改逾期，多次提醒未报，涉及 {unit}，最早的{left}。请督办。",
    "督导问题的整改逾期：{count} 项，涉及 {unit}，最早的{first}。",
)
ESCALATIONS: Mapping[str, Escalation] = {each.key: each for each in (TASKS_LATE, RECTIFICATIONS_LATE)}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition.

    ``fields`` are the fields that a rule's text may use; ``audiences`` whom it may remind, the first by default; ``counted_day`` is
    the day counted from, by default the due day, and ``assumed_day`` the one where a rehearsal assumes answers. ``line`` is what a
    message says when it leaves, days after the reminder.
    """

    title: str
    scope: ReminderScope
    find: Callable[[TaskRows, EvaluationDate], TaskRows]
    fields: tuple[str, ...]
    audiences: tuple[RuleAudience, ...]
    proposed: ProposedRule
    counted_day: Combinable = DUE_DAY
    assumed_day: Combinable | None = None
    counts_units: bool = False
    has_lead_times: bool = True  # if False, only time that has passed is counted
    escalation: Escalation | None = None  # whether and how leader and office hear of what stays overdue
    of_campaign: bool = False  # if True, the tasks of all phases are looked at
    phases: tuple[str, ...] = tuple(PhaseKind.values)  # the phases that can have such a rule
    line: str = "“{phase}”{title}：{count} 项，涉及 {unit}，最早的{first}。"

    @property
    def escalates(self) -> bool:
        return self.escalation is not None


def tasks_of(condition: Condition, phase: int, campaign: int) -> TaskQuerySet:
    """Return the active tasks among which a rule of a phase looks."""
    active = Task.objects.active()
    return active.filter(campaign=campaign) if condition.of_campaign else active.filter(phase=phase)


TASK_FIELDS = ("task", "unit", "phase", "left", "due", "ask")
GROUP_FIELDS = ("unit", "phase", "count", "left", "due")
LIAISON, LEADER, OFFICE, REVIEWER, INSPECTOR = (
    RuleAudience.LIAISON, RuleAudience.UNIT_LEADER, RuleAudience.OFFICE, RuleAudience.REVIEWER, RuleAudience.INSPECTOR
)  # fmt: skip
INSPECTION_ONLY = (PhaseKind.INSPECTION,)
TASK_TEXT = "{left}：{task}。请{due}{ask}。"
SHORT, LONG = (7, 3, 1, 0), (14, 7, 3, 1, 0)

CONDITIONS: Mapping[str, Condition] = {
    "unanswered": Condition(
        "任务未报送或被退回", ReminderScope.TASK, condition_tasks.unanswered, TASK_FIELDS,
        (LIAISON, LEADER, OFFICE, REVIEWER),
        ProposedRule("任务未报送", TASK_TEXT, LONG, leader_after=3, office_after=5), escalation=TASKS_LATE,
    ),
    "signing": Condition(
        "答复等待审签", ReminderScope.TASK, condition_tasks.awaiting_signature, TASK_FIELDS,
        (LEADER, LIAISON, OFFICE, REVIEWER), ProposedRule("答复等待审签", TASK_TEXT, SHORT), escalation=TASKS_LATE,
    ),
    "office_items": Condition(
        "创建办自己的事项未完成", ReminderScope.TASK, condition_tasks.office_items, TASK_FIELDS, (OFFICE, REVIEWER),
        ProposedRule("创建办自己的事项", TASK_TEXT, LONG),
    ),
    "no_liaison": Condition(
        "单位没有联络员", ReminderScope.UNIT, condition_tasks.units_without_liaison, GROUP_FIELDS, (OFFICE, REVIEWER),
        ProposedRule(
            "单位没有联络员",
            "{left}：{unit} 没有联络员，{count} 项临期或逾期任务无人办理。请{due}确定联络员并督促办理。", LONG,
        ),
    ),
    "units_behind": Condition(
        "单位没有完成本阶段事项", ReminderScope.PHASE, condition_tasks.units_behind, GROUP_FIELDS, (OFFICE, REVIEWER),
        ProposedRule(
            "没有完成本阶段事项的单位", "{left}：还有 {count} 个单位没有完成“{phase}”的事项：{unit}。请{due}督促办理。", SHORT
        ),
        counts_units=True,
    ),
    "review_waiting": Condition(
        f"答复等待审核超过 {MAX_REVIEW_DAYS} 个工作日", ReminderScope.PHASE, condition_tasks.review_waiting,
        ("unit", "phase", "count"), (REVIEWER, OFFICE),
        ProposedRule(
            "答复等待审核过久",
            f"{{phase}}有 {{count}} 项答复报送后超过 {MAX_REVIEW_DAYS} 个工作日没有审核，涉及 {{unit}}。请到审核页办理。",
        ),
        counted_day=SUBMITTED_ON, has_lead_times=False,
    ),
    "not_entered": Condition(
        "要点没有在申报平台登记上传", ReminderScope.PHASE, condition_tasks.not_entered, ("phase", "count", "left", "due"),
        (OFFICE, REVIEWER),
        ProposedRule(
            "没有登记上传的要点", "{left}：还有 {count} 个要点没有登记为已上传申报平台。请{due}逐项上传，并在“申报登记”页勾对。",
            (30, 14, 7, 3, 1, 0),
        ),
        counted_day=APPLICATION_ENDS, of_campaign=True, phases=(PhaseKind.APPLICATION,),
        line="“{phase}”还有 {count} 个要点没有登记为已上传申报平台，{first}。",
    ),
    "rectification_due": Condition(
        "整改没有报送或被退回", ReminderScope.TASK, condition_tasks.rectification_due, TASK_FIELDS,
        (LIAISON, LEADER, OFFICE, INSPECTOR),
        ProposedRule("督导问题的整改", "{left}：整改 {task}。请{due}{ask}。", SHORT, leader_after=3, office_after=5),
        escalation=RECTIFICATIONS_LATE, of_campaign=True, phases=INSPECTION_ONLY,
    ),
    "verification_waiting": Condition(
        f"整改等待核查超过 {MAX_VERIFICATION_DAYS} 个工作日", ReminderScope.PHASE, condition_tasks.verification_waiting,
        ("unit", "phase", "count"), (INSPECTOR, OFFICE),
        ProposedRule(
            "整改等待核查过久",
            f"有 {{count}} 项整改报送后超过 {MAX_VERIFICATION_DAYS} 个工作日没有核查，涉及 {{unit}}。请到“整改”页核查、销号。",
        ),
        counted_day=SUBMITTED_ON, has_lead_times=False, of_campaign=True, phases=INSPECTION_ONLY,
        line="{title}：{count} 项，涉及 {unit}，最早的{first}。",
    ),
    "to_be_seen_again": Condition(
        "长期坚持的整改要复查", ReminderScope.PHASE, condition_tasks.to_be_seen_again, ("unit", "phase", "count", "left", "due"),
        (INSPECTOR, OFFICE),
        ProposedRule(
            "长期坚持的年度复查", "{left}：{count} 项长期坚持的整改要复查，涉及 {unit}。请{due}登记复查。", (30, 7, 0), overdue_every=5
        ),
        of_campaign=True, phases=INSPECTION_ONLY, line="{title}：{count} 项，涉及 {unit}，最早的{first}。",
    ),
    "visit_unrecorded": Condition(
        f"走访过了 {MAX_RECORDING_DAYS} 个工作日没有记录", ReminderScope.PHASE, condition_tasks.visit_unrecorded,
        ("unit", "phase", "count"), (INSPECTOR, OFFICE),
        ProposedRule(
            "走访没有记录",
            f"有 {{count}} 个单位的走访过了 {MAX_RECORDING_DAYS} 个工作日没有记录：{{unit}}。请到“走访”页记录，没有去的取消或改日期。",
        ),
        counted_day=VISITED_ON, assumed_day=PLANNED_VISIT, counts_units=True, has_lead_times=False, of_campaign=True,
        phases=INSPECTION_ONLY,
        line="{title}：{count} 个单位，{unit}，最早的{first}。",
    ),
    "undated": Condition(
        "阶段还没有日期", ReminderScope.PHASE, condition_tasks.undated, ("phase", "count", "plan"), (OFFICE,),
        ProposedRule(
            "阶段还没有日期",
            "“{phase}”还没有起止日期，{count} 项任务没有时限，也不会提醒。方案写的是：{plan}。定下后请到“活动设置”→“阶段时间”填写。",
            overdue_every=21,
        ),
        counted_day=GIVEN_ON, has_lead_times=False,
        line="“{phase}”还没有起止日期，{count} 项任务没有时限。方案写的是：{plan}。定下后请到“活动设置”→“阶段时间”填写。",
    ),
}  # fmt: skip
