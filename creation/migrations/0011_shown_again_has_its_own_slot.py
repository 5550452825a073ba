"""The notice that a piece is shown again names its title: its slot tells it from the one that it was hidden, which does not."""

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Concat, Substr


def fill(apps, schema_editor):
    notices = apps.get_model("creation", "Notice").objects.using(schema_editor.connection.alias)
    shown = notices.filter(slot__startswith="hidden/", text__startswith="印证资料“")
    shown.update(slot=Concat(Value("shown/"), Substr("slot", len("hidden/") + 1)))


class Migration(migrations.Migration):
    dependencies = [("creation", "0010_evidence_from_subjects")]

    operations = [migrations.RunPython(fill)]
