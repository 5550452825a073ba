"""Rectifications as a list: the tasks of findings, with what the inspection group needs to see of each."""

from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from creation.models import Campaign, Task, TaskEvent, TaskStatus, User
from creation.tasks.rectification_figures import RELAPSE


def visible_rectifications(campaign: Campaign, user: User, today: date, soon: date) -> Any:
    """Return the rectifications that this person may see, annotated for every filter and column of the list."""
    rows = Task.objects.visible_to(user).rectifications().filter(campaign=campaign)
    return with_relapses(rows.for_table().with_light(today, soon).with_counts())


def with_relapses(tasks: Any) -> Any:
    """Annotate ``relapses``: how often the problem came back after it was closed (反弹)."""
    events = TaskEvent.objects.filter(task=OuterRef("pk"), move=RELAPSE).order_by().values("task")
    counted = Subquery(events.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return tasks.annotate(relapses=Coalesce(counted, 0))


def in_order(tasks: Any) -> Any:
    """Order by finding and unit, what is not closed (未销号) first, as the ledger of rectification does."""
    closed = Case(When(status=TaskStatus.APPROVED, then=1), default=0)
    return tasks.order_by(closed, "finding__serial", "unit__order", "pk")
