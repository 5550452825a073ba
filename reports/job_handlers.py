"""Job handlers for papers: each takes the job's parameters and returns a file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from creation import access
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.background import JobContext, ResultFile
from creation.campaigns import closing
from creation.evidence.library import text_extraction
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import ANSWERED, Campaign, Job, PaperKind, TaskStatus
from creation.papers import stamped_papers as papers
from creation.papers.stamped_papers import PaperDraft
from creation.rules.policy import Permission
from creation.rules.retention import ArchiveKind
from reports import annexes, forms, scopes
from reports.archive import builder as archive_making
from reports.archive import contents as archive_contents
from reports.archive.items import ArchiveSource
from reports.ledger import read_ledger, stamped_texts, write_workbook
from reports.package import builder as package_making
from reports.package import catalogue, contents
from reports.word import paper_files
from reports.word.kinds import KINDS
from reports.word.paper_files import PaperFile

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


def assessment(job: Job, job_context: JobContext) -> ResultFile:
    job_context.update_progress(0, 1, "正在汇总各单位答复")
    made = paper_files.make_assessment(
        campaign_of(job), actor_of(job, job_context), job_context.folder, bool(job.params.get("stamp"))
    )
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def paper(job: Job, job_context: JobContext) -> ResultFile:
    """Fill a paper's template with data that the owner may see."""
    try:
        inputs = forms.read_params(
            job.params["asked"], scopes.visible_tasks(job.owner).filter(campaign=job.params["campaign"])
        )
        made = paper_files.make_paper(
            campaign_of(job),
            KINDS[job.params["kind"]],
            inputs,
            actor_of(job, job_context),
            job_context.folder,
            bool(job.params.get("stamp")),
        )
    except LookupError:
        raise Refusal("所选的单位或任务已不在您的范围内，没有生成。请返回重新选择。") from None
    except FileNotFoundError:
        raise Refusal("模板文件缺失，没有生成。请在模板页重新上传，或恢复为系统模板。") from None
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def package(job: Job, job_context: JobContext) -> ResultFile:
    """Make the skeletons of a package of what the owner may see; check the digest of each file."""
    campaign, now, params = campaign_of(job), job_context.clock(), job.params
    part = scopes.scope_of(campaign, job.owner, params.get("filter", {}), now)
    wanted = ANSWERED if params.get("all") else contents.APPROVED

    def progress(done: int, total: int) -> None:
        job_context.update_progress(done, total, "正在检查密级")

    text_extraction.read_versions(contents.cited_versions(part.tasks, wanted), job_context.clock, progress)
    with consistent_snapshot():
        found = contents.read_contents(part.tasks, job.owner, wanted)
    cover = catalogue.CatalogueCover(f"{campaign.district}法治政府建设示范创建", part.scope, now)
    name = f"印证资料_{campaign.year}_{timezone.localtime(now):%Y%m%d}"
    order = package_making.PackageOptions(name, cover, params.get("limit", 0), bool(params.get("by_section")))
    path = job_context.folder / "package"
    made = package_making.build_package(found, order, path, job_context.update_progress)
    words = f"{part.scope}，{made.files} 份，{len(made.volumes)} 卷" + ("" if made.is_complete else "，不完整")
    return ResultFile(path, made.volumes[0].name, "application/octet-stream", words, found.evidence)


def archive(job: Job, job_context: JobContext) -> ResultFile:
    """Make the archive package of a closed campaign, and register it with the digest of its catalogue."""
    campaign, now, owner = campaign_of(job), job_context.clock(), job.owner
    closing.require_closed(campaign)
    if owner is None:
        raise Refusal("归档包须由登录的人员生成。")
    source = ArchiveSource(campaign, owner, now)

    def progress(done: int, total: int) -> None:
        job_context.update_progress(done, total, "正在检查密级")

    cited = contents.cited_versions(source.tasks, TaskStatus.values)
    text_extraction.read_versions(cited, job_context.clock, progress)
    path = job_context.folder / "package"
    with consistent_snapshot():
        items = list(archive_contents.read_items(source))
    made = archive_making.build_archive(campaign, items, source.lacking, now, path, job_context.update_progress)
    if any(item.kind is ArchiveKind.LIAISONS and item.key for item in items):
        detail = "归档包所含的用印联络员信息表，完整手机号码"
        audit_log.record(actor_of(job, job_context), "phone.reveal", campaign, detail=detail)
    closing.register_archive(
        campaign, made.items, len(made.lacking), made.size, made.digest, actor_of(job, job_context)
    )
    words = f"{made.items} 件，目录摘要 {made.digest}" + (f"，{len(made.lacking)} 份未收录" if made.lacking else "")
    return ResultFile(path, made.name, "application/octet-stream", words, made.evidence)


def final_assessment(job: Job, job_context: JobContext) -> ResultFile:
    """Number the report for the stamp and make it the final one."""
    job_context.update_progress(0, 1, "正在汇总各单位答复")
    actor = actor_of(job, job_context)
    made = paper_files.make_final_assessment(campaign_of(job), actor, job_context.folder)
    return ResultFile(made.path, made.name, paper_files.WORD, made.detail)


def actor_of(job: Job, job_context: JobContext) -> Actor:
    return Actor(job.owner, job_context.clock(), job.address)


def campaign_of(job: Job) -> Campaign:
    return Campaign.objects.select_related("district", "host", "system").get(pk=job.params["campaign"])
