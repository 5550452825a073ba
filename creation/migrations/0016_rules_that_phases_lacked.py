"""Campaigns that are not closed get the reminder rules that their phases never had; lead times of 督导 change only where nobody edited them.

A rule cannot be deleted, so that a missing one never existed. Its version is 1 as long as nobody changed it or switched it off.
"""

from django.db import migrations

BEFORE, AFTER = [30, 14, 7, 3, 1, 0], [140, 110, 80, 50, 30, 14, 7, 3, 1, 0]

REVIEW = {
    "condition": "review_waiting",
    "name": "答复等待审核过久",
    "audience": "reviewer",
    "text": "{phase}有 {count} 项答复报送后超过 5 个工作日没有审核，涉及 {unit}。请到审核页办理。",
    "overdue_every": 2,
}
NOT_ENTERED = {
    "condition": "not_entered",
    "name": "没有登记上传的要点",
    "audience": "office",
    "text": "{left}：还有 {count} 个要点没有登记为已上传申报平台。请{due}逐项上传，并在“申报登记”页勾对。",
    "lead_times": BEFORE,
    "overdue_every": 2,
}
UNDATED = {
    "condition": "undated",
    "name": "阶段还没有日期",
    "audience": "office",
    "text": "“{phase}”还没有起止日期，{count} 项任务没有时限，也不会提醒。方案写的是：{plan}。定下后请到“活动设置”→“阶段时间”填写。",
    "overdue_every": 21,
}


def add_missing(apps, schema_editor):
    alias = schema_editor.connection.alias
    ReminderRule = apps.get_model("creation", "ReminderRule")
    present = set(ReminderRule.objects.using(alias).values_list("campaign", "phase_kind", "condition"))
    phases = apps.get_model("creation", "Phase").objects.using(alias).exclude(campaign__state="closed")
    ReminderRule.objects.using(alias).bulk_create(
        ReminderRule(campaign_id=phase.campaign_id, phase_kind=phase.kind, **rule)
        for phase in phases.order_by("campaign", "order")
        for rule in _rules_of(phase)
        if (phase.campaign_id, phase.kind, rule["condition"]) not in present
    )


def _rules_of(phase):
    yield REVIEW
    if phase.kind == "application":
        yield NOT_ENTERED
    if phase.starts is None:
        yield UNDATED


def begin_earlier(apps, schema_editor):
    rules = apps.get_model("creation", "ReminderRule").objects.using(schema_editor.connection.alias)
    inspection = rules.filter(phase_kind="inspection", condition="unanswered", version=1).exclude(campaign__state="closed")
    for rule in inspection:
        if rule.lead_times == BEFORE:
            rule.lead_times = AFTER
            rule.save(update_fields=["lead_times"])


class Migration(migrations.Migration):
    dependencies = [("creation", "0015_secrecy_marks_of_all_places")]
    operations = [migrations.RunPython(add_missing), migrations.RunPython(begin_earlier)]
