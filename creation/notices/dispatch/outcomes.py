"""Records the outcome of an attempt in the delivery's row."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from creation.lib.refusals import Refusal
from creation.lib.strings import shorten
from creation.models import ChannelKind, Delivery, DeliveryState, Digest
from creation.models.notice import DeliveryQuerySet
from creation.notices.channels import Answered, Outcome

BACKOFF_MINUTES = (1, 5, 15, 60, 240, 720)  # minutes until the next attempt; after the last one the delivery has failed


def record_outcome(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    doubtful = delivery.doubtful or outcome.answered == Answered.UNKNOWN
    if outcome.answered == Answered.SENT:
        _update_claimed(delivery, outcome.answer, state=DeliveryState.SENT, sent_at=at)
    elif outcome.answered == Answered.REFUSED or delivery.attempts > len(BACKOFF_MINUTES):
        _update_claimed(delivery, outcome.answer, state=DeliveryState.FAILED, doubtful=doubtful)
    else:
        again = at + timedelta(minutes=BACKOFF_MINUTES[delivery.attempts - 1])
        _update_claimed(delivery, outcome.answer, next_try_at=again, doubtful=doubtful)


def cancel(delivery: Delivery, why: str) -> None:
    _update_claimed(delivery, why, state=DeliveryState.STOPPED)


def _update_claimed(delivery: Delivery, answer: str, **values: object) -> None:
    """Update the row if the lease is still this one; an older lease that expired changes nothing."""
    claimed = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, lease_until=delivery.lease_until)
    claimed.update(**values, answer=shorten(answer), lease_until=None)


def retry(delivery: Delivery, at: datetime) -> None:
    """Retry a failed delivery with the same Message-ID and the person's current address. Raises Refusal."""
    person = delivery.digest.person
    is_mail = delivery.outlet is not None and delivery.outlet.kind == ChannelKind.SMTP
    if delivery.outlet is None or not delivery.outlet.enabled:
        raise Refusal("该渠道已停用，不能重试：请先启用渠道，或当面告知。")
    if is_mail and not person.email:
        raise Refusal(f"{person.name}没有填写电子邮箱，不能重试：请先在账号中补填邮箱。")
    again = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED).update(
        state=DeliveryState.WAITING,
        attempts=0,
        next_try_at=at,
        lease_until=None,
        address=person.email if is_mail else delivery.address,
    )
    if not again:
        raise Refusal("该投递已在重试或已送达，无需再试。")


def retry_all(rows: DeliveryQuerySet, at: datetime) -> int:
    """Retry the failed deliveries in ``rows`` for which ``retry`` is possible; return their number."""
    failed = rows.filter(state=DeliveryState.FAILED, outlet__enabled=True).order_by()
    mails = failed.filter(outlet__kind=ChannelKind.SMTP).exclude(digest__person__email="").values("pk")
    others = failed.exclude(outlet__kind=ChannelKind.SMTP).values("pk")
    email = Digest.objects.filter(pk=OuterRef("digest")).values("person__email")
    fresh: dict[str, Any] = {"state": DeliveryState.WAITING, "attempts": 0, "next_try_at": at, "lease_until": None}
    waiting = Delivery.objects.filter(pk__in=mails).update(address=Subquery(email), **fresh)
    return waiting + Delivery.objects.filter(pk__in=others).update(**fresh)
