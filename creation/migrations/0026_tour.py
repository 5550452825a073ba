from django.db import migrations, models
from django.db.models import F


def spare_those_who_know_the_site(apps, schema_editor):
    users = apps.get_model("creation", "User").objects.using(schema_editor.connection.alias)
    users.update(toured_at=F("last_login"))


class Migration(migrations.Migration):
    dependencies = [
        ("creation", "0025_bulletin_issues"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="toured_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="看过导览的时间"),
        ),
        migrations.RunPython(spare_those_who_know_the_site, migrations.RunPython.noop),
    ]
