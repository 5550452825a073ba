from django.db import migrations, models

from creation.lib import reference_triggers


def remove_triggers(apps, schema_editor):
    """They write into the table that is about to go. They are created after every migrate, see `creation.apps`."""
    reference_triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("creation", "0021_decisions_and_pictures")]

    operations = [
        migrations.CreateModel(
            name="ReferenceVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=36, verbose_name="版本")),
            ],
            options={"verbose_name": "基础数据版本"},
        ),
        migrations.RunPython(migrations.RunPython.noop, remove_triggers),
    ]
