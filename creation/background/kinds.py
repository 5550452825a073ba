"""The kinds of background jobs, and the results with which a job ends."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from creation.background.job_context import JobContext
from creation.lib.refusals import Refusal
from creation.models import Campaign, Job
from creation.rules.policy import Permission


class PermissionLost(Refusal):
    """The person who requested the job is not allowed to have its result (any more)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, 403)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file made by a job: ``path`` in ``job_context.folder``, the download name, and the text for the audit trail.

    ``evidence``: keys of the pieces that the file contains or names; their words are judged again when it is fetched.
    """

    path: Path
    name: str
    media_type: str
    detail: str = ""
    evidence: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """The result of a job that ends in the database instead of a file.

    ``commit`` runs in the transaction that marks the job as done, so that both happen once or not at all. It returns a message,
    or raises ``Refusal(sentence)``.
    """

    commit: Callable[[], str]


def campaign_of(job: Job) -> Campaign:
    """Return the campaign that the job is about. Raises DoesNotExist if it was deleted."""
    return Campaign.objects.select_related("district", "host", "system").get(pk=job.params["campaign"])


JobFunction = Callable[[Job, JobContext], ResultFile | TransactionResult | str]


@dataclass(frozen=True)
class JobKind:
    """A kind of job. ``work`` returns a ResultFile, a TransactionResult, or a message for ``Job.result``.

    At most ``max_running`` jobs run at once (None: no limit). ``title`` is shown on the progress page and among 我的文件;
    without one the job has neither. ``permission`` is required on the campaign that ``params`` name; ``permission_lost_message`` is shown
    if it is lost. ``success_url`` returns the page to go to when the job is done, such as the volumes of a package or the result of an
    import; ``failure_url`` the page to return to if it failed.
    """

    work: JobFunction
    max_running: int | None = None
    title: str = ""
    permission: Permission | None = None
    success_url: Callable[[Job], str] | None = None
    failure_url: Callable[[Job], str] | None = None
    permission_lost_message: str = ""


JOB_KINDS: dict[str, JobKind] = {}


def register(
    kind: str,
    work: JobFunction,
    max_running: int | None = None,
    *,
    title: str = "",
    permission: Permission | None = None,
    success_url: Callable[[Job], str] | None = None,
    failure_url: Callable[[Job], str] | None = None,
    permission_lost_message: str = "",
) -> None:
    JOB_KINDS[kind] = JobKind(work, max_running, title, permission, success_url, failure_url, permission_lost_message)
