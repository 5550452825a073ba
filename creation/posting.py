"""Digests on their way to the outside: claimed with a lease, sent, marked. Nothing is lost; what may be there twice is flagged.

The claim is a conditional UPDATE of its own transaction, the mark another. A sender who dies between them leaves a lease behind:
when it has run out the next one sends again, with the same Message-ID, and flags the delivery, for nobody knows what had arrived.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from creation import channels
from creation.channels import Answered, Letter, Outcome
from creation.channels.smtp import domain
from creation.deadlines import Workdays
from creation.models import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Digest,
    Holiday,
    Notice,
    Preference,
    Rhythm,
    Urgency,
    User,
)
from creation.models.channel import RHYTHMS
from creation.trail import shorten

LEASE = timedelta(minutes=5)  # longer than one letter can take
BUDGET = timedelta(seconds=45)  # of one round; the next comes within a minute
BATCH = 100
BACKOFF = (1, 5, 15, 60, 240, 720)  # minutes until the next attempt; after the last one it has failed
OPENING, CLOSING = 8, 21  # local hours between which we write to people, on workdays
DAILY_HOUR = 9
SITE = "法治政府建设示范创建"
INACTIVE = "账号已停用，不再发送。"
EMPTY = "通知已撤销，不再发送。"


class PostRefused(Exception):
    """Carries the sentence for the person who asked."""


# Addressing


def address(digests: Iterable[Digest], at: datetime, calendar: Workdays) -> list[Delivery]:
    """The outside deliveries that these digests of several people need, not saved yet."""
    written = list(digests)
    people = User.objects.filter(pk__in={each.person_id for each in written}).select_related("unit")
    known = {person.pk: person for person in people}
    wishes = {wish.person_id: wish for wish in Preference.objects.filter(person__in=known).prefetch_related("channels")}
    outlets = list(Channel.objects.filter(enabled=True))
    return [
        _addressed(digest, known[digest.person_id], outlet, wishes.get(digest.person_id), at, calendar)
        for digest in written
        for outlet in outlets
        if _reaches(outlet, known[digest.person_id], wishes.get(digest.person_id))
    ]


def _reaches(outlet: Channel, person: User, wish: Preference | None) -> bool:
    """Without a wish: every e-mail channel. A person without an address is told in the inbox alone."""
    if person.unit is None or person.unit.district_id != outlet.district_id:
        return False
    if outlet.kind == ChannelKind.SMTP and not person.email:
        return False
    if outlet.required:
        return True
    return outlet in wish.channels.all() if wish else outlet.kind == ChannelKind.SMTP


def _addressed(
    digest: Digest, person: User, outlet: Channel, wish: Preference | None, at: datetime, calendar: Workdays
) -> Delivery:
    rhythm = min(wish.rhythm if wish else Rhythm.AT_ONCE, outlet.slowest, key=RHYTHMS.index)
    return Delivery(
        digest=digest,
        channel=outlet.key,
        outlet=outlet,
        address=person.email if outlet.kind == ChannelKind.SMTP else person.masked_mobile,
        message_id=f"<{uuid4().hex}.{outlet.pk}@{domain()}>",
        next_try_at=due_at(Rhythm(rhythm), digest.urgency == Urgency.AT_ONCE, at, calendar),
    )


def due_at(rhythm: Rhythm, is_urgent: bool, at: datetime, calendar: Workdays) -> datetime:
    """When a digest made at ``at`` goes out: now, with the next morning's, or with Monday's."""
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
    return not (calendar.is_workday(local.date()) and OPENING <= local.hour < CLOSING)


# Sending


@dataclass
class Round:
    """One round of one worker: its lines, and the channels whose line is down."""

    now: Callable[[], datetime]
    senders: dict[int, channels.Sender] = field(default_factory=dict)
    resting: set[int] = field(default_factory=set)

    def sender(self, outlet: Channel) -> channels.Sender:
        if outlet.pk not in self.senders:
            self.senders[outlet.pk] = channels.sender(outlet)
        return self.senders[outlet.pk]

    def close(self) -> None:
        for each in self.senders.values():
            each.close()


def post_due(now: Callable[[], datetime]) -> int:
    """Send what is due, for as long as a round may take; gives the number of letters that were tried. Nothing in quiet hours."""
    started, count, this = now(), 0, Round(now)
    if is_quiet(started, Holiday.objects.calendar()):
        return 0
    try:
        while rows := list(_due(this)[:BATCH]):
            for each in rows:
                if now() - started >= BUDGET:
                    return count
                if each.outlet_id not in this.resting:
                    count += _post(each, this)
    finally:
        this.close()
    return count


def _due(this: Round) -> QuerySet[Delivery]:
    rows = Delivery.objects.claimable(this.now()).exclude(outlet__in=this.resting)
    return rows.select_related("outlet", "digest__person__unit").order_by("next_try_at", "pk")


def _post(delivery: Delivery, this: Round) -> bool:
    if not claim(delivery, this.now()):
        return False
    letter = letter_of(delivery, this.now())
    if isinstance(letter, str):
        _mark(delivery, state=DeliveryState.STOPPED, answer=letter)
        return True
    assert delivery.outlet is not None  # noqa: S101 - claimable asks for it
    try:
        outcome = this.sender(delivery.outlet).send(letter)
    except ValueError as error:
        outcome = Outcome(Answered.LATER, str(error), line_down=True)
    settle(delivery, outcome, this.now())
    if outcome.line_down and outcome.answered != Answered.UNKNOWN:
        this.resting.add(delivery.outlet.pk)
    return True


@transaction.atomic
def claim(delivery: Delivery, at: datetime) -> bool:
    """Whose UPDATE comes first has it. A first attempt takes along what else is due to the person by this channel."""
    person = delivery.digest.person_id
    User.objects.select_for_update(of=("self",)).filter(pk=person).order_by("pk").values_list("pk").first()
    mine = Delivery.objects.claimable(at).filter(pk=delivery.pk, attempts=delivery.attempts)
    died = delivery.lease_until is not None
    taken = mine.update(lease_until=at + LEASE, attempts=F("attempts") + 1, doubtful=delivery.doubtful or died)
    if taken and not delivery.attempts:
        others = Delivery.objects.claimable(at).filter(digest__person=person, outlet=delivery.outlet_id, attempts=0)
        others.exclude(pk=delivery.pk).update(state=DeliveryState.CARRIED, carried_by=delivery)
    return bool(taken)


def letter_of(delivery: Delivery, at: datetime) -> Letter | str:
    """The letter, or why none is to be sent."""
    person = delivery.digest.person
    carried = Q(digest__deliveries=delivery) | Q(digest__deliveries__carried_by=delivery)
    notices = list(Notice.objects.filter(carried).order_by("at", "pk").distinct())
    if not person.is_active:
        return INACTIVE
    if not notices:
        return EMPTY
    context = {"person": person, "notices": notices, "site": settings.SITE_URL, "contact": settings.OFFICE_CONTACT}
    first = shorten(" ".join(notices[0].text.split()), 60)
    return Letter(
        name=person.name,
        to=delivery.address,
        mobile=person.mobile,
        subject=f"【{SITE}】" + (first if len(notices) == 1 else f"您有 {len(notices)} 条通知"),
        text=render_to_string("creation/mail/digest.txt", context),
        html=render_to_string("creation/mail/digest.html", context),
        brief=f"【{SITE}】{person.name}：您有 {len(notices)} 条通知，请登录查看：{settings.SITE_URL}{reverse('notices')}",
        message_id=delivery.message_id,
        at=at,
    )


def settle(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    tries = delivery.attempts + 1
    if outcome.answered == Answered.SENT:
        _mark(delivery, state=DeliveryState.SENT, sent_at=at, answer=outcome.answer)
    elif outcome.answered == Answered.REFUSED or tries > len(BACKOFF):
        _mark(delivery, state=DeliveryState.FAILED, answer=outcome.answer, doubtful=_doubt(delivery, outcome))
    else:
        again = at + timedelta(minutes=BACKOFF[tries - 1])
        _mark(delivery, next_try_at=again, answer=outcome.answer, doubtful=_doubt(delivery, outcome))


def _doubt(delivery: Delivery, outcome: Outcome) -> bool:
    return delivery.doubtful or delivery.lease_until is not None or outcome.answered == Answered.UNKNOWN


def _mark(delivery: Delivery, **values: object) -> None:
    """Only the latest claim's; an older one whose lease ran out meanwhile has nothing more to say."""
    if "answer" in values:
        values["answer"] = shorten(str(values["answer"]))
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING, attempts=delivery.attempts + 1)
    mine.update(lease_until=None, **values)


def try_again(delivery: Delivery, at: datetime) -> None:
    """A failed one waits anew, with the Message-ID it always had and the address the person has now. Raises PostRefused."""
    person = delivery.digest.person
    is_mail = delivery.outlet is not None and delivery.outlet.kind == ChannelKind.SMTP
    if delivery.outlet is None or not delivery.outlet.enabled:
        raise PostRefused("该渠道已停用，不能重试：请先启用渠道，或当面告知。")
    if is_mail and not person.email:
        raise PostRefused(f"{person.name}没有填写电子邮箱，不能重试：请先在账号中补填邮箱。")
    again = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED).update(
        state=DeliveryState.WAITING,
        attempts=0,
        next_try_at=at,
        lease_until=None,
        address=person.email if is_mail else delivery.address,
    )
    if not again:
        raise PostRefused("该投递已在重试或已送达，无需再试。")
