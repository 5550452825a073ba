"""The four personal acts (四个亲自) of a unit's head are records with day and proof, in the tasks of the actions that ask for them.

In campaigns that exist already, these are the actions whose title says so.
"""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [("deploy", "亲自部署"), ("ask", "亲自过问"), ("coordinate", "亲自协调"), ("supervise", "亲自督办")]


def name_actions(apps, schema_editor):
    Action = apps.get_model("creation", "Action")
    for kind, words in KINDS:
        Action.objects.filter(audience="every_unit", title__startswith=f"主要负责人{words}").update(personal_act=kind)


class Migration(migrations.Migration):
    dependencies = [("creation", "0023_words_of_readings")]

    operations = [
        migrations.AddField(
            model_name="action",
            name="personal_act",
            field=models.CharField(
                blank=True, choices=KINDS, default="", max_length=10, verbose_name="亲自事项"
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("personal_act__in", ["", *(kind for kind, _ in KINDS)])),
                name="personal_act_of_an_action_is_known",
                violation_error_message="亲自事项不在可选范围。",
            ),
        ),
        migrations.CreateModel(
            name="PersonalAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done_on", models.DateField(verbose_name="日期")),
                ("what", models.CharField(max_length=300, verbose_name="内容")),
                ("where", models.CharField(blank=True, max_length=100, verbose_name="证明存放处")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "citation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proved_acts",
                        to="creation.citation",
                        verbose_name="证明材料",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="creation.user",
                        verbose_name="登记人",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personal_acts",
                        to="creation.task",
                        verbose_name="任务",
                    ),
                ),
            ],
            options={
                "verbose_name": "亲自事项",
                "ordering": ["done_on", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "done_on", "what"),
                        name="a_personal_act_is_recorded_once",
                        violation_error_message="这一条已经登记过。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("citation__isnull", False), models.Q(("where", ""), _negated=True), _connector="OR"),
                        name="a_personal_act_has_a_proof",
                        violation_error_message="请选证明材料，或写明证明存放在哪里。",
                    ),
                ],
            },
        ),
        migrations.RunPython(name_actions, migrations.RunPython.noop),
    ]
