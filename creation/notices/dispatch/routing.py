"""Decides who is written to, through which channel, and when."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.utils import timezone

from creation.models import Channel, ChannelKind, Delivery, Digest, Preference, Rhythm, Urgency, User
from creation.models.channel import RHYTHMS
from creation.notices.channels.messages import domain
from creation.rules.deadlines import Workdays

FIRST_HOUR, LAST_HOUR = 8, 21  # local hours in which messages are sent, on workdays
DAILY_HOUR = 9


def build_deliveries(digests: Iterable[Digest], at: datetime, calendar: Workdays) -> list[Delivery]:
    """Return the unsaved outside deliveries of these digests."""
    unsaved = list(digests)
    people = User.objects.filter(pk__in={each.person_id for each in unsaved}).select_related("unit")
    people_by_key = {person.pk: person for person in people}
    preferences = {
        preference.person_id: preference
        for preference in Preference.objects.filter(person__in=people_by_key).prefetch_related("channels")
    }
    channels = list(Channel.objects.filter(enabled=True))
    return [
        _build_delivery(
            digest, people_by_key[digest.person_id], channel, preferences.get(digest.person_id), at, calendar
        )
        for digest in unsaved
        for channel in channels
        if _applies_to(channel, people_by_key[digest.person_id], preferences.get(digest.person_id))
    ]


def _applies_to(channel: Channel, person: User, preference: Preference | None) -> bool:
    """Return whether the person is written to through the channel.

    The default is every e-mail channel; without an address, only the inbox.
    """
    if person.unit is None or person.unit.district_id != channel.district_id:
        return False
    if channel.kind == ChannelKind.SMTP and not person.email:
        return False
    if channel.kind == ChannelKind.SMS and not person.mobile:
        return False
    if channel.required:
        return True
    return channel in preference.channels.all() if preference else channel.kind == ChannelKind.SMTP


def _build_delivery(
    digest: Digest, person: User, channel: Channel, preference: Preference | None, at: datetime, calendar: Workdays
) -> Delivery:
    rhythm = min(preference.rhythm if preference else Rhythm.AT_ONCE, channel.slowest, key=RHYTHMS.index)
    return Delivery(
        digest=digest,
        channel=channel.key,
        outlet=channel,
        address=person.email if channel.kind == ChannelKind.SMTP else person.masked_mobile,
        message_id=f"<{uuid4().hex}.{channel.pk}@{domain()}>",
        next_try_at=due_at(Rhythm(rhythm), digest.urgency == Urgency.AT_ONCE, at, calendar),
    )


def due_at(rhythm: Rhythm, is_urgent: bool, at: datetime, calendar: Workdays) -> datetime:
    """Return when a digest made at ``at`` is sent: now, the next morning, or on Monday."""
    today = timezone.localdate(at)
    if rhythm == Rhythm.WEEKLY:
        monday = today - timedelta(days=today.weekday())
        days = [calendar.on_or_after(monday + timedelta(weeks=n)) for n in (0, 1)]
        day = next(each for each in days if each >= today)
        return max(at, _morning(day))
    if rhythm == Rhythm.DAILY and is_urgent:
        return next(
            morning for n in (0, 1) if (morning := _morning(calendar.on_or_after(today + timedelta(days=n)))) >= at
        )
    return at


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(DAILY_HOUR)))


def is_quiet(at: datetime, calendar: Workdays) -> bool:
    local = timezone.localtime(at)
    return not (calendar.is_workday(local.date()) and FIRST_HOUR <= local.hour < LAST_HOUR)
