"""Packages of files: for the assessors, for the archive."""

from django.utils import timezone

from creation.audit import audit_log
from creation.background import JobContext, ResultFile
from creation.background.kinds import campaign_of
from creation.campaigns import closing
from creation.evidence.library import text_extraction
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import ANSWERED, Job, TaskStatus
from creation.rules.retention import ArchiveKind
from reports import scopes
from reports.archive import builder as archive_making
from reports.archive import contents as archive_contents
from reports.archive.items import ArchiveSource
from reports.handlers.common import actor_of
from reports.package import builder as package_making
from reports.package import catalogue, contents


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
