"""Rates the outcome of a check. Pure rules: a link is dead after several failures over days, but not while this site is offline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creation.evidence.links.fetching import FailureReason, FetchedPage, FetchError
from creation.models import LinkState

# Failures, and the time they must span, until a link is dead.
CLEAR_FAILURES, UNCLEAR_FAILURES = (
    (3, timedelta(days=2)),
    (5, timedelta(days=5)),
)
BACKOFF = [timedelta(hours=hours) for hours in (1, 6, 24, 24, 48, 72)]
RECHECK_ALIVE = RECHECK_DEAD = timedelta(days=7)
RECHECK_OFFLINE, RECHECK_REFUSED, RECHECK_INTERNAL = timedelta(hours=2), timedelta(days=3), timedelta(days=30)
GONE_STATUSES = {404, 410}
# Responses to programs; a person may still have access.
REFUSED_STATUSES = {
    401,
    403,
    405,
    406,
    407,
    412,
    418,
    429,
    451,
    521,
}


@dataclass(frozen=True)
class LinkRecord:
    """The state so far."""

    state: str
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True)
class LinkStatus:
    state: LinkState
    message: str
    failures: int
    failing_since: datetime | None
    recheck_after: timedelta


def assess(before: LinkRecord, answer: FetchedPage | FetchError, online: bool, now: datetime) -> LinkStatus:
    """Rate the response. ``online`` means that another site responded recently, so that a failure is not this site's."""
    if isinstance(answer, FetchedPage):
        if 200 <= answer.status < 300:
            return LinkStatus(LinkState.ALIVE, f"能打开（HTTP {answer.status}）。", 0, None, RECHECK_ALIVE)
        if answer.status in REFUSED_STATUSES:
            return _undecided(before, f"网站不让自动打开（HTTP {answer.status}），请人工打开核查。", RECHECK_REFUSED)
        sentence = "网页已不存在" if answer.status in GONE_STATUSES else "网站出错"
        return _failed(before, f"{sentence}（HTTP {answer.status}）。", answer.status in GONE_STATUSES, now)
    if answer.reason is FailureReason.INTERNAL:
        return _undecided(before, str(answer), RECHECK_INTERNAL)
    if answer.reason in (FailureReason.UNREACHABLE, FailureReason.NAME_NOT_FOUND) and not online:
        return _undecided(before, f"服务器可能没有外网：{answer}请人工核查。", RECHECK_OFFLINE)
    return _failed(before, str(answer), answer.reason is FailureReason.NAME_NOT_FOUND, now)


def _undecided(before: LinkRecord, sentence: str, again: timedelta) -> LinkStatus:
    """Return a status that keeps the failures counted so far, and what a person reported."""
    state = LinkState(before.state)
    kept = state if state in (LinkState.SEEN, LinkState.DEAD) else LinkState.UNREACHED
    return LinkStatus(kept, sentence, before.failures, before.failing_since, again)


def _failed(before: LinkRecord, sentence: str, is_certain: bool, now: datetime) -> LinkStatus:
    failures, since = before.failures + 1, before.failing_since or now
    max_failures, min_duration = CLEAR_FAILURES if is_certain else UNCLEAR_FAILURES
    if before.state == LinkState.DEAD or (failures >= max_failures and now - since >= min_duration):
        return LinkStatus(LinkState.DEAD, sentence, min(failures, 1000), since, RECHECK_DEAD)
    return LinkStatus(LinkState.FAILING, sentence, failures, since, BACKOFF[min(failures, len(BACKOFF)) - 1])
