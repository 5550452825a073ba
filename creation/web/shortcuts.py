"""What every view begins with: who acts and when, and the object as far as this person may know of it."""

from datetime import date

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from creation import access
from creation.audit.actor import Actor
from creation.models import Campaign, Holiday, Task, User
from creation.rules.deadlines import YELLOW_WORKDAYS
from creation.rules.policy import Permission


def current_user(request: HttpRequest) -> User:
    """The logged-in person; LoginRequiredMiddleware has turned strangers away."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker what the middleware guarantees
    return request.user


def current_actor(request: HttpRequest) -> Actor:
    """The clock is read here and nowhere further in."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(user, timezone.now(), request.META.get("REMOTE_ADDR", ""))


def campaign_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    return get_object_or_404(
        Campaign.objects.visible_to(current_user(request)).select_related("district", "host", "system"), pk=campaign_id
    )


def task_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    """404 also where the task stands in another campaign than the address says."""
    today = timezone.localdate()
    seen = Task.objects.visible_to(current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table().with_urges().with_light(today, last_yellow_day(today)), pk=pk)


def last_yellow_day(today: date) -> date:
    """The last day that shows yellow."""
    return Holiday.objects.calendar().shift(today, YELLOW_WORKDAYS)


MANAGE_CAMPAIGN = Permission.CAMPAIGN_MANAGE


def managed_campaign_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    """404 for a campaign one may not know of, then 403 for who may not manage it."""
    campaign = campaign_or_404(request, campaign_id)
    access.require(current_user(request), MANAGE_CAMPAIGN, campaign)
    return campaign
