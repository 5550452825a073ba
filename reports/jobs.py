"""Which papers are made as long work."""

from django.urls import reverse

from creation import background as working
from creation.models import Job
from reports import exporting


def volumes_of(job: Job) -> str:
    return reverse("package_volumes", args=[job.pk])


working.register("ledger", exporting.ledger, title="创建工作台账", act="ledger.export")
working.register("assessment", exporting.assessment, title="自评报告", act="assessment.read")
working.register("paper", exporting.paper, title="文书", act="paper.make")
working.register("package", exporting.package, title="材料包", act="package.export", after=volumes_of)
working.register("annex1", exporting.annex1, title="附件1 任务分解表", act="progress.read")
working.register("annex3", exporting.annex3, title="附件3 联络员信息表", act="liaisons.read")
