"""The piece that a notice names is taken from its subject, those of a numbered ledger from what was cited then.

Ledgers and packages among the files of a person, which do not say what they contain, expire.
"""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    Notice, Evidence, LinkWatch, Job = (
        apps.get_model("creation", name) for name in ("Notice", "Evidence", "LinkWatch", "Job")
    )
    by_link = dict(LinkWatch.objects.using(alias).values_list("pk", "version__evidence"))
    known = set(Evidence.objects.using(alias).values_list("pk", flat=True))
    subjects = Notice.objects.using(alias).filter(subject__regex="^(evidence|link)/[0-9]+$").order_by()
    for subject in list(subjects.values_list("subject", flat=True).distinct()):
        kind, key = subject.split("/")
        evidence = int(key) if kind == "evidence" else by_link.get(int(key))
        if evidence in known:
            subjects.filter(subject=subject).update(evidence=evidence)
    _fill_papers(apps, alias)
    made = Job.objects.using(alias).filter(kind__in=("ledger", "package"), state="done", expires_at__isnull=False)
    made.update(expires_at=F("finished_at"))


def _fill_papers(apps, alias):
    """A numbered ledger named what its tasks cited when it was issued, without what was hidden or deleted before."""
    Paper, Citation = apps.get_model("creation", "Paper"), apps.get_model("creation", "Citation")
    for paper in Paper.objects.using(alias).filter(kind="ledger"):
        at = paper.created_at
        cited = Citation.objects.using(alias).filter(task__campaign=paper.campaign_id, created_at__lt=at)
        cited = cited.exclude(evidence__hidden_at__lt=at).exclude(evidence__deleted_at__lt=at).exclude(removed_at__lt=at)
        if not paper.is_whole:
            cited = cited.filter(task__unit=paper.unit_id)
        keys = sorted(set(cited.order_by().values_list("evidence", flat=True)))
        Paper.objects.using(alias).filter(pk=paper.pk).update(evidence=keys)


class Migration(migrations.Migration):
    dependencies = [("creation", "0009_evidence_named_in_notices_and_files")]

    operations = [migrations.RunPython(fill)]
