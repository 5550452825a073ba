"""The inbox as people read it: by day, and within a day one entry for each task, however often it was spoken of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone

from creation.models import Notice


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """The notices of one task on one day, newest first. A notice about anything else stands alone."""

    newest: Notice
    earlier: list[Notice]


@dataclass(frozen=True, slots=True)
class NoticeDay:
    day: date
    is_unread: bool
    groups: list[NoticeGroup]


def by_day(notices: Iterable[Notice]) -> list[NoticeDay]:
    """Group notices that ``for_inbox`` has ordered: the days of the unread ones, then the days of the others."""
    return [
        NoticeDay(day, is_unread, _by_task(list(found)))
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


def _day_of(notice: Notice) -> date:
    return timezone.localtime(notice.created_at).date()
