"""Lists as workbooks, never numbered."""

from dataclasses import replace

from django.utils import timezone

from creation.background import JobContext, ResultFile
from creation.background.kinds import campaign_of
from creation.lib.refusals import Refusal
from creation.models import Appraisal, Commendation, Job
from reports import annexes, score_book
from reports import commendees as commendees_list
from reports.handlers.common import EXCEL, dated
from reports.lists import LISTS


def appraisal(job: Job, job_context: JobContext) -> ResultFile:
    """Make the score sheet of a closed mock assessment."""
    owner = job.owner
    seen = Appraisal.objects.visible_to(owner) if owner else Appraisal.objects.all()
    found = (
        seen.filter(pk=job.params["appraisal"], closed_at__isnull=False).select_related("campaign__district").first()
    )
    if found is None:
        raise Refusal("这次模拟考核还没有结束评分，或者已不在您的范围内，没有生成。")
    path = job_context.folder / "scores.xlsx"
    count = score_book.write(found, job_context.clock(), path)
    return ResultFile(path, dated(job_context, f"模拟考核得分表_{found.name}"), EXCEL, f"{count} 个单位")


def list_workbook(job: Job, job_context: JobContext) -> ResultFile:
    """Make the list of ``LISTS`` that the owner may see."""
    if job.owner is None:
        raise Refusal("名单须由登录的人员导出。")
    found = LISTS[job.kind]
    made = found.read(campaign_of(job), job.owner, job.params.get("filter", {}), job_context.clock())
    return replace(_table(job, job_context, found.title, made, f"{made.count} 行"), evidence=made.evidence)


def nominees(job: Job, job_context: JobContext) -> ResultFile:
    """Make the table of all nominations with what lies beside them, for the meeting of the committee."""
    campaign, owner = campaign_of(job), job.owner
    seen = Commendation.objects.visible_to(owner) if owner else Commendation.objects.all()
    found = seen.filter(campaign=campaign).select_related("campaign__district").get(pk=job.params["commendation"])
    made = commendees_list.nominees(found, job_context.clock())
    return _table(job, job_context, f"{found}提名汇总表", made, f"{made.count} 份")


def commendees(job: Job, job_context: JobContext) -> ResultFile:
    """Make the list of those who are to be commended, or were."""
    campaign, now = campaign_of(job), job_context.clock()
    commendation = Commendation.objects.filter(campaign=campaign, public_from__isnull=False).get(
        pk=job.params["commendation"]
    )
    path, count = commendees_list.write(commendation, job_context.folder / "commendees.xlsx", now)
    name = f"{commendees_list.title_of(commendation)}_{timezone.localdate(now):%Y%m%d}.xlsx"
    return ResultFile(path, name, EXCEL, f"{commendation}，{count} 个")


def _table(job: Job, job_context: JobContext, title: str, table: annexes.Annex, detail: str) -> ResultFile:
    path = table.write(job_context.folder / "table.xlsx")
    return ResultFile(path, dated(job_context, title), EXCEL, detail)
