"""One round of one worker: claim a batch, send it letter by letter over kept lines, mark each; until nothing is due or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from django.db.models import QuerySet

from creation.lib import commits
from creation.models import Channel, Delivery, Holiday
from creation.notices import channels
from creation.notices.channels import Answered, Letter, Outcome
from creation.notices.posting import claiming, marking, writing
from creation.notices.posting.addressing import is_quiet

BUDGET = timedelta(seconds=45)  # of one round; the next comes within a minute
BATCH = 50  # letters a claim: at most so many are flagged when their sender dies


@dataclass
class Round:
    """The lines of one round, and the channels whose line is down."""

    now: Callable[[], datetime]
    started: datetime
    senders: dict[int, channels.Sender] = field(default_factory=dict)
    resting: set[int] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        return self.now() - self.started >= BUDGET

    def sender(self, outlet: Channel) -> channels.Sender:
        if outlet.pk not in self.senders:
            self.senders[outlet.pk] = channels.sender(outlet)
        return self.senders[outlet.pk]

    def close(self) -> None:
        for each in self.senders.values():
            each.close()


def post_due(now: Callable[[], datetime]) -> int:
    """Send what is due, for as long as a round may take; gives the number of letters that were tried. Nothing in quiet hours."""
    this, count = Round(now, now()), 0
    if is_quiet(this.started, Holiday.objects.calendar()):
        return 0
    try:
        while not this.is_over and (due := _due(this)).exists():
            count += _post(claiming.claim(due[:BATCH], now()), this)
    finally:
        this.close()
    return count


def _due(this: Round) -> QuerySet[Delivery, int]:
    rows = Delivery.objects.claimable(this.now()).exclude(outlet__in=this.resting)
    return rows.order_by("next_try_at", "pk").values_list("pk", flat=True)


def _post(mine: list[Delivery], this: Round) -> int:
    """Gives the number of those that were tried; the others are free again, whatever happened."""
    waiting = {each.pk: each for each in mine}
    try:
        with commits.unhurried():
            written = writing.letters(mine, this.now())
            for each, after in zip_longest(mine, mine[1:]):
                if this.is_over:
                    break
                if each.outlet_id not in this.resting:
                    del waiting[each.pk]
                    follows = after is not None and after.outlet_id == each.outlet_id
                    _post_one(each, written[each.pk], written[after.pk] if follows else "", this)
    finally:
        claiming.release(waiting.values())
    return len(mine) - len(waiting)


def _post_one(delivery: Delivery, letter: Letter | str, after: Letter | str, this: Round) -> None:
    if isinstance(letter, str):
        marking.stop(delivery, letter)
        return
    assert delivery.outlet is not None  # noqa: S101 - claimable asks for it
    try:
        outcome = this.sender(delivery.outlet).send(letter, after if isinstance(after, Letter) else None)
    except ValueError as error:
        outcome = Outcome(Answered.LATER, str(error), line_down=True)
    marking.settle(delivery, outcome, this.now())
    if outcome.line_down and outcome.answered != Answered.UNKNOWN:
        this.resting.add(delivery.outlet.pk)
