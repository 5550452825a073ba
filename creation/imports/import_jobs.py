"""An import as long work: read first, then carried out in one transaction together with the last word of the work's row.

SQLite lets one write at a time, so that nothing can be told from within the transaction: the bar says beforehand what is being done,
and it can be called off until then.
"""

from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from creation import background
from creation.audit.actor import Actor
from creation.background import JobContext, TransactionResult
from creation.imports import import_uploads
from creation.imports.kinds import ImportKind
from creation.imports.registry import KINDS
from creation.lib.refusals import Refusal
from creation.models import Intake, Job

PREFIX = "import-"
GONE = "这份表格已经清除（未导入的只保留 3 天），没有导入。请重新上传。"


def job_kind(kind: ImportKind) -> str:
    """Each kind of table is a kind of work, for each has a right of its own."""
    return f"{PREFIX}{kind.name}"


def enqueue(upload: Intake, kind: ImportKind, seen: str, actor: Actor) -> Job:
    """``seen``: the digest of the plan that was shown."""
    return background.request_job(
        job_kind(kind), {"campaign": upload.campaign_id, "intake": upload.pk, "seen": seen}, actor
    )


def run_import(job: Job, job_context: JobContext) -> TransactionResult:
    upload = Intake.objects.select_related("campaign").filter(pk=job.params["intake"]).first()
    if upload is None:
        raise Refusal(GONE)
    job_context.update_progress(0, 0, "正在读取表格")
    sheets = import_uploads.read_sheets(upload)
    job_context.update_progress(
        0, 0, f"正在核对并写入，共 {max((len(sheet.rows) for sheet in sheets), default=0):,} 行"
    )
    job_context.renew_lease()  # told, and the lease whole, when the transaction begins
    return TransactionResult(
        partial(
            import_uploads.apply_sheets,
            upload,
            sheets,
            job.params["seen"],
            Actor(job.owner, job_context.clock(), job.address),
        )
    )


def register() -> None:
    """Make each kind of table a kind of work, for the door that has the worker."""
    for kind in KINDS.values():
        background.register(
            job_kind(kind),
            run_import,
            title=f"导入{kind.title}",
            permission=kind.permission,
            success_url=result_url,
            failure_url=upload_url,
            permission_lost_message="您已没有导入这份表格的权限，没有导入。如有疑问，请与创建办联系。",
        )


def result_url(job: Job) -> str:
    """The page of the import goes on to what it made, with the sentence what came of it."""
    campaign, upload = job.params["campaign"], job.params["intake"]
    if Intake.objects.filter(pk=upload).exists():
        return reverse("import", args=[campaign, upload])
    return reverse(KINDS[job.kind.removeprefix(PREFIX)].result_view, args=[campaign])


def upload_url(job: Job) -> str:
    """What the workbook would do now, under the sentence why it was not done; once it is cleared away, the choice of another."""
    campaign, upload = job.params["campaign"], job.params["intake"]
    if Intake.objects.filter(pk=upload).exists():
        return f"{reverse('import', args=[campaign, upload])}?{urlencode({'job': job.pk})}"
    return reverse("import_new", args=[campaign, job.kind.removeprefix(PREFIX)])
