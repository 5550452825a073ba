"""Which kinds of long work there are, and in which words a piece of work ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from creation.access import HasScope
from creation.lib.refusals import Refusal
from creation.models import Campaign, Job
from creation.rules.policy import Permission

if TYPE_CHECKING:
    from creation.background.job_context import JobContext


class Refused(Refusal):
    """Whoever asked for it may not have it (any more)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, 403)


class LeaseLost(Exception):
    """The lease ran out and another worker has the row."""


class JobCancelled(Exception):
    """Whoever asked for it does not want it any more."""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """What a piece of work made: ``path`` in ``job_context.folder``, the name it is downloaded under, and what the audit trail says of
    it.
    """

    path: Path
    name: str
    media_type: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """Work that ends in the database, not in a file: ``commit`` runs in the transaction that says the work is done, so that both
    happen or neither, and once. It gives what came of it in words; what it cannot do it says by ``raise Refusal(sentence)``.
    """

    commit: Callable[[], str]


def campaign_of(job: Job) -> HasScope:
    return Campaign.objects.select_related("district").get(pk=job.params["campaign"])


JobFunction = Callable[[Job, "JobContext"], ResultFile | TransactionResult | str]


@dataclass(frozen=True)
class JobKind:
    """``work`` does it and gives a ResultFile, an TransactionResult, or the words that ``Job.result`` keeps; at most ``max_running``
    run at once (None: any number).

    ``title`` is its name on the progress page and among 我的文件 (without one it has neither). ``permission`` is the right it needs on
    ``get_target``; ``permission_lost_message`` says in its own words that the right is gone. ``success_url`` gives the address where
    one goes on when it is done: a package's volumes, what an import has made; ``failure_url`` the one to return to when it came to
    nothing.
    """

    work: JobFunction
    max_running: int | None = None
    title: str = ""
    permission: Permission | None = None
    get_target: Callable[[Job], HasScope] = campaign_of
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
    get_target: Callable[[Job], HasScope] = campaign_of,
    success_url: Callable[[Job], str] | None = None,
    failure_url: Callable[[Job], str] | None = None,
    permission_lost_message: str = "",
) -> None:
    JOB_KINDS[kind] = JobKind(
        work, max_running, title, permission, get_target, success_url, failure_url, permission_lost_message
    )
