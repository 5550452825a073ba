"""Papers in Word."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from creation import access
from creation.background import JobContext, ResultFile
from creation.background.kinds import campaign_of
from creation.lib.refusals import Refusal
from creation.models import Job, PaperKind, Task, Unit
from creation.papers import stamped_papers as papers
from creation.rules.policy import Permission
from reports import forms
from reports.handlers.common import actor_of, dated
from reports.word import booklet, paper_files
from reports.word import bulletin as bulletin_paper
from reports.word.kinds import KINDS


def assessment(job: Job, job_context: JobContext) -> ResultFile:
    job_context.update_progress(0, 1, "正在汇总各单位答复")
    made = paper_files.make_assessment(
        campaign_of(job), actor_of(job, job_context), job_context.folder, bool(job.params.get("stamp"))
    )
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def final_assessment(job: Job, job_context: JobContext) -> ResultFile:
    """Number the report for the stamp and make it the final one."""
    job_context.update_progress(0, 1, "正在汇总各单位答复")
    actor = actor_of(job, job_context)
    made = paper_files.make_final_assessment(campaign_of(job), actor, job_context.folder)
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def paper(job: Job, job_context: JobContext) -> ResultFile:
    """Fill a paper's template with data that the owner may see."""
    campaign, kind, actor = campaign_of(job), KINDS[job.params["kind"]], actor_of(job, job_context)
    with _lookup_refusals():
        made = paper_files.make_paper(
            campaign, kind, _inputs(job), actor, job_context.folder, bool(job.params.get("stamp"))
        )
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def bulletin(job: Job, job_context: JobContext) -> ResultFile:
    """Make the draft of an issue of the bulletin, with pictures of its pages."""
    campaign, actor = campaign_of(job), actor_of(job, job_context)
    with _lookup_refusals():
        path = bulletin_paper.make_draft(campaign, _inputs(job), actor, job.params["stamp"], job_context)
    name = f"工作简报_第{job.params['asked']['issue']}期_草稿"
    return ResultFile(path, name, "application/zip", name)


def rectification_report(job: Job, job_context: JobContext) -> ResultFile:
    """Fill 整改报告 of a unit. Raises Refusal when the owner may not number papers of this unit."""
    campaign = campaign_of(job)
    unit = Unit.objects.filter(pk=job.params["asked"]["unit"], district=campaign.district_id).first()
    target = papers.permission_target(campaign, unit) if unit else None
    if job.owner is None or target is None or not access.may(job.owner, Permission.PAPER_SCAN, target):
        raise Refusal("您现在不能生成这个单位的整改报告。如有需要，请与创建办联系。")
    job.params = job.params | {"kind": PaperKind.RECTIFIED.value}
    return paper(job, job_context)


def case_booklet(job: Job, job_context: JobContext) -> ResultFile:
    """Collect the selected cases into one Word document."""
    path = job_context.folder / "booklet.docx"
    count = booklet.write(campaign_of(job), job.owner, actor_of(job, job_context).today, path)
    return ResultFile(path, dated(job_context, "典型经验汇编", "docx"), paper_files.WORD, f"{count} 篇")


def _inputs(job: Job) -> dict[str, Any]:
    campaign = campaign_of(job)
    visible = Task.objects.visible_to(job.owner) if job.owner else Task.objects.active()
    return forms.read_params(
        job.params["asked"],
        visible.filter(campaign=campaign),
        forms.nominations_of(campaign, job.owner) if job.owner else None,
        forms.decided_of(campaign, job.owner) if job.owner else None,
        forms.rounds_of(campaign, job.owner) if job.owner else None,
    )


@contextmanager
def _lookup_refusals() -> Iterator[None]:
    try:
        yield
    except LookupError:
        raise Refusal("所选的单位或任务已不在您的范围内，没有生成。请返回重新选择。") from None
    except FileNotFoundError:
        raise Refusal("模板文件缺失，没有生成。请在模板页重新上传，或恢复为系统模板。") from None
