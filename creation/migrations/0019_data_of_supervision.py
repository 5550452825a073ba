"""What campaigns and people that already exist need for supervision and for the page of a task in three steps.

Each district gets the usual list of sources of findings, and campaigns the short name of their district before 法督. Campaigns that are
not closed get the rules of rectifications, which their inspection phase never had. Whoever has logged in is spared the tour.
"""

from django.db import migrations
from django.db.models import F

SOURCES = ("集中督导", "上级督察", "执法监督", "审计", "人大、政协监督", "群众投诉", "第三方评估", "自查")

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


def add_sources(apps, schema_editor):
    alias = schema_editor.connection.alias
    District, FindingSource, Campaign = (
        apps.get_model("creation", name) for name in ("District", "FindingSource", "Campaign")
    )
    districts = District.objects.using(alias).filter(campaigns__isnull=False).distinct()
    FindingSource.objects.using(alias).bulk_create(
        FindingSource(district=district, name=name, order=order)
        for district in districts
        for order, name in enumerate(SOURCES, 1)
    )
    for district in districts:
        campaigns = Campaign.objects.using(alias).filter(district=district, finding_prefix="法督")
        own_name = district.name.removeprefix(district.parent.name if district.parent else "")  # 源汇区 of 漯河市源汇区
        campaigns.update(finding_prefix=f"{own_name[:1]}法督")


def add_rules(apps, schema_editor):
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


def spare_those_who_know_the_site(apps, schema_editor):
    users = apps.get_model("creation", "User").objects.using(schema_editor.connection.alias)
    users.update(toured_at=F("last_login"))


class Migration(migrations.Migration):
    dependencies = [("creation", "0018_supervision_to_archive")]

    operations = [
        migrations.RunPython(add_sources, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(add_rules, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(spare_those_who_know_the_site, migrations.RunPython.noop, elidable=True),
    ]
