"""Papers made by a worker: each takes the job's parameters and gives a file."""

from django.utils import timezone

from creation import access, trail
from creation.models import Campaign, Job
from creation.onereading import one_reading
from creation.trail import Actor
from creation.working import Failed, File, Report
from reports import annexes, forms, scopes
from reports.ledger import write_ledger
from reports.package import catalogue, contents
from reports.package import making as package_making
from reports.word import making
from reports.word.kinds import KINDS

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledger(job: Job, report: Report) -> File:
    """The ledger of what the owner may see, narrowed by ``params["filter"]``, of the days named there."""
    campaign, now = campaign_of(job), report.clock()
    part = scopes.part_of(campaign, job.owner, job.params.get("filter", {}), now)
    path = report.folder / "ledger.xlsx"
    count = write_ledger(scopes.order_of(campaign, part, job.owner, now), path, report.step)
    return File(path, scopes.file_name(campaign, part, now), EXCEL, f"{part.scope}，{count} 行")


def annex1(job: Job, report: Report) -> File:
    campaign, now = campaign_of(job), report.clock()
    path = report.folder / "annex1.xlsx"
    count = annexes.write_assignments(campaign, now, path)
    return File(
        path, f"附件1任务分解表_{campaign.district}_{timezone.localdate(now):%Y%m%d}.xlsx", EXCEL, f"{count} 个要点"
    )


def annex3(job: Job, report: Report) -> File:
    """Telephone numbers stand in full for who may see them, and the audit trail says that they went out."""
    campaign, now, owner = campaign_of(job), report.clock(), job.owner
    path = report.folder / "annex3.xlsx"
    in_full = owner is not None and access.may(owner, "phone.reveal", campaign.district)
    count = annexes.write_liaisons(campaign, now, path, in_full=in_full)
    if in_full:
        detail = f"附件3联络员信息表，{count} 人的完整手机号码"
        trail.audit(actor_of(job, report), "phone.reveal", campaign, detail=detail)
    return File(
        path, f"附件3联络员信息表_{campaign.district}_{timezone.localdate(now):%Y%m%d}.xlsx", EXCEL, f"{count} 人"
    )


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
        raise Failed("所选的单位或任务已不在您的范围内，没有生成。请返回重新选择。") from None
    except FileNotFoundError:
        raise Failed("模板文件缺失，没有生成。请在模板页重新上传，或恢复为系统模板。") from None
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
