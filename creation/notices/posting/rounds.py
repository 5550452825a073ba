"""One round of one worker: claim a batch, send it one by one over kept connections, mark each; until nothing is due or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from creation.models import Channel, Delivery, Holiday
from creation.notices import channels
from creation.notices.channels import Answered, Outcome, OutgoingMessage
from creation.notices.posting import claiming, marking, writing
from creation.notices.posting.addressing import is_quiet

BUDGET = timedelta(seconds=45)  # of one round; the next comes within a minute
BATCH = 50  # deliveries a claim: at most so many are flagged when their sender dies


@dataclass
class Round:
    """The senders of one round, and the channels whose connection failed."""

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
    """Send what is due, for as long as a round may take; returns the number of deliveries that were tried. Nothing in quiet hours."""
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
    """Returns the number of those that were tried; the others are free again, whatever happened."""
    waiting = {each.pk: each for each in mine}
    try:
        written = writing.messages(mine, this.now())
        for each in mine:
            if this.is_over:
                break
            if each.outlet_id not in this.resting:
                del waiting[each.pk]
                _post_one(each, written[each.pk], this)
    finally:
        claiming.release(waiting.values())
    return len(mine) - len(waiting)


def _post_one(delivery: Delivery, message: OutgoingMessage | str, this: Round) -> None:
    if isinstance(message, str):
        marking.stop(delivery, message)
        return
    assert delivery.outlet is not None  # noqa: S101 - claimable asks for it
    try:
        outcome = this.sender(delivery.outlet).send(message)
    except ValueError as error:
        outcome = Outcome(Answered.LATER, str(error), is_disconnected=True)
    marking.settle(delivery, outcome, this.now())
    if outcome.is_disconnected and outcome.answered != Answered.UNKNOWN:
        this.resting.add(delivery.outlet.pk)
