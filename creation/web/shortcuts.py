"""Shortcuts for views: the acting person, and objects that this person may see."""

from datetime import date
from typing import Any, cast

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from creation import access
from creation.audit.actor import Actor
from creation.models import Campaign, Commendation, Task, User
from creation.rules.deadlines import YELLOW_WORKDAYS, Workdays
from creation.rules.policy import Permission
from creation.web import reference

KEY_DIGITS = 18  # a key with more cannot be in the database; of thousands of digits Python makes no number at all


def key_of(text: str | None) -> int:
    """Return the key or version that a request names, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else 0


def keys_of(request: HttpRequest, name: str) -> list[int]:
    """Return the keys that a form sends under this name."""
    return [key for each in request.POST.getlist(name) if (key := key_of(each))]


def current_user(request: HttpRequest) -> User:
    """Return the logged-in person. PageLoginRequiredMiddleware has already refused anonymous requests."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker what the middleware guarantees
    return request.user


def current_actor(request: HttpRequest) -> Actor:
    """Return the actor. The current time is read here and passed on to the verbs."""
    user = request.user if isinstance(request.user, User) else None
    return Actor(user, timezone.now(), request.META.get("REMOTE_ADDR", ""))


def visible_campaigns(request: HttpRequest, **facts: Any) -> list[Campaign]:
    """Return the campaigns that the person may see, the newest year first, annotated for the menu, which lists them too. Read once a
    request. ``facts``: further annotations, for a page that shows them.
    """
    if not hasattr(request, "visible_campaigns"):
        seen = Campaign.objects.visible_to(current_user(request)).select_related("district", "host", "system")
        seen = seen.annotate(has_commendations=Exists(Commendation.objects.filter(campaign=OuterRef("pk"))), **facts)
        request.visible_campaigns = list(seen.order_by("-year", "pk"))  # type: ignore[attr-defined]
    return cast(list[Campaign], request.visible_campaigns)  # type: ignore[attr-defined]


def campaign_or_404(request: HttpRequest, campaign_id: int, **facts: Any) -> Campaign:
    found = next((each for each in visible_campaigns(request, **facts) if each.pk == campaign_id), None)
    if found is None:
        raise Http404
    return found


def task_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    """Return a visible task. 404 also if the task is in another campaign than the URL says."""
    today = timezone.localdate()
    seen = Task.objects.visible_to(current_user(request)).filter(campaign=campaign_id)
    soon = last_yellow_day(request, today)
    return get_object_or_404(seen.for_table().with_urges().with_visits().with_light(today, soon), pk=pk)


def workdays(request: HttpRequest) -> Workdays:
    """Return the calendar of workdays, read once a request at most."""
    if not hasattr(request, "workdays"):
        request.workdays = reference.workdays(request)  # type: ignore[attr-defined]
    return cast(Workdays, request.workdays)  # type: ignore[attr-defined]


def last_yellow_day(request: HttpRequest, today: date) -> date:
    """Return the last due day that is shown as yellow."""
    return workdays(request).shift(today, YELLOW_WORKDAYS)


MANAGE_CAMPAIGN = Permission.CAMPAIGN_MANAGE


def managed_campaign_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    """Return the campaign. 404 if the person may not see it, 403 if the person may not manage it."""
    campaign = campaign_or_404(request, campaign_id)
    access.require(current_user(request), MANAGE_CAMPAIGN, campaign)
    return campaign
