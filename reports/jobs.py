"""Register the papers that background jobs make."""

from django.urls import reverse

from creation import background
from creation.models import Job
from creation.rules.policy import Permission
from reports.handlers import figures, packages, tables, word_papers, workbooks
from reports.lists import LISTS


def volumes_of(job: Job) -> str:
    return reverse("package_volumes", args=[job.pk])


def preview_of(job: Job) -> str:
    return reverse("bulletin_preview", args=[job.pk])


background.register("ledger", workbooks.ledger, title="创建工作台账", permission=Permission.LEDGER_EXPORT)
background.register(
    "rectifications", workbooks.rectifications, title="两清单一台账", permission=Permission.FINDING_READ
)
background.register(
    "rectification_report", word_papers.rectification_report, title="整改报告", permission=Permission.PAPER_SCAN
)
background.register("assessment", word_papers.assessment, title="自评报告", permission=Permission.ASSESSMENT_READ)
background.register("paper", word_papers.paper, title="文书", permission=Permission.PAPER_MAKE)
background.register(
    "bulletin",
    word_papers.bulletin,
    1,
    title="工作简报预览",
    permission=Permission.PAPER_MAKE,
    success_url=preview_of,
)
background.register(
    "package", packages.package, title="材料包", permission=Permission.PACKAGE_EXPORT, success_url=volumes_of
)
background.register("appraisal", tables.appraisal, title="模拟考核得分表", permission=Permission.APPRAISAL_READ)
for kind, each in LISTS.items():
    background.register(kind, tables.list_workbook, title=each.title, permission=each.permission)
background.register("board", figures.board, title="领导看板图片", permission=Permission.PROGRESS_READ)
background.register("survey", figures.survey, title="满意度测评报告", permission=Permission.SURVEY_READ)
background.register("commendees", tables.commendees, title="表彰名册", permission=Permission.COMMENDATION_MANAGE)
background.register("nominees", tables.nominees, title="提名汇总表", permission=Permission.COMMENDATION_MANAGE)
background.register("case_booklet", word_papers.case_booklet, title="典型经验汇编", permission=Permission.CASE_JUDGE)
background.register("annex1", workbooks.annex1, title="附件1 任务分解表", permission=Permission.PROGRESS_READ)
background.register("annex3", workbooks.annex3, title="附件3 联络员信息表", permission=Permission.LIAISONS_READ)
background.register(
    "archive", packages.archive, title="归档包", permission=Permission.CAMPAIGN_MANAGE, success_url=volumes_of
)
background.register(
    "final_assessment", word_papers.final_assessment, title="自评报告定稿", permission=Permission.ASSESSMENT_WRITE
)
