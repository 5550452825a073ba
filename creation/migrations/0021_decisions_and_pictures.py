"""A numbered decision knows what it decides, of which one is in force; and a typical case has pictures.

Decisions that were numbered before: where a campaign has one commendation that was decided, the last one in force is of that one.
"""

import django.db.models.deletion
from django.db import migrations, models


def name_commendations(apps, schema_editor):
    Commendation = apps.get_model("creation", "Commendation")
    Paper = apps.get_model("creation", "Paper")
    papers = Paper.objects.filter(kind="decision", voided_at=None).exclude(blob="").order_by("-serial")
    for campaign in set(papers.values_list("campaign", flat=True)):
        decided = list(
            Commendation.objects.filter(campaign=campaign, decided_on__isnull=False).values_list("pk", flat=True)
        )
        if len(decided) == 1:
            Paper.objects.filter(pk=papers.filter(campaign=campaign)[0].pk).update(commendation=decided[0])


class Migration(migrations.Migration):
    dependencies = [("creation", "0020_supervision_papers_and_order_changes")]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="commendation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="papers",
                to="creation.commendation",
                verbose_name="评选表彰",
            ),
        ),
        migrations.CreateModel(
            name="CasePicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="文件名")),
                ("blob", models.CharField(max_length=80)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField(verbose_name="字节数")),
                ("media_type", models.CharField(max_length=120)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="creation.typicalcase",
                        verbose_name="典型经验",
                    ),
                ),
            ],
            options={"verbose_name": "典型经验的照片", "ordering": ["pk"]},
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at", None), models.Q(("blob", ""), _negated=True)),
                fields=("commendation",),
                name="a_commendation_has_one_decision_in_force",
            ),
        ),
        migrations.RunPython(name_commendations, migrations.RunPython.noop, elidable=False),
    ]
