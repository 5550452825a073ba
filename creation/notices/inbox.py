"""The inbox as people read it: by day; within a day one entry for each task, and many entries of one routine kind under one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone

from creation.models import Notice, NoticeKind
from creation.models.notice import NoticeQuerySet

ROUTINE = {NoticeKind.REMINDER, NoticeKind.APPROVED, NoticeKind.ASSIGNED}
FOLD_FROM = 3  # entries of a routine kind on one day
Totals = Mapping[tuple[bool, date, NoticeKind], int]  # (whether they are unread, day, kind) → entries


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """The notices of one task on one day, newest first. A notice about anything else stands alone."""

    newest: Notice
    earlier: list[Notice]


@dataclass(frozen=True, slots=True)
class NoticeBundle:
    """The entries of one kind on one day if the kind is routine, otherwise a single entry.

    ``groups`` are the entries on this page; ``total`` counts those of other pages too.
    """

    kind: NoticeKind
    groups: list[NoticeGroup]
    total: int

    @property
    def is_folded(self) -> bool:
        return self.total >= FOLD_FROM


@dataclass(frozen=True, slots=True)
class NoticeDay:
    day: date
    is_unread: bool
    bundles: list[NoticeBundle]

    @property
    def groups(self) -> list[NoticeGroup]:
        return [group for bundle in self.bundles for group in bundle.groups]


def by_day(notices: Iterable[Notice], totals: Totals | None = None) -> list[NoticeDay]:
    """Group notices that ``for_inbox`` has ordered: the days of the unread ones, then the days of the others.

    ``totals``: the entries of the bundles that are not complete in ``notices``.
    """
    found: list[NoticeDay] = []
    for (is_unread, day), rows in groupby(notices, lambda each: (each.read_at is None, _day_of(each))):
        bundles = [
            NoticeBundle(kind, groups, (totals or {}).get((is_unread, day, kind), len(groups)))
            for kind, groups in _by_kind(_by_task(list(rows)))
        ]
        found.append(NoticeDay(day, is_unread, bundles))
    return found


def part_by_day(part: Iterable[Notice], everything: NoticeQuerySet) -> list[NoticeDay]:
    """Group a page of ``everything``. A bundle that continues on another page has the ``total`` of both."""
    notices = list(part)
    cut = {_day_of(each) for each in notices[:1] + notices[-1:]}
    rows = everything.filter(created_at__date__in=cut).for_inbox().only("task", "kind", "created_at", "read_at")
    totals = {
        (each.is_unread, each.day, bundle.kind): bundle.total
        for each in by_day(rows)
        for bundle in each.bundles
        if bundle.kind in ROUTINE
    }
    return by_day(notices, totals)


def _by_task(notices: list[Notice]) -> list[NoticeGroup]:
    groups: dict[tuple[str, int], NoticeGroup] = {}
    for notice in notices:
        key = ("task", notice.task_id) if notice.task_id else ("notice", notice.pk)
        if key in groups:
            groups[key].earlier.append(notice)
        else:
            groups[key] = NoticeGroup(notice, [])
    return list(groups.values())


def _by_kind(groups: list[NoticeGroup]) -> list[tuple[NoticeKind, list[NoticeGroup]]]:
    bundles: dict[tuple[NoticeKind, int], list[NoticeGroup]] = {}
    for group in groups:
        kind = NoticeKind(group.newest.kind)
        bundles.setdefault((kind, 0 if kind in ROUTINE else group.newest.pk), []).append(group)
    return [(kind, found) for (kind, _), found in bundles.items()]


def _day_of(notice: Notice) -> date:
    return timezone.localtime(notice.created_at).date()
