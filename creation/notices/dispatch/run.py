"""One run of a worker: lease a batch, send each delivery over kept connections, mark it; until nothing is due or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from creation.models import Channel, Delivery, Holiday
from creation.notices import channels
from creation.notices.channels import Answered, Outcome, OutgoingMessage
from creation.notices.dispatch import leases, message_text, outcomes
from creation.notices.dispatch.routing import is_quiet

TIME_BUDGET = timedelta(seconds=45)  # of one run; the next starts within a minute
BATCH_SIZE = 50  # deliveries per lease: at most so many are flagged if their sender dies


@dataclass
class DispatchRun:
    """The senders of one run, and the channels whose connection failed."""

    now: Callable[[], datetime]
    started: datetime
    senders: dict[int, channels.Sender] = field(default_factory=dict)
    failed_channels: set[int] = field(default_factory=set)

    @property
    def is_out_of_time(self) -> bool:
        return self.now() - self.started >= TIME_BUDGET

    def sender(self, outlet: Channel) -> channels.Sender:
        if outlet.pk not in self.senders:
            self.senders[outlet.pk] = channels.open_sender(outlet)
        return self.senders[outlet.pk]

    def close(self) -> None:
        for each in self.senders.values():
            each.close()


def dispatch_due(now: Callable[[], datetime]) -> int:
    """Send due deliveries until the time is up, and return the number attempted. Sends nothing in quiet hours."""
    run, count = DispatchRun(now, now()), 0
    if is_quiet(run.started, Holiday.objects.calendar()):
        return 0
    try:
        while not run.is_out_of_time and (due := _due(run)).exists():
            count += _send_batch(leases.claim_deliveries(due[:BATCH_SIZE], now()), run)
    finally:
        run.close()
    return count


def _due(run: DispatchRun) -> QuerySet[Delivery, int]:
    rows = Delivery.objects.claimable(run.now()).exclude(outlet__in=run.failed_channels)
    return rows.order_by("next_try_at", "pk").values_list("pk", flat=True)


def _send_batch(claimed: list[Delivery], run: DispatchRun) -> int:
    """Send a batch and return the number attempted. The others are released in any case."""
    waiting = {each.pk: each for each in claimed}
    try:
        written = message_text.build_messages(claimed, run.now())
        for each in claimed:
            if run.is_out_of_time:
                break
            if each.outlet_id not in run.failed_channels:
                del waiting[each.pk]
                _send_one(each, written[each.pk], run)
    finally:
        leases.release_unsent(waiting.values())
    return len(claimed) - len(waiting)


def _send_one(delivery: Delivery, message: OutgoingMessage | str, run: DispatchRun) -> None:
    if isinstance(message, str):
        outcomes.cancel(delivery, message)
        return
    assert delivery.outlet is not None  # noqa: S101 - claimable asks for it
    try:
        outcome = run.sender(delivery.outlet).send(message)
    except ValueError as error:
        outcome = Outcome(Answered.LATER, str(error), is_disconnected=True)
    outcomes.record_outcome(delivery, outcome, run.now())
    if outcome.is_disconnected and outcome.answered != Answered.UNKNOWN:
        run.failed_channels.add(delivery.outlet.pk)
