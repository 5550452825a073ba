"""Job handlers for papers: each takes the job's parameters and returns a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from creation import access
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.background import JOB_KINDS, JobContext, ResultFile
from creation.briefing.board import board_of, campaign_with_facts
from creation.campaigns import closing
from creation.evidence.library import text_extraction
from creation.lib import filenames
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import (
    ANSWERED,
    Appraisal,
    Campaign,
    Commendation,
    Holiday,
    Job,
    PaperKind,
    Survey,
    Task,
    TaskStatus,
    Unit,
)
from creation.papers import stamped_papers as papers
from creation.papers.stamped_papers import PaperDraft
from creation.rules.policy import Permission
from creation.rules.retention import ArchiveKind
from creation.rules.satisfaction import MIN_ANSWERS
from reports import annexes, board_picture, chart_images, forms, scopes, score_book, yearend
from reports import commendees as commendees_list
from reports import rectifications as rectification_book
from reports import surveys as survey_reports
from reports.archive import builder as archive_making
from reports.archive import contents as archive_contents
from reports.archive.items import ArchiveSource
from reports.ledger import read_ledger, stamped_texts, write_workbook
from reports.package import builder as package_making
from reports.package import catalogue, contents
from reports.rectifications import scope
from reports.supervision_lists import LISTS
from reports.word import booklet, paper_files
from reports.word import bulletin as bulletin_paper
from reports.word.kinds import KINDS
from reports.word.paper_files import PaperFile

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SURVEY_FORMS = {"docx": paper_files.WORD, "xlsx": EXCEL}


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
    return ResultFile(path, _dated(job_context, f"模拟考核得分表_{found.name}"), EXCEL, f"{count} 个单位")


def publicity(job: Job, job_context: JobContext) -> ResultFile:
    made = yearend.publicity_register(campaign_of(job), job.owner, job_context.clock())
    return _table(job, job_context, "宣传报道登记表", made, f"{made.count} 条")


def supervision_list(job: Job, job_context: JobContext) -> ResultFile:
    """Make the list of visits, orders or meetings that the owner may see."""
    if job.owner is None:
        raise Refusal("名单须由登录的人员导出。")
    conditions = job.params.get("filter", {})
    made = LISTS[job.kind](campaign_of(job), job.owner, conditions, job_context.clock())
    return _table(job, job_context, JOB_KINDS[job.kind].title, made, f"{made.count} 行")


def survey(job: Job, job_context: JobContext) -> ResultFile:
    """Make the report of a survey: ``params["form"]`` is docx or xlsx. Raises Refusal while there are too few answers."""
    owner, now = job.owner, job_context.clock()
    seen = Survey.objects.visible_to(owner) if owner else Survey.objects.all()
    found = seen.filter(pk=job.params["survey"]).select_related("campaign__district").first()
    if found is None:
        raise Refusal("这次测评已不在您的范围内，没有生成。")
    with consistent_snapshot():
        results = survey_reports.results_to_report(found)
    if results is None:
        raise Refusal(f"答卷不足 {MIN_ANSWERS} 份，还不能出报告。")
    form = job.params["form"]
    path = job_context.folder / f"survey.{form}"
    if form == "docx":
        survey_reports.write_word(found, results, path)
    else:
        survey_reports.write_workbook(found, results, path, now)
    name = filenames.clean(survey_reports.file_name(found, now, form))
    return ResultFile(path, name, SURVEY_FORMS[form], f"{found}，{results.whole.forms} 份答卷")


def board(job: Job, job_context: JobContext) -> ResultFile:
    """Draw the leaders' board as the owner sees it. Raises Refusal on a machine without a Chinese font."""
    now = job_context.clock()
    today = timezone.localdate(now)
    if job.owner is None:
        raise Refusal("领导看板的图片须由登录的人员生成。")
    with consistent_snapshot():
        campaign = campaign_with_facts(job.params["campaign"], today)
        found = board_of(campaign, job.owner, today, Holiday.objects.calendar())
    try:
        path = board_picture.write(campaign, found, now, job_context.folder / "board.png")
    except LookupError:
        raise Refusal(chart_images.NO_FONT) from None
    return ResultFile(
        path, filenames.clean(f"领导看板_{campaign.district}_{today:%Y%m%d}.png"), "image/png", "1920×1080"
    )


def _table(job: Job, job_context: JobContext, title: str, table: annexes.Annex, detail: str) -> ResultFile:
    path = table.write(job_context.folder / "table.xlsx")
    return ResultFile(path, _dated(job_context, title), EXCEL, detail)


def _dated(job_context: JobContext, title: str, ending: str = "xlsx") -> str:
    return filenames.clean(f"{title}_{timezone.localdate(job_context.clock()):%Y%m%d}.{ending}")


def cases(job: Job, job_context: JobContext) -> ResultFile:
    made = yearend.case_list(campaign_of(job), job.owner, job_context.clock())
    return _table(job, job_context, "典型经验一览表", made, f"{made.count} 篇")


def case_booklet(job: Job, job_context: JobContext) -> ResultFile:
    """Collect the selected cases into one Word document."""
    path = job_context.folder / "booklet.docx"
    count = booklet.write(campaign_of(job), job.owner, actor_of(job, job_context).today, path)
    return ResultFile(path, _dated(job_context, "典型经验汇编", "docx"), paper_files.WORD, f"{count} 篇")


def nominees(job: Job, job_context: JobContext) -> ResultFile:
    """Make the table of all nominations with what lies beside them, for the meeting of the committee."""
    campaign, owner = campaign_of(job), job.owner
    seen = Commendation.objects.visible_to(owner) if owner else Commendation.objects.all()
    found = seen.filter(campaign=campaign).select_related("campaign__district").get(pk=job.params["commendation"])
    made = commendees_list.nominees(found, job_context.clock())
    return _table(job, job_context, f"{found}提名汇总表", made, f"{made.count} 份")


def assessment(job: Job, job_context: JobContext) -> ResultFile:
    job_context.update_progress(0, 1, "正在汇总各单位答复")
    made = paper_files.make_assessment(
        campaign_of(job), actor_of(job, job_context), job_context.folder, bool(job.params.get("stamp"))
    )
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


def rectification_report(job: Job, job_context: JobContext) -> ResultFile:
    """Fill 整改报告 of a unit. Raises Refusal when the owner may not number papers of this unit."""
    campaign = campaign_of(job)
    unit = Unit.objects.filter(pk=job.params["asked"]["unit"], district=campaign.district_id).first()
    target = papers.permission_target(campaign, unit) if unit else None
    if job.owner is None or target is None or not access.may(job.owner, Permission.PAPER_SCAN, target):
        raise Refusal("您现在不能生成这个单位的整改报告。如有需要，请与创建办联系。")
    job.params = job.params | {"kind": PaperKind.RECTIFIED.value}
    return paper(job, job_context)


def commendees(job: Job, job_context: JobContext) -> ResultFile:
    """Make the list of those who are to be commended, or were."""
    campaign, now = campaign_of(job), job_context.clock()
    commendation = Commendation.objects.filter(campaign=campaign, public_from__isnull=False).get(
        pk=job.params["commendation"]
    )
    path, count = commendees_list.write(commendation, job_context.folder / "commendees.xlsx", now)
    name = f"{commendees_list.title_of(commendation)}_{timezone.localdate(now):%Y%m%d}.xlsx"
    return ResultFile(path, name, EXCEL, f"{commendation}，{count} 个")


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
