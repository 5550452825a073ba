"""The inbox as people read it: by day; within a day one entry for each task, and many entries of one routine kind under one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone

from creation.models import Notice, NoticeKind

ROUTINE = {NoticeKind.REMINDER, NoticeKind.APPROVED, NoticeKind.ASSIGNED}
FOLD_FROM = 3  # entries of a routine kind on one day


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """The notices of one task on one day, newest first. A notice about anything else stands alone."""

    newest: Notice
    earlier: list[Notice]


@dataclass(frozen=True, slots=True)
class NoticeBundle:
    """The entries of one kind on one day if the kind is routine, otherwise a single entry."""

    kind: NoticeKind
    groups: list[NoticeGroup]

    @property
    def is_folded(self) -> bool:
        return len(self.groups) >= FOLD_FROM


@dataclass(frozen=True, slots=True)
class NoticeDay:
    day: date
    is_unread: bool
    bundles: list[NoticeBundle]

    @property
    def groups(self) -> list[NoticeGroup]:
        return [group for bundle in self.bundles for group in bundle.groups]


def by_day(notices: Iterable[Notice]) -> list[NoticeDay]:
    """Group notices that ``for_inbox`` has ordered: the days of the unread ones, then the days of the others."""
    return [
        NoticeDay(day, is_unread, _by_kind(_by_task(list(found))))
        for (is_unread, day), found in groupby(notices, lambda each: (each.read_at is None, _day_of(each)))
    ]


def _by_task(notices: list[Notice]) -> list[NoticeGroup]:
    groups: dict[tuple[str, int], NoticeGroup] = {}
    for notice in notices:
        key = ("task", notice.task_id) if notice.task_id else ("notice", notice.pk)
        if key in groups:
            groups[key].earlier.append(notice)
        else:
            groups[key] = NoticeGroup(notice, [])
    return list(groups.values())


def _by_kind(groups: list[NoticeGroup]) -> list[NoticeBundle]:
    bundles: dict[tuple[str, int], NoticeBundle] = {}
    for group in groups:
        kind = NoticeKind(group.newest.kind)
        key = (kind, 0 if kind in ROUTINE else group.newest.pk)
        bundles.setdefault(key, NoticeBundle(kind, [])).groups.append(group)
    return list(bundles.values())


def _day_of(notice: Notice) -> date:
    return timezone.localtime(notice.created_at).date()
