import re

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SHORT = re.compile(r"([一二三四五六七八九十])（([一二三四五六七八九十])）(\d+)")  # part, section and number, such as 四（四）2


def name_documents(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write document and clause in full where the preset of an earlier version left a short sign."""
    indicators = apps.get_model("creation", "Indicator").objects.using(schema_editor.connection.alias)
    changed = []
    for each in indicators.exclude(clause="").exclude(system__source="").select_related("system").iterator():
        if short := SHORT.fullmatch(each.clause):
            part, section, number = short.groups()
            each.clause = f"《{each.system.source}》第{part}部分（{section}）第{number}项"[:200]
            changed.append(each)
    indicators.bulk_update(changed, ["clause"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("creation", "0012_official_wording"),
    ]

    operations = [migrations.RunPython(name_documents, migrations.RunPython.noop)]
