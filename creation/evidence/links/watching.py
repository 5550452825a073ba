"""The round of the clock: whatever link is due is opened, what was seen is kept, a dead one is told to its owner once.

A row is claimed by moving its next look into the future before the network is touched: two workers never open the same link, and
a worker that dies leaves it for a quarter of an hour.
"""

from datetime import datetime, timedelta

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor, shorten
from creation.background.report import Clock
from creation.evidence.links import fetching, reading, verdicts
from creation.evidence.links.fetching import Answer, NotFetched
from creation.evidence.links.verdicts import Record, Verdict
from creation.models import Citation, EvidenceVersion, LinkState, LinkWatch, NoticeKind
from creation.people import hearers

LEASE = timedelta(minutes=15)
BUDGET = timedelta(seconds=40)  # of one round; the next comes within a minute
BATCH = 20
PROOF = timedelta(hours=24)  # an answer so young shows that there is a way out


def enlist(now: datetime) -> int:
    """A watch for every link that has none yet, due at once."""
    links = EvidenceVersion.objects.filter(watch=None).exclude(url="")
    made = LinkWatch.objects.bulk_create(
        [LinkWatch(version=version, next_at=now) for version in links[:500]], ignore_conflicts=True
    )
    return len(made)


def look_at_due(clock: Clock) -> int:
    """Open what is due, for as long as a round may take. Gives how many were opened."""
    begun, opened = clock(), 0
    enlist(begun)
    for watch in list(LinkWatch.objects.due(begun).select_related("version__evidence__unit")[:BATCH]):
        if clock() - begun > BUDGET:
            break
        if _claimed(watch, clock()):
            look_at(watch, clock)
            opened += 1
    return opened


def _claimed(watch: LinkWatch, now: datetime) -> bool:
    return bool(LinkWatch.objects.filter(pk=watch.pk, next_at=watch.next_at).update(next_at=now + LEASE))


def look_at(watch: LinkWatch, clock: Clock) -> None:
    came = _came(watch.version.url)
    seen = reading.read(came) if isinstance(came, Answer) else reading.Seen()
    now = clock()
    with transaction.atomic():
        held = LinkWatch.objects.select_for_update(of=("self",), no_key=True).get(pk=watch.pk)
        before = Record(held.state, held.failures, held.failing_since)
        verdict = verdicts.judged(before, came, has_way_out(watch.version.url, now), now)
        _write(held, verdict, came, now)
        if verdict.state == LinkState.ALIVE:
            _keep(held, seen, now)
        held.save()
        if held.state == LinkState.DEAD and held.told_at is None:
            _tell(held, Actor(None, now))


def _came(url: str) -> Answer | NotFetched:
    try:
        return fetching.fetch(url)
    except NotFetched as nothing:
        return nothing


def has_way_out(url: str, now: datetime) -> bool:
    """Has another site answered lately? An operator's inner host says nothing about the way to the world, nor the other way round."""
    try:
        mine = str(fetching.place_of(url))
    except (NotFetched, ValueError):
        return False
    answered = LinkWatch.objects.filter(answered_at__gte=now - PROOF).exclude(place=mine)
    inner = fetching.is_allowed_by_operator(mine)
    return any(
        fetching.is_allowed_by_operator(place) == inner for place in set(answered.values_list("place", flat=True))
    )


def _write(held: LinkWatch, verdict: Verdict, came: Answer | NotFetched, now: datetime) -> None:
    held.state, held.said = verdict.state, shorten(verdict.said, 200)
    held.failures, held.failing_since = verdict.failures, verdict.failing_since
    held.checked_at, held.next_at = now, now + verdict.again
    held.status = came.status if isinstance(came, Answer) else None
    if isinstance(came, Answer):
        held.answered_at, held.place = now, came.place[:270]
    if verdict.state == LinkState.ALIVE:
        held.good_at, held.told_at = now, None


def _keep(held: LinkWatch, seen: reading.Seen, now: datetime) -> None:
    """The first text is kept as what was seen; that it reads otherwise now is noted."""
    if held.seen_at is None:
        held.title, held.published_on, held.text, held.seen_at = seen.title, seen.day, seen.text, now
    elif seen.text and held.text and seen.text != held.text:
        held.changed_at = now


def _tell(watch: LinkWatch, actor: Actor) -> None:
    """The people of the unit's tasks that cite it; where none does, who entered it."""
    evidence = watch.evidence
    cited = Citation.objects.live().filter(evidence=evidence, task__unit=evidence.unit_id, task__dropped_on=None)
    first = cited.select_related("task__campaign", "task__owner", "number").order_by("task").first()
    name = f"{first.number} {evidence}" if first else str(evidence)
    text = f"链接已失效：{name}。{watch.said}请更换链接，或上传网页截图作为补充。"
    people = hearers.liaisons(first.task, actor) if first else []
    for person in people or [evidence.created_by]:
        if person.is_active:
            slot = f"{watch.failing_since:%Y-%m-%d %H:%M}"
            task = first.task if first else None
            trail.notify(person, NoticeKind.LINK, text, actor, subject=f"link/{watch.pk}", slot=slot, task=task)
    LinkWatch.objects.filter(pk=watch.pk).update(told_at=actor.at)


def ask_again(watch: LinkWatch, actor: Actor) -> None:
    """Somebody wants to know now."""
    with transaction.atomic():
        LinkWatch.objects.filter(pk=watch.pk, next_at__gt=actor.at).update(next_at=actor.at)
        trail.audit(actor, "link.again", watch.evidence)
