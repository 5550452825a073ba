"""Leases on deliveries, which expire by themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, When

from creation.models import Delivery, DeliveryState, Digest, User

LEASE = timedelta(minutes=5)  # longer than a run and its last message


@transaction.atomic
def claim_deliveries(wanted: Iterable[int], at: datetime) -> list[Delivery]:
    """Lease deliveries until ``lease_until`` and return them with channel and person, one per person and channel, sorted by channel.

    The first transaction to lock the rows gets them; a queryset is evaluated inside it. A first attempt also carries the
    person's other deliveries that are due through this channel.
    """
    keys = list(wanted)
    people = User.objects.filter(pk__in=Digest.objects.filter(deliveries__in=keys).values("person"))
    list(people.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    claimed = _first_per_recipient(keys, at)
    expired_lease = When(lease_until__isnull=False, then=True)
    Delivery.objects.filter(pk__in=[each.pk for each in claimed]).update(
        lease_until=at + LEASE, attempts=F("attempts") + 1, doubtful=Case(expired_lease, default=F("doubtful"))
    )
    _merge_waiting([each for each in claimed if not each.attempts], at)
    for each in claimed:
        each.doubtful = each.doubtful or each.lease_until is not None
        each.lease_until, each.attempts = at + LEASE, each.attempts + 1
    return claimed


def _first_per_recipient(keys: list[int], at: datetime) -> list[Delivery]:
    rows = Delivery.objects.claimable(at).filter(pk__in=keys).select_for_update(of=("self",))
    found: dict[tuple[int, int | None], Delivery] = {}
    for each in rows.select_related("outlet", "digest__person").order_by("outlet", "next_try_at", "pk"):
        found.setdefault((each.digest.person_id, each.outlet_id), each)
    return list(found.values())


def _merge_waiting(firsts: list[Delivery], at: datetime) -> None:
    carrier_by_recipient = {(each.digest.person_id, each.outlet_id): each for each in firsts}
    people = {person for person, _ in carrier_by_recipient}
    others = Delivery.objects.claimable(at).filter(attempts=0, digest__person__in=people).select_related("digest")
    merged = [each for each in others if (each.digest.person_id, each.outlet_id) in carrier_by_recipient]
    for each in merged:
        each.state, each.carried_by = DeliveryState.CARRIED, carrier_by_recipient[each.digest.person_id, each.outlet_id]
    if merged:
        Delivery.objects.bulk_update(merged, ["state", "carried_by"])


def release_unsent(claimed: Iterable[Delivery]) -> None:
    """Release leased deliveries that were not attempted."""
    for each in claimed:
        lease = Delivery.objects.filter(pk=each.pk, lease_until=each.lease_until)
        lease.update(lease_until=None, attempts=F("attempts") - 1)
