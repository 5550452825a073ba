"""Each district gets the usual list of sources of findings; campaigns get the short name of their district before 法督."""

from django.db import migrations

SOURCES = ("集中督导", "上级督察", "执法监督", "审计", "人大、政协监督", "群众投诉", "第三方评估", "自查")


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


class Migration(migrations.Migration):
    dependencies = [("creation", "0018_findings")]

    operations = [migrations.RunPython(add_sources, migrations.RunPython.noop, elidable=True)]
