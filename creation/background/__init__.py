"""Background jobs: rows that are queued by a click, claimed with a lease by one worker, and end with a file or a sentence.

Register a kind of job in a ``jobs`` module, and request a job from a view::

    background.register("package", make_package, title="材料包", permission="package.export")
    job = background.request_job("package", {"campaign": campaign.pk}, actor)
    def make_package(job: Job, job_context: JobContext) -> ResultFile: …

A job function writes into ``job_context.folder``, calls ``job_context.update_progress`` and returns a ``ResultFile``. It raises
``Refusal`` with the sentence to show. Work that ends in the database returns a ``TransactionResult``, which is committed together
with the final state of the row. The ``permission`` is checked on the campaign that ``params`` name when the job starts, when it ends
and each time the file is downloaded. A request for a job that is queued or running returns that job. If a worker dies, its lease ends
and another worker claims the row, ``MAX_ATTEMPTS`` times at most.
"""

from creation.background.job_context import LEASE, JobCancelled, JobContext, LeaseLost
from creation.background.kinds import (
    JOB_KINDS,
    JobFunction,
    JobKind,
    PermissionLost,
    ResultFile,
    TransactionResult,
    register,
)
from creation.background.queueing import cancel, enqueue, find_latest, find_unfinished, request_job, rerun
from creation.background.results import delete_expired, open_result
from creation.background.worker import MAX_ATTEMPTS, claim, run, run_now, run_queued

__all__ = [
    "JOB_KINDS",
    "LEASE",
    "MAX_ATTEMPTS",
    "JobCancelled",
    "JobContext",
    "JobFunction",
    "JobKind",
    "LeaseLost",
    "PermissionLost",
    "ResultFile",
    "TransactionResult",
    "cancel",
    "claim",
    "delete_expired",
    "enqueue",
    "find_latest",
    "find_unfinished",
    "open_result",
    "register",
    "request_job",
    "rerun",
    "run",
    "run_now",
    "run_queued",
]
