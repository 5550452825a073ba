"""Papers made by a worker: each takes the job's parameters and gives a file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from creation import access
from creation.audit import trail
from creation.audit.trail import Actor
from creation.background import File, Report
from creation.lib.onereading import one_reading
from creation.lib.refusals import Refusal
from creation.models import Campaign, Job, PaperKind
from creation.papers import issuing as papers
from creation.papers.issuing import Printing
from reports import annexes, forms, scopes
from reports.ledger import contents_of, read, write_found
from reports.package import catalogue, contents
from reports.package import making as package_making
from reports.word import making
from reports.word.kinds import KINDS
from reports.word.making import Made

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledger(job: Job, report: Report) -> File:
    """The ledger of what the owner may see, narrowed by ``params["filter"]``, of the days named there."""
    campaign, now = campaign_of(job), report.clock()
    part = scopes.part_of(campaign, job.owner, job.params.get("filter", {}), now)
    order = scopes.order_of(campaign, part, job.owner, now)
    with one_reading():
        found = read(order, report.step)
    path = report.folder / "ledger.xlsx"

    def write(note: str) -> Path:
        write_found(found, replace(order.cover, note=note), path, report.step)
        return path

    plain = Made(path, scopes.file_name(campaign, part, now), f"{part.scope}，{len(found.rows)} 行")
    unit, title = part.unit or papers.host_of(campaign), order.cover.title + (f"（{part.scope}）" if part.words else "")
    contents = contents_of(found, order.cover)
    printing = Printing(campaign, PaperKind.LEDGER, title, unit, contents, is_whole=part.unit is None)
    return _workbook(job, report, printing, write, plain)


def _workbook(job: Job, report: Report, printing: Printing, write: Callable[[str], Path], plain: Made) -> File:
    """With ``params["stamp"]`` numbered and kept among the papers, where the owner may still do that."""
    if not job.params.get("stamp"):
        write("")
        made = plain
    else:
        place = papers.place_of(printing.campaign, printing.unit)
        if job.owner is None or not access.may(job.owner, "paper.scan", place):
            raise Refusal("您现在不能为这个单位的文件编号，没有生成。如有需要，请与创建办联系。")
        made = making.stamped(printing, lambda paper: write(paper.note), plain, EXCEL, actor_of(job, report))
    return File(made.path, made.name, EXCEL, made.detail)


def annex1(job: Job, report: Report) -> File:
    campaign, now = campaign_of(job), report.clock()
    made = annexes.assignments(campaign, now)
    return _annex(job, report, PaperKind.BREAKDOWN, "附件1任务分解表", made, f"{made.count} 个要点")


def annex3(job: Job, report: Report) -> File:
    """Telephone numbers stand in full for who may see them, and the audit trail says that they went out."""
    campaign, owner = campaign_of(job), job.owner
    in_full = owner is not None and access.may(owner, "phone.reveal", campaign.district)
    made = annexes.liaison_list(campaign, report.clock(), in_full=in_full)
    if in_full:
        detail = f"附件3联络员信息表，{made.count} 人的完整手机号码"
        trail.audit(actor_of(job, report), "phone.reveal", campaign, detail=detail)
    return _annex(job, report, PaperKind.LIAISONS, "附件3联络员信息表", made, f"{made.count} 人")


def _annex(job: Job, report: Report, kind: PaperKind, title: str, annex: annexes.Annex, detail: str) -> File:
    campaign, path = campaign_of(job), report.folder / "annex.xlsx"
    name = f"{title}_{campaign.district}_{timezone.localdate(report.clock()):%Y%m%d}.xlsx"
    printing = Printing(campaign, kind, annex.heads.title, papers.host_of(campaign), annex.contents, is_whole=True)
    return _workbook(job, report, printing, lambda note: annex.write(path, note), Made(path, name, detail))


def assessment(job: Job, report: Report) -> File:
    report.step(0, 1, "正在汇总各单位答复")
    made = making.make_assessment(campaign_of(job), actor_of(job, report), report.folder, bool(job.params.get("stamp")))
    return File(made.path, made.name, making.WORD, made.detail)


def paper(job: Job, report: Report) -> File:
    """A paper filled into its template, about what its owner may see."""
    try:
        inputs = forms.asked(job.params["asked"], scopes.everything(job.owner).filter(campaign=job.params["campaign"]))
        made = making.make_paper(
            campaign_of(job),
            KINDS[job.params["kind"]],
            inputs,
            actor_of(job, report),
            report.folder,
            bool(job.params.get("stamp")),
        )
    except LookupError:
        raise Refusal("所选的单位或任务已不在您的范围内，没有生成。请返回重新选择。") from None
    except FileNotFoundError:
        raise Refusal("模板文件缺失，没有生成。请在模板页重新上传，或恢复为系统模板。") from None
    return File(made.path, made.name, making.WORD, made.detail)


def package(job: Job, report: Report) -> File:
    """The skeletons of a package of what its owner may see. Files are held against their digests on the way."""
    campaign, now, params = campaign_of(job), report.clock(), job.params
    part = scopes.part_of(campaign, job.owner, params.get("filter", {}), now)
    with one_reading():
        found = contents.read(part.tasks, job.owner, approved_only=not params.get("all"))
    cover = catalogue.Cover(f"{campaign.district}法治政府建设示范创建", part.scope, now)
    name = f"印证资料_{campaign.year}_{timezone.localtime(now):%Y%m%d}"
    order = package_making.Order(name, cover, params.get("limit", 0), bool(params.get("by_section")))
    path = report.folder / "package"
    made = package_making.make(found, order, path, report.step)
    words = f"{part.scope}，{made.files} 份，{len(made.volumes)} 卷" + ("" if made.is_complete else "，不完整")
    return File(path, made.volumes[0].name, "application/octet-stream", words)


def actor_of(job: Job, report: Report) -> Actor:
    return Actor(job.owner, report.clock(), job.address)


def campaign_of(job: Job) -> Campaign:
    return Campaign.objects.select_related("district", "host", "system").get(pk=job.params["campaign"])
