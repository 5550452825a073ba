"""The scheduled check of links: opens every link that is due, stores what it shows, and notifies the owner once if it is dead.

A row is claimed by moving its next check into the future before the request. So two workers never open the same link, and if a
worker dies, the link is checked again after a quarter of an hour.
"""

from datetime import datetime, timedelta

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.background.job_context import Clock
from creation.evidence.links import fetching, link_status, page_content
from creation.evidence.links.fetching import FetchedPage, FetchError
from creation.evidence.links.link_status import LinkRecord, LinkStatus
from creation.lib.strings import shorten
from creation.models import Citation, EvidenceVersion, LinkState, LinkWatch, NoticeKind
from creation.people import notifications, recipients

CHECK_LEASE = timedelta(minutes=15)
TIME_BUDGET = timedelta(seconds=40)  # of one run; the next starts within a minute
BATCH_SIZE = 20
ONLINE_PROOF_AGE = timedelta(hours=24)  # a response not older than this proves that this site has Internet access


def create_watches(now: datetime) -> int:
    """Create a watch, due at once, for links that have none yet. Return the number."""
    links = EvidenceVersion.objects.filter(watch=None).exclude(url="")
    made = LinkWatch.objects.bulk_create(
        [LinkWatch(version=version, next_at=now) for version in links[:500]], ignore_conflicts=True
    )
    return len(made)


def check_due(clock: Clock) -> int:
    """Check due links until the time is up. Return the number."""
    begun, opened = clock(), 0
    create_watches(begun)
    for watch in list(LinkWatch.objects.due(begun).select_related("version__evidence__unit")[:BATCH_SIZE]):
        if clock() - begun > TIME_BUDGET:
            break
        if _claim(watch, clock()):
            check_link(watch, clock)
            opened += 1
    return opened


def _claim(watch: LinkWatch, now: datetime) -> bool:
    return bool(LinkWatch.objects.filter(pk=watch.pk, next_at=watch.next_at).update(next_at=now + CHECK_LEASE))


def check_link(watch: LinkWatch, clock: Clock) -> None:
    answer = _fetch(watch.version.url)
    content = page_content.read_page(answer) if isinstance(answer, FetchedPage) else page_content.PageContent()
    now = clock()
    with transaction.atomic():
        locked = LinkWatch.objects.select_for_update(of=("self",), no_key=True).get(pk=watch.pk)
        record = LinkRecord(locked.state, locked.failures, locked.failing_since)
        status = link_status.assess(record, answer, is_online(watch.version.url, now), now)
        _apply_status(locked, status, answer, now)
        if status.state == LinkState.ALIVE:
            _keep_content(locked, content, now)
        locked.save()
        if locked.state == LinkState.DEAD and locked.told_at is None:
            _notify(locked, Actor(None, now))


def _fetch(url: str) -> FetchedPage | FetchError:
    try:
        return fetching.fetch(url)
    except FetchError as nothing:
        return nothing


def is_online(url: str, now: datetime) -> bool:
    """Return whether another site responded recently. An internal host does not prove Internet access, nor the reverse."""
    try:
        own_endpoint = str(fetching.parse_endpoint(url))
    except (FetchError, ValueError):
        return False
    answered = LinkWatch.objects.filter(answered_at__gte=now - ONLINE_PROOF_AGE).exclude(place=own_endpoint)
    is_internal = fetching.is_allowed_by_operator(own_endpoint)
    return any(
        fetching.is_allowed_by_operator(place) == is_internal for place in set(answered.values_list("place", flat=True))
    )


def _apply_status(locked: LinkWatch, status: LinkStatus, answer: FetchedPage | FetchError, now: datetime) -> None:
    locked.state, locked.said = status.state, shorten(status.message, 200)
    locked.failures, locked.failing_since = status.failures, status.failing_since
    locked.checked_at, locked.next_at = now, now + status.recheck_after
    locked.status = answer.status if isinstance(answer, FetchedPage) else None
    if isinstance(answer, FetchedPage):
        locked.answered_at, locked.place = now, answer.endpoint[:270]
    if status.state == LinkState.ALIVE:
        locked.good_at, locked.told_at = now, None


def _keep_content(locked: LinkWatch, content: page_content.PageContent, now: datetime) -> None:
    """Store the first text found. If the text differs later, only record that."""
    if locked.seen_at is None:
        locked.title, locked.published_on, locked.text, locked.seen_at = content.title, content.day, content.text, now
    elif content.text and locked.text and content.text != locked.text:
        locked.changed_at = now


def _notify(watch: LinkWatch, actor: Actor) -> None:
    """Notify the people of the unit's tasks that cite the link; if none does, the person who entered it."""
    evidence = watch.evidence
    cited = Citation.objects.counting().filter(evidence=evidence, task__unit=evidence.unit_id, task__dropped_on=None)
    first = cited.select_related("task__campaign", "task__owner", "number").order_by("task").first()
    name = f"{first.number} {evidence}" if first else str(evidence)
    text = f"链接已失效：{name}。{watch.said}请更换链接，或上传网页截图作为补充。"
    people = recipients.liaisons(first.task, actor) if first else []
    for person in people or [evidence.created_by]:
        if person.is_active:
            dedup_key = f"{watch.failing_since:%Y-%m-%d %H:%M}"
            task = first.task if first else None
            notifications.notify(
                person,
                NoticeKind.LINK,
                text,
                actor,
                subject=f"link/{watch.pk}",
                dedup_key=dedup_key,
                task=task,
                evidence=evidence,
            )
    LinkWatch.objects.filter(pk=watch.pk).update(told_at=actor.at)


def request_check(watch: LinkWatch, actor: Actor) -> None:
    """Make the link due now, at a person's request."""
    with transaction.atomic():
        LinkWatch.objects.filter(pk=watch.pk, next_at__gt=actor.at).update(next_at=actor.at)
        audit_log.record(actor, "link.again", watch.evidence)
