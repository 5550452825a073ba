"""What an attempt says of a link. Pure rules: a link is dead after several failures over days, and never because we have no way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creation.evidence.links.fetching import Answer, NotFetched, Why
from creation.models import LinkState

CLEAR, UNCLEAR = (3, timedelta(days=2)), (5, timedelta(days=5))  # failures, and over how long, until a link is dead
BACKOFF = [timedelta(hours=hours) for hours in (1, 6, 24, 24, 48, 72)]
GOOD_AGAIN = DEAD_AGAIN = timedelta(days=7)
NO_WAY_AGAIN, SHUT_AGAIN, INTERNAL_AGAIN = timedelta(hours=2), timedelta(days=3), timedelta(days=30)
GONE = {404, 410}
SHUT = {401, 403, 405, 406, 407, 412, 418, 429, 451, 521}  # answers to machines: a person may be let in


@dataclass(frozen=True)
class Record:
    """What is known so far."""

    state: str
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True)
class Verdict:
    state: LinkState
    said: str
    failures: int
    failing_since: datetime | None
    again: timedelta


def judged(before: Record, came: Answer | NotFetched, way_out: bool, now: datetime) -> Verdict:
    """``way_out``: another site has answered lately, so that a silent line is this site's."""
    if isinstance(came, Answer):
        if 200 <= came.status < 300:
            return Verdict(LinkState.ALIVE, f"能打开（HTTP {came.status}）。", 0, None, GOOD_AGAIN)
        if came.status in SHUT:
            return _open_question(before, f"网站不让系统自动打开（HTTP {came.status}），请人工打开核查。", SHUT_AGAIN)
        sentence = "网页已不存在" if came.status in GONE else "网站出错"
        return _failed(before, f"{sentence}（HTTP {came.status}）。", came.status in GONE, now)
    if came.why is Why.INTERNAL:
        return _open_question(before, str(came), INTERNAL_AGAIN)
    if came.why in (Why.NO_LINE, Why.NO_NAME) and not way_out:
        return _open_question(before, f"服务器可能没有外网：{came}请人工核查。", NO_WAY_AGAIN)
    return _failed(before, str(came), came.why is Why.NO_NAME, now)


def _open_question(before: Record, sentence: str, again: timedelta) -> Verdict:
    """We learned nothing: what was counted stays, and so does what a person saw."""
    state = LinkState(before.state)
    kept = state if state in (LinkState.SEEN, LinkState.DEAD) else LinkState.UNREACHED
    return Verdict(kept, sentence, before.failures, before.failing_since, again)


def _failed(before: Record, sentence: str, is_clear: bool, now: datetime) -> Verdict:
    failures, since = before.failures + 1, before.failing_since or now
    most, over = CLEAR if is_clear else UNCLEAR
    if before.state == LinkState.DEAD or (failures >= most and now - since >= over):
        return Verdict(LinkState.DEAD, sentence, min(failures, 1000), since, DEAD_AGAIN)
    return Verdict(LinkState.FAILING, sentence, failures, since, BACKOFF[min(failures, len(BACKOFF)) - 1])
