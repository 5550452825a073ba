"""The piece that a notice names is taken from its subject. Ledgers and packages that do not say which pieces they contain expire."""

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
    made = Job.objects.using(alias).filter(kind__in=("ledger", "package"), state="done", expires_at__isnull=False)
    made.update(expires_at=F("finished_at"))


class Migration(migrations.Migration):
    dependencies = [("creation", "0009_evidence_named_in_notices_and_files")]

    operations = [migrations.RunPython(fill)]
