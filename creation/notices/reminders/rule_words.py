"""When a rule reminds, in words for the office."""

from creation.models import ReminderRule, RuleAudience
from creation.notices.reminders.conditions import CONDITIONS
from creation.rules.reminder_days import FREQUENT_WORKDAYS, RESTS_AFTER, tapers


def schedule_text(rule: ReminderRule) -> str:
    """Return lead times and overdue reminders, such as ``提前 7、3、1、0 天；逾期后前 10 个工作日每 2 个工作日一次，以后每周一次``."""
    parts = [f"提前 {rule.days} 天" if rule.lead_times else "", _overdue_text(rule), _rest_text(rule)]
    return "；".join(filter(None, parts))


def _overdue_text(rule: ReminderRule) -> str:
    every = rule.overdue_every
    if not every:
        return "逾期后不再提醒"
    since = "逾期后" if CONDITIONS[rule.condition].has_lead_times else ""
    if tapers(every):
        return f"{since}前 {FREQUENT_WORKDAYS} 个工作日每 {every} 个工作日一次，以后每周一次"
    return f"{since}每 {every} 个工作日一次"


def _rest_text(rule: ReminderRule) -> str:
    """Return who is told when the reminder itself rests; "" for rules that tell nobody else."""
    if not (rule.overdue_every and CONDITIONS[rule.condition].escalates):
        return ""
    leader = rule.leader_after and rule.audience != RuleAudience.UNIT_LEADER
    others = "和".join(filter(None, ["分管领导" if leader else "", "创建办" if rule.office_after else ""]))
    return f"逾期超过 {RESTS_AFTER} 个工作日，只告知{others}" if others else ""
