"""An import as long work: read first, then carried out in one transaction together with the last word of the work's row.

SQLite lets one write at a time, so that nothing can be told from within the transaction: the bar says beforehand what is being done,
and it can be called off until then.
"""

from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from creation import background as working
from creation.audit.trail import Actor
from creation.background import Act, Report
from creation.imports import keeping
from creation.imports.kinds import Kind
from creation.imports.registry import KINDS
from creation.lib.refusals import Refusal
from creation.models import Intake, Job

PREFIX = "import-"
GONE = "这份表格已经清除（未导入的只保留 3 天），没有导入。请重新上传。"


def name_of(kind: Kind) -> str:
    """Each kind of table is a kind of work, for each has a right of its own."""
    return f"{PREFIX}{kind.name}"


def ask_for(intake: Intake, kind: Kind, seen: str, actor: Actor) -> Job:
    """``seen``: the digest of the plan that was shown."""
    return working.ask_for(name_of(kind), {"campaign": intake.campaign_id, "intake": intake.pk, "seen": seen}, actor)


def work(job: Job, report: Report) -> Act:
    intake = Intake.objects.select_related("campaign").filter(pk=job.params["intake"]).first()
    if intake is None:
        raise Refusal(GONE)
    report.step(0, 0, "正在读取表格")
    sheets = keeping.read(intake)
    report.step(0, 0, f"正在核对并写入，共 {max((len(sheet.rows) for sheet in sheets), default=0):,} 行")
    report.renew()  # told, and the lease whole, when the transaction begins
    return Act(
        partial(keeping.carry_out, intake, sheets, job.params["seen"], Actor(job.owner, report.clock(), job.address))
    )


def register() -> None:
    """Make each kind of table a kind of work, for the door that has the worker."""
    for kind in KINDS.values():
        working.register(
            name_of(kind),
            work,
            title=f"导入{kind.title}",
            act=kind.act,
            after=after,
            back=back,
            refusal="您已没有导入这份表格的权限，没有导入。如有疑问，请与创建办联系。",
        )


def after(job: Job) -> str:
    """The page of the import goes on to what it made, with the sentence what came of it."""
    campaign, intake = job.params["campaign"], job.params["intake"]
    if Intake.objects.filter(pk=intake).exists():
        return reverse("import", args=[campaign, intake])
    return reverse(KINDS[job.kind.removeprefix(PREFIX)].then, args=[campaign])


def back(job: Job) -> str:
    """What the workbook would do now, under the sentence why it was not done; once it is cleared away, the choice of another."""
    campaign, intake = job.params["campaign"], job.params["intake"]
    if Intake.objects.filter(pk=intake).exists():
        return f"{reverse('import', args=[campaign, intake])}?{urlencode({'job': job.pk})}"
    return reverse("import_new", args=[campaign, job.kind.removeprefix(PREFIX)])
