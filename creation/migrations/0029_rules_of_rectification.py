"""Rules can remind the inspection group; campaigns that are not closed get the rules of rectifications, which their inspection phase never had."""

from django.db import migrations, models
from django.db.models import Q

AUDIENCES = [
    ("liaison", "责任人或联络员"),
    ("unit_leader", "单位分管领导"),
    ("office", "综合协调组"),
    ("reviewer", "材料指导组"),
    ("inspector", "督导检查组"),
]
RULES = [
    {
        "condition": "rectification_due",
        "name": "督导问题的整改",
        "audience": "liaison",
        "text": "{left}：整改 {task}。请{due}{ask}。",
        "lead_times": [7, 3, 1, 0],
        "overdue_every": 2,
        "leader_after": 3,
        "office_after": 5,
    },
    {
        "condition": "verification_waiting",
        "name": "整改等待核查过久",
        "audience": "inspector",
        "text": "有 {count} 项整改报送后超过 3 个工作日没有核查，涉及 {unit}。请到“整改”页核查、销号。",
        "overdue_every": 2,
    },
    {
        "condition": "to_be_seen_again",
        "name": "长期坚持的年度复查",
        "audience": "inspector",
        "text": "{left}：{count} 项长期坚持的整改要复查，涉及 {unit}。请{due}登记复查。",
        "lead_times": [30, 7, 0],
        "overdue_every": 5,
    },
]


def add_missing(apps, schema_editor):
    alias = schema_editor.connection.alias
    ReminderRule = apps.get_model("creation", "ReminderRule")
    present = set(ReminderRule.objects.using(alias).values_list("campaign", "phase_kind", "condition"))
    phases = apps.get_model("creation", "Phase").objects.using(alias).exclude(campaign__state="closed")
    ReminderRule.objects.using(alias).bulk_create(
        ReminderRule(campaign_id=phase.campaign_id, phase_kind=phase.kind, **rule)
        for phase in phases.filter(kind="inspection").order_by("campaign")
        for rule in RULES
        if (phase.campaign_id, phase.kind, rule["condition"]) not in present
    )


class Migration(migrations.Migration):
    dependencies = [("creation", "0028_rounds_and_visits")]

    operations = [
        migrations.AlterField(
            model_name="reminderrule",
            name="audience",
            field=models.CharField(choices=AUDIENCES, max_length=12, verbose_name="提醒谁"),
        ),
        migrations.RemoveConstraint(model_name="reminderrule", name="rule_audience_is_known"),
        migrations.AddConstraint(
            model_name="reminderrule",
            constraint=models.CheckConstraint(
                condition=Q(audience__in=[value for value, _ in AUDIENCES]),
                name="rule_audience_is_known",
                violation_error_message="提醒对象不在可选范围。",
            ),
        ),
        migrations.RunPython(add_missing, migrations.RunPython.noop),
    ]
