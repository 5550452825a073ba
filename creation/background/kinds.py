"""Which kinds of long work there are, and in which words a piece of work ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from creation.lib.refusals import Refusal
from creation.models import Campaign, Job
from creation.rules.policy import Scope

if TYPE_CHECKING:
    from creation.background.report import Report


class Refused(Refusal):
    """Whoever asked for it may not have it (any more)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, 403)


class Lost(Exception):
    """The lease ran out and another worker has the row."""


class Cancelled(Exception):
    """Whoever asked for it does not want it any more."""


class Placed(Protocol):
    def scope(self) -> Scope: ...


@dataclass(frozen=True, slots=True)
class File:
    """What a piece of work made: ``path`` in ``report.folder``, the name it is downloaded under, and what the audit trail says of it."""

    path: Path
    name: str
    media_type: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Work that ends in the database, not in a file: ``carry_out`` runs in the transaction that says the work is done, so that both
    happen or neither, and once. It gives what came of it in words; what it cannot do it says by ``raise Refusal(sentence)``.
    """

    carry_out: Callable[[], str]


def campaign_of(job: Job) -> Placed:
    return Campaign.objects.select_related("district").get(pk=job.params["campaign"])


Work = Callable[[Job, "Report"], File | Act | str]


@dataclass(frozen=True)
class Kind:
    """``work`` does it and gives a File, an Act, or the words that ``Job.result`` keeps; at most ``most`` run at once (None: any number).

    ``title`` is its name on the progress page and among 我的文件 (without one it has neither). ``act`` is the right it needs on
    ``place``; ``refusal`` says in its own words that the right is gone. ``after`` gives the address where one goes on when it is done:
    a package's volumes, what an import has made; ``back`` the one to return to when it came to nothing.
    """

    work: Work
    most: int | None = None
    title: str = ""
    act: str = ""
    place: Callable[[Job], Placed] = campaign_of
    after: Callable[[Job], str] | None = None
    back: Callable[[Job], str] | None = None
    refusal: str = ""


KINDS: dict[str, Kind] = {}


def register(
    kind: str,
    work: Work,
    most: int | None = None,
    *,
    title: str = "",
    act: str = "",
    place: Callable[[Job], Placed] = campaign_of,
    after: Callable[[Job], str] | None = None,
    back: Callable[[Job], str] | None = None,
    refusal: str = "",
) -> None:
    KINDS[kind] = Kind(work, most, title, act, place, after, back, refusal)
