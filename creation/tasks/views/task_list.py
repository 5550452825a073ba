"""The tasks of a campaign as a list, with filters and sortable columns."""

from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.lib.prepared import prepared
from creation.models import Campaign, Task, User
from creation.models.task import TaskQuerySet
from creation.rules.policy import Permission
from creation.tasks import pending_reviews
from creation.tasks.filters import Holder, Offers, TaskFilter, holders, offers_of
from creation.tasks.tables.tasks import TaskTable
from creation.web import reference, shortcuts
from creation.web.pagination import KeyedRows, filtered_list

SORTS = [("code", "按编号"), ("due_on", "时限近的在前"), ("light", "按亮灯"), ("status", "按状态"), ("unit", "按单位")]


def tasks_of(request: HttpRequest, campaign: Campaign) -> Any:
    """Return the tasks this person may list, annotated for every filter and joined with what a row shows."""
    return _lit_tasks(request, campaign).for_table()


def _lit_tasks(request: HttpRequest, campaign: Campaign) -> TaskQuerySet:
    today = timezone.localdate()
    tasks = _visible_tasks(shortcuts.current_user(request), campaign)
    return tasks.with_light(today, shortcuts.last_yellow_day(request, today))


def _visible_tasks(user: User, campaign: Campaign) -> TaskQuerySet:
    return Task.objects.visible_to(user).of_plan().filter(campaign=campaign)


@prepared
def _holders(user: User, campaign: Campaign) -> QuerySet[Task, Holder]:
    return holders(_visible_tasks(user, campaign))


def _offers(request: HttpRequest, campaign: Campaign) -> Offers:
    """Return the choices of the filter: of what is kept in memory, those that occur in the person's tasks."""
    return offers_of(
        _holders(shortcuts.current_user(request), campaign),
        reference.indicator_choices(request, campaign),
        reference.units(request, campaign),
        reference.phases(request, campaign),
    )


@require_GET
def task_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    user = shortcuts.current_user(request)
    tasks = _lit_tasks(request, campaign)
    one_unit = user.unit_of_all_grants is not None
    found = TaskFilter(request.GET, tasks, campaign=campaign, offers=_offers(request, campaign), one_unit=one_unit)
    may_plan = access.may(user, Permission.TASK_PLAN, campaign)
    may_urge = campaign.is_open and access.may(user, Permission.TASK_URGE, campaign)
    today, calendar = timezone.localdate(), shortcuts.workdays(request)
    read = partial(_rows, today=today, soon=shortcuts.last_yellow_day(request, today))
    rows = KeyedRows(found.qs.in_ledger_order(), read)
    table = TaskTable(rows, today=today, calendar=calendar, picking=may_plan or may_urge)
    context = {
        "campaign": campaign,
        "sorts": [sort for sort in SORTS if sort[0] != "unit" or not one_unit],
        "search_words": "查找要点或编号" if one_unit else "查找要点、编号或单位",
        "asked": _open_request_count(user, campaign),
        "may_plan": may_plan,
        "may_urge": may_urge,
        "may_draft": campaign.is_open and access.may(user, Permission.TASK_DRAFT, campaign),
    }
    names = {"page": "creation/tasks/list.html", "results": "creation/tasks/_results.html"}
    return filtered_list(request, found, table, context, **names)


@prepared
def _rows(keys: list[int], today: date, soon: date) -> QuerySet[Task, Task]:
    rows = Task.objects.filter(pk__in=keys).for_list().with_light(today, soon)
    return rows.with_late().with_counts().with_urges()


def _open_request_count(user: User, campaign: Campaign) -> int:
    """Return the number of requests that await this person's decision."""
    if not access.may(user, Permission.TASK_DECIDE, campaign):
        return 0
    return int(pending_reviews.requests(user, campaign).filter(granted=None).count())
