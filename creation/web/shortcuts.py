"""Shortcuts for views: the acting person, and objects that this person may see."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.utils import timezone

from creation import access
from creation.audit.actor import Actor
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal
from creation.models import Campaign, Commendation, Phase, Task, User
from creation.rules import secrecy
from creation.rules.deadlines import YELLOW_WORKDAYS, Workdays
from creation.rules.policy import Permission
from creation.web import reference
from creation.web.bootstrap_forms import MARKED
from creation.web.request_facts import RequestFact

KEY_DIGITS = 18  # a key with more cannot be in the database; of thousands of digits Python makes no number at all
_VISIBLE_CAMPAIGNS = RequestFact[list[Campaign]]("visible_campaigns")
_WORKDAYS = RequestFact[Workdays]("workdays")


def key_of(text: str | None) -> int:
    """Return the key or version that a request names, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else 0


def keys_of(request: HttpRequest, name: str) -> list[int]:
    """Return the keys that a form sends under this name."""
    return [key for each in request.POST.getlist(name) if (key := key_of(each))]


def typed_text(request: HttpRequest, name: str) -> str:
    """Return what was typed into a field that belongs to no form. Raises Refusal for a mark of secrecy."""
    text = request.POST.get(name, "")
    if marks := secrecy.find_typed_marks(text):
        raise Refusal(MARKED.format(marks="、".join(marks)))
    return text


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

    def read() -> list[Campaign]:
        user = current_user(request)
        return list(_campaigns_of_menu(user).annotate(**facts)) if facts else _prepared_campaigns(user)

    return _VISIBLE_CAMPAIGNS.read_once(request, read)


def _campaigns_of_menu(user: User) -> QuerySet[Campaign, Campaign]:
    seen = Campaign.objects.visible_to(user).select_related("district", "host", "system").order_by("-year", "pk")
    dated = Phase.objects.filter(campaign=OuterRef("pk"), starts__isnull=False).order_by("starts")
    return seen.annotate(
        has_commendations=Exists(Commendation.objects.filter(campaign=OuterRef("pk"))),
        begins=Subquery(dated.values("starts")[:1]),
    )


def begun_first(campaigns: Sequence[Campaign], today: date) -> list[Campaign]:
    """Return ``visible_campaigns`` in their order, those of which no phase has begun at the end."""
    return sorted(campaigns, key=lambda each: (getattr(each, "begins", None) or date.max) > today)


_prepared_campaigns = prepared(_campaigns_of_menu)


def campaign_or_404(
    request: HttpRequest, campaign_id: int, permission: Permission | None = None, **facts: Any
) -> Campaign:
    """Return a campaign that the person may see and, if a permission is given, for which the person holds it."""
    found = next((each for each in visible_campaigns(request, **facts) if each.pk == campaign_id), None)
    if found is None:
        raise Http404
    if permission:
        access.require(current_user(request), permission, found)
    return found


def task_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    """Return a visible task. 404 also if the task is in another campaign than the URL says."""
    today = timezone.localdate()
    user, soon = current_user(request), last_yellow_day(request, today)
    # What a request that changes something adds itself is younger than what it read.
    with_parts = request.method in ("GET", "HEAD")
    found = _task_row(user, campaign_id, pk, today, soon, with_parts=with_parts)
    if not found:
        raise Http404
    return found[0]


@prepared
def _task_row(user: User, campaign: int, pk: int, today: date, soon: date, *, with_parts: bool) -> QuerySet[Task, Task]:
    seen = Task.objects.visible_to(user).filter(campaign=campaign, pk=pk)
    rows = seen.for_table().with_urges().with_light(today, soon)
    return rows.with_parts() if with_parts else rows


def workdays(request: HttpRequest) -> Workdays:
    """Return the calendar of workdays, read once a request at most."""
    return _WORKDAYS.read_once(request, lambda: reference.workdays(request))


def last_yellow_day(request: HttpRequest, today: date) -> date:
    """Return the last due day that is shown as yellow."""
    return workdays(request).shift(today, YELLOW_WORKDAYS)


MANAGE_CAMPAIGN = Permission.CAMPAIGN_MANAGE


def managed_campaign_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    """Return the campaign. 404 if the person may not see it, 403 if the person may not manage it."""
    return campaign_or_404(request, campaign_id, MANAGE_CAMPAIGN)
