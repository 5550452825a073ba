"""Ledger, 两清单一台账 and the annexes of the plan, numbered if they are for the stamp."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from creation import access
from creation.audit import audit_log
from creation.background import JobContext, ResultFile
from creation.background.kinds import campaign_of
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import Job, PaperKind
from creation.papers import stamped_papers as papers
from creation.papers.stamped_papers import PaperDraft
from creation.rules.policy import Permission
from reports import annexes, scopes
from reports import rectifications as rectification_book
from reports.handlers.common import EXCEL, actor_of
from reports.ledger import read_ledger, stamped_texts, write_workbook
from reports.rectifications import scope
from reports.word import paper_files
from reports.word.paper_files import PaperFile


def ledger(job: Job, job_context: JobContext) -> ResultFile:
    """Make the ledger of what the owner may see, filtered by ``params["filter"]``, which also holds the days."""
    campaign, now = campaign_of(job), job_context.clock()
    part = scopes.scope_of(campaign, job.owner, job.params.get("filter", {}), now)
    order = scopes.ledger_request_of(campaign, part, job.owner, now)
    with consistent_snapshot():
        found = read_ledger(order, job_context.update_progress)
    path = job_context.folder / "ledger.xlsx"

    def write(note: str) -> Path:
        write_workbook(found, replace(order.cover, note=note), path, job_context.update_progress)
        return path

    plain = PaperFile(path, scopes.file_name(campaign, part, now), f"{part.scope}，{len(found.rows)} 行")
    unit, title = part.unit or papers.host_of(campaign), order.cover.title + (f"（{part.scope}）" if part.words else "")
    contents = stamped_texts(found, order.cover)
    draft = PaperDraft(
        campaign, PaperKind.LEDGER, title, unit, contents, is_whole=part.unit is None, evidence=found.evidence_keys
    )
    return _workbook(job, job_context, draft, write, plain)


def rectifications(job: Job, job_context: JobContext) -> ResultFile:
    """Make 两清单一台账 of what the owner may see, filtered by ``params["filter"]``, which also holds the days."""
    campaign, now = campaign_of(job), job_context.clock()
    part = scope.scope_of(campaign, job.owner, job.params.get("filter", {}), now)
    order = scope.request_of(campaign, part, job.owner, now)
    job_context.update_progress(0, 1, "正在读取整改")
    with consistent_snapshot():
        found = rectification_book.read(order)
    path = job_context.folder / "rectifications.xlsx"

    def write(note: str) -> Path:
        rectification_book.write(found, replace(order.cover, note=note), path)
        return path

    plain = PaperFile(path, scope.file_name(campaign, part, now), f"{part.scope}，{len(found.rows)} 项")
    draft = PaperDraft(
        campaign,
        PaperKind.LISTS,
        f"{order.cover.title}两清单一台账",
        part.unit or papers.host_of(campaign),
        rectification_book.stamped_texts(found, order.cover),
        is_whole=part.unit is None,
        evidence=found.evidence_keys,
    )
    return _workbook(job, job_context, draft, write, plain)


def annex1(job: Job, job_context: JobContext) -> ResultFile:
    campaign, now = campaign_of(job), job_context.clock()
    made = annexes.assignments(campaign, now)
    return _annex(job, job_context, PaperKind.BREAKDOWN, "附件1任务分解表", made, f"{made.count} 个要点")


def annex3(job: Job, job_context: JobContext) -> ResultFile:
    """Make annex 3. For owners with the right, telephone numbers are shown in full, which the audit trail records."""
    campaign, owner = campaign_of(job), job.owner
    in_full = owner is not None and access.may(owner, Permission.PHONE_REVEAL, campaign.district)
    made = annexes.liaison_list(campaign, job_context.clock(), in_full=in_full)
    if in_full:
        detail = f"附件3联络员信息表，{made.count} 人的完整手机号码"
        audit_log.record(actor_of(job, job_context), "phone.reveal", campaign, detail=detail)
    return _annex(job, job_context, PaperKind.LIAISONS, "附件3联络员信息表", made, f"{made.count} 人")


def _annex(
    job: Job, job_context: JobContext, kind: PaperKind, title: str, annex: annexes.Annex, detail: str
) -> ResultFile:
    campaign, path = campaign_of(job), job_context.folder / "annex.xlsx"
    name = f"{title}_{campaign.district}_{timezone.localdate(job_context.clock()):%Y%m%d}.xlsx"
    draft = PaperDraft(campaign, kind, annex.header.title, papers.host_of(campaign), annex.contents, is_whole=True)
    return _workbook(job, job_context, draft, lambda note: annex.write(path, note), PaperFile(path, name, detail))


def _workbook(
    job: Job, job_context: JobContext, draft: PaperDraft, write: Callable[[str], Path], plain: PaperFile
) -> ResultFile:
    """Write the workbook. With ``params["stamp"]`` it is numbered and stored among the papers. Raises Refusal when the owner may no longer
    do so."""
    if not job.params.get("stamp"):
        write("")
        made = plain
    else:
        target = papers.permission_target(draft.campaign, draft.unit)
        if job.owner is None or not access.may(job.owner, Permission.PAPER_SCAN, target):
            raise Refusal("您现在不能为这个单位的文件编号，没有生成。如有需要，请与创建办联系。")
        made = paper_files.stamped_file(
            draft, lambda paper: write(paper.note), plain, EXCEL, actor_of(job, job_context)
        )
    return ResultFile(made.path, made.name, EXCEL, made.detail, draft.evidence)
