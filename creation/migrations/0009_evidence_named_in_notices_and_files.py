"""Notices, result files and papers say which pieces of evidence they name, so that their words can be withheld."""

from django.db import migrations, models
from django.db.models.deletion import SET_NULL


class Migration(migrations.Migration):
    dependencies = [("creation", "0008_standard_names")]

    operations = [
        migrations.AddField(
            "Notice",
            "evidence",
            models.ForeignKey(
                "creation.Evidence",
                SET_NULL,
                null=True,
                blank=True,
                related_name="notices",
                verbose_name="印证资料",
            ),
        ),
        migrations.AddField("Job", "evidence", models.JSONField("所含资料", default=list, blank=True)),
        migrations.AddField("Paper", "evidence", models.JSONField("所含资料", default=list, blank=True)),
    ]
