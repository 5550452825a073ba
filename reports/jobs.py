"""Register the papers that background jobs make."""

from django.urls import reverse

from creation import background
from creation.models import Job
from creation.rules.policy import Permission
from reports import job_handlers


def volumes_of(job: Job) -> str:
    return reverse("package_volumes", args=[job.pk])


background.register("ledger", job_handlers.ledger, title="创建工作台账", permission=Permission.LEDGER_EXPORT)
background.register("assessment", job_handlers.assessment, title="自评报告", permission=Permission.ASSESSMENT_READ)
background.register("paper", job_handlers.paper, title="文书", permission=Permission.PAPER_MAKE)
background.register(
    "package", job_handlers.package, title="材料包", permission=Permission.PACKAGE_EXPORT, success_url=volumes_of
)
background.register("annex1", job_handlers.annex1, title="附件1 任务分解表", permission=Permission.PROGRESS_READ)
background.register("annex3", job_handlers.annex3, title="附件3 联络员信息表", permission=Permission.LIAISONS_READ)
background.register(
    "archive", job_handlers.archive, title="归档包", permission=Permission.CAMPAIGN_MANAGE, success_url=volumes_of
)
background.register(
    "final_assessment", job_handlers.final_assessment, title="自评报告定稿", permission=Permission.ASSESSMENT_WRITE
)
