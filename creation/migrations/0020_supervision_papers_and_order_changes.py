"""Papers of a round, and changes of supervision orders; campaigns that are not closed get the rule of visits without a record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def add_rule(apps, schema_editor):
    alias = schema_editor.connection.alias
    ReminderRule = apps.get_model("creation", "ReminderRule")
    present = ReminderRule.objects.using(alias).filter(condition="visit_unrecorded").values("campaign")
    phases = apps.get_model("creation", "Phase").objects.using(alias).filter(kind="inspection")
    ReminderRule.objects.using(alias).bulk_create(
        ReminderRule(
            campaign_id=phase.campaign_id,
            phase_kind="inspection",
            condition="visit_unrecorded",
            name="走访没有记录",
            audience="inspector",
            text="有 {count} 个单位的走访过了 3 个工作日没有记录：{unit}。请到“走访”页记录，没有去的取消或改日期。",
            overdue_every=2,
        )
        for phase in phases.exclude(campaign__state="closed").exclude(campaign__in=present).order_by("campaign")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("creation", "0019_data_of_supervision"),
    ]

    operations = [
        migrations.AddField(
            model_name="supervisionorder",
            name="cycle_since",
            field=models.DateField(blank=True, null=True, verbose_name="周期改自"),
        ),
        migrations.AlterField(
            model_name="paper",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ledger", "创建工作台账"),
                    ("breakdown", "任务分解表"),
                    ("liaisons", "联络员信息表"),
                    ("statement", "情况说明"),
                    ("on_site", "现场核查清单"),
                    ("assessment", "自评报告"),
                    ("bulletin", "工作简报"),
                    ("circular", "通报"),
                    ("supervision", "督办单"),
                    ("inspection", "督导通报"),
                    ("round_notice", "督导通知"),
                    ("round_report", "督导轮次通报"),
                    ("feedback", "反馈意见书"),
                    ("rectified", "整改报告"),
                    ("lists", "两清单一台账"),
                    ("approval", "表彰审批表"),
                    ("decision", "表彰决定"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.AlterField(
            model_name="papertemplate",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ledger", "创建工作台账"),
                    ("breakdown", "任务分解表"),
                    ("liaisons", "联络员信息表"),
                    ("statement", "情况说明"),
                    ("on_site", "现场核查清单"),
                    ("assessment", "自评报告"),
                    ("bulletin", "工作简报"),
                    ("circular", "通报"),
                    ("supervision", "督办单"),
                    ("inspection", "督导通报"),
                    ("round_notice", "督导通知"),
                    ("round_report", "督导轮次通报"),
                    ("feedback", "反馈意见书"),
                    ("rectified", "整改报告"),
                    ("lists", "两清单一台账"),
                    ("approval", "表彰审批表"),
                    ("decision", "表彰决定"),
                ],
                max_length=12,
                verbose_name="种类",
            ),
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old", models.JSONField(verbose_name="原内容")),
                ("new", models.JSONField(verbose_name="现内容")),
                ("changed_at", models.DateTimeField(verbose_name="修改时间")),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="creation.supervisionorder",
                        verbose_name="督办单",
                    ),
                ),
            ],
            options={
                "verbose_name": "督办单变动",
                "ordering": ["changed_at", "id"],
            },
        ),
        migrations.RunPython(add_rule, migrations.RunPython.noop, elidable=True),
    ]
