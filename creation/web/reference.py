"""What pages read all the time and the office seldom changes, kept in the memory of each web process.

Every request of a login reads the version of these tables with its own row (``enforce_session``), before anything else. A change, by
whatever process, is another version, with which nothing kept before is used. Only pages that change nothing take from the memory: what
a request has changed itself is younger than the version that it has read. What is kept is shared by all threads, and never changed.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.http import HttpRequest

from creation.models import Campaign, Holiday, Phase, Unit
from creation.models.indicator import Choice
from creation.rules.deadlines import Workdays
from creation.web.request_facts import RequestFact

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kept:
    version: str = ""
    values: dict[Hashable, Any] = field(default_factory=dict)


_kept = _Kept()
VERSION = RequestFact[str]("reference_version")


def remembered(request: HttpRequest, key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` returns for the tables as they are: from memory, unless they have changed since."""
    global _kept
    version = VERSION.find(request)
    if not version or request.method not in ("GET", "HEAD"):
        return read()
    kept = _kept
    if kept.version != version:
        kept = _kept = _Kept(version)
    if key not in kept.values:
        kept.values[key] = read()
    return cast(Value, kept.values[key])


def workdays(request: HttpRequest) -> Workdays:
    return remembered(request, "workdays", Holiday.objects.calendar)


def phases(request: HttpRequest, campaign: Campaign) -> list[Phase]:
    """Return the phases of a campaign in order."""
    # Not ``campaign.phases``, whose rows would each keep the campaign of this request.
    rows = Phase.objects.filter(campaign=campaign.pk).order_by("order")
    return remembered(request, ("phases", campaign.pk), lambda: list(rows))


def indicator_choices(request: HttpRequest, campaign: Campaign) -> tuple[list[Choice], list[tuple[str, list[Choice]]]]:
    """Return the choices of a filter: sections, and items grouped by section."""
    return remembered(request, ("choices", campaign.system_id), lambda: campaign.system.indicators.choices())


def sections(request: HttpRequest, campaign: Campaign) -> list[Choice]:
    """Return code and title of each section in order."""

    def read() -> list[Choice]:
        return list(campaign.system.indicators.sections().order_by("order").values_list("code", "title"))

    return remembered(request, ("sections", campaign.system_id), read)


def units(request: HttpRequest, campaign: Campaign) -> list[Unit]:
    """Return the units of the campaign's district in the order of the roster, those that stopped included."""

    def read() -> list[Unit]:
        return list(Unit.objects.filter(district=campaign.district_id).order_by("order", "pk"))

    return remembered(request, ("units", campaign.district_id), read)


def units_of(request: HttpRequest, campaigns: Iterable[Campaign]) -> list[Unit]:
    """Return the units of the districts of several campaigns, each district in the order of its roster."""
    districts = {campaign.district_id: campaign for campaign in campaigns}
    return [unit for campaign in districts.values() for unit in units(request, campaign)]
