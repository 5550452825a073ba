"""A task whose answer was returned again and again: from the second time on, the office may make it a finding (列为问题)."""

from django.db.models import Exists, QuerySet

from creation.lib.prepared import prepared
from creation.models import Finding, Review, ReviewVerdict, Task

ENOUGH = 2  # returns


def returns_of(task: Task) -> list[Review]:
    """Return the reviews that returned the task's answers, the last first."""
    returned = Review.objects.filter(submission__task=task, verdict=ReviewVerdict.RETURN)
    return list(returned.order_by("-created_at", "-pk"))


def offers_finding(task: Task) -> bool:
    """Return whether making it a finding is to be offered: returned twice, and no finding in force was made of it."""
    if task.is_rectification or not task.campaign.is_open:
        return False
    return len(_returns_without_finding(task)) >= ENOUGH


@prepared
def _returns_without_finding(task: Task) -> QuerySet[Review, Review]:
    returned = Review.objects.filter(submission__task=task, verdict=ReviewVerdict.RETURN)
    return returned.exclude(Exists(Finding.objects.active().filter(task=task)))
