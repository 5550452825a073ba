"""Imports as background jobs: read first, then carried out in one transaction that also saves the job's result.

SQLite allows one writer at a time, so no progress can be saved during the transaction: the progress bar says beforehand what will be done,
and the job can be cancelled until then.
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
from creation.models import ImportUpload, Job

PREFIX = "import-"
GONE = "这份表格已经清除（未导入的只保留 3 天），没有导入。请重新上传。"


def job_kind(kind: ImportKind) -> str:
    """Return the job kind of a table kind. They are separate because each needs a right of its own."""
    return f"{PREFIX}{kind.name}"


def enqueue(upload: ImportUpload, kind: ImportKind, seen: str, actor: Actor) -> Job:
    """Enqueue the import. ``seen``: the digest of the plan that was shown."""
    return background.request_job(
        job_kind(kind), {"campaign": upload.campaign_id, "intake": upload.pk, "seen": seen}, actor
    )


def run_import(job: Job, job_context: JobContext) -> TransactionResult:
    upload = ImportUpload.objects.select_related("campaign").filter(pk=job.params["intake"]).first()
    if upload is None:
        raise Refusal(GONE)
    job_context.update_progress(0, 0, "正在读取表格")
    sheets = import_uploads.read_sheets(upload)
    job_context.update_progress(
        0, 0, f"正在核对并写入，共 {max((len(sheet.rows) for sheet in sheets), default=0):,} 行"
    )
    job_context.renew_lease()  # progress is saved and the lease is fresh when the transaction begins
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
    """Register a job kind for each kind of table; called where the worker is available."""
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
    """Return the URL of the import's page, which redirects to what was imported with a message."""
    campaign, upload = job.params["campaign"], job.params["intake"]
    if ImportUpload.objects.filter(pk=upload).exists():
        return reverse("import", args=[campaign, upload])
    return reverse(KINDS[job.kind.removeprefix(PREFIX)].result_view, args=[campaign])


def upload_url(job: Job) -> str:
    """Return the URL of the page with the plan and the reason for the failure; if the upload was deleted, that of a new import."""
    campaign, upload = job.params["campaign"], job.params["intake"]
    if ImportUpload.objects.filter(pk=upload).exists():
        return f"{reverse('import', args=[campaign, upload])}?{urlencode({'job': job.pk})}"
    return reverse("import_new", args=[campaign, job.kind.removeprefix(PREFIX)])
