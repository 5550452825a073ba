"""Register the papers that background jobs make."""

from django.urls import reverse

from creation import background
from creation.models import Job
from creation.rules.policy import Permission
from reports import job_handlers


def volumes_of(job: Job) -> str:
    return reverse("package_volumes", args=[job.pk])


def preview_of(job: Job) -> str:
    return reverse("bulletin_preview", args=[job.pk])


background.register("ledger", job_handlers.ledger, title="创建工作台账", permission=Permission.LEDGER_EXPORT)
background.register(
    "rectifications", job_handlers.rectifications, title="两清单一台账", permission=Permission.FINDING_READ
)
background.register(
    "rectification_report", job_handlers.rectification_report, title="整改报告", permission=Permission.PAPER_SCAN
)
background.register("assessment", job_handlers.assessment, title="自评报告", permission=Permission.ASSESSMENT_READ)
background.register("paper", job_handlers.paper, title="文书", permission=Permission.PAPER_MAKE)
background.register(
    "bulletin",
    job_handlers.bulletin,
    1,
    title="工作简报预览",
    permission=Permission.PAPER_MAKE,
    success_url=preview_of,
)
background.register(
    "package", job_handlers.package, title="材料包", permission=Permission.PACKAGE_EXPORT, success_url=volumes_of
)
background.register("appraisal", job_handlers.appraisal, title="模拟考核得分表", permission=Permission.APPRAISAL_READ)
background.register("visits", job_handlers.supervision_list, title="督导走访一览表", permission=Permission.VISIT_READ)
background.register("orders", job_handlers.supervision_list, title="督办单台账", permission=Permission.ORDER_READ)
background.register("meetings", job_handlers.supervision_list, title="会议登记表", permission=Permission.MEETING_READ)
background.register("publicity", job_handlers.publicity, title="宣传报道登记表", permission=Permission.PUBLICITY_READ)
background.register("board", job_handlers.board, title="领导看板图片", permission=Permission.PROGRESS_READ)
background.register("survey", job_handlers.survey, title="满意度测评报告", permission=Permission.SURVEY_READ)
background.register("commendees", job_handlers.commendees, title="表彰名册", permission=Permission.COMMENDATION_MANAGE)
background.register("nominees", job_handlers.nominees, title="提名汇总表", permission=Permission.COMMENDATION_MANAGE)
background.register("cases", job_handlers.cases, title="典型经验一览表", permission=Permission.PUBLICITY_READ)
background.register("case_booklet", job_handlers.case_booklet, title="典型经验汇编", permission=Permission.CASE_JUDGE)
background.register("annex1", job_handlers.annex1, title="附件1 任务分解表", permission=Permission.PROGRESS_READ)
background.register("annex3", job_handlers.annex3, title="附件3 联络员信息表", permission=Permission.LIAISONS_READ)
background.register(
    "archive", job_handlers.archive, title="归档包", permission=Permission.CAMPAIGN_MANAGE, success_url=volumes_of
)
background.register(
    "final_assessment", job_handlers.final_assessment, title="自评报告定稿", permission=Permission.ASSESSMENT_WRITE
)
