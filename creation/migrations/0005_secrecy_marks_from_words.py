"""Marks of secrecy that were one joined string (首页：机密、内部；文件名：内部) become a row each.

A part that cannot be read is kept as a mark in the words it has, so that no stopped piece goes free.
"""

from django.db import migrations

PLACES = {"题名": "title", "文件名": "file_name", "正文": "text", "首页": "first_page"}
LONGEST = 20


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    SecrecyMark = apps.get_model("creation", "SecrecyMark")
    rows = [
        SecrecyMark(evidence_id=evidence, version_id=version, clearance_id=clearance, place=place, word=word)
        for evidence, version, clearance, joined in [*_cleared(apps, alias), *_waiting(apps, alias)]
        for place, word in dict.fromkeys(_read(joined))
    ]
    SecrecyMark.objects.using(alias).bulk_create(rows, batch_size=500)


def _cleared(apps, alias):
    rows = apps.get_model("creation", "Clearance").objects.using(alias).order_by("at", "pk")
    return rows.values_list("version__evidence_id", "version_id", "pk", "marks")


def _waiting(apps, alias):
    """With the newest version of the piece: older ones stop nothing."""
    rows = apps.get_model("creation", "Evidence").objects.using(alias).exclude(held="").order_by("pk")
    for piece in rows:
        if version := piece.versions.order_by("-number").first():
            yield piece.pk, version.pk, None, piece.held


def _read(joined):
    for part in filter(None, joined.split("；")):
        place, told, words = part.partition("：")
        if told and place in PLACES and words:
            yield from ((PLACES[place], word[:LONGEST]) for word in words.split("、") if word)
        else:
            yield "text", part[:LONGEST]


class Migration(migrations.Migration):
    dependencies = [("creation", "0004_secrecy_marks")]
    operations = [migrations.RunPython(fill)]
