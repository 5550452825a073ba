"""The library as a list: the pieces that a person may see, with the data of every column in a constant number of queries."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from creation.models import Campaign, Citation, EvidenceVersion, Task, User
from creation.models.citation import CitationQuerySet
from creation.models.evidence import Evidence, EvidenceQuerySet
from creation.rules.policy import Permission, Reach


def visible_in_campaign(user: User, campaign: Campaign) -> EvidenceQuerySet:
    """Return the pieces that this person may read: all of the own unit's, and those cited in the campaign."""
    own = Q(unit__in=units_with_full_access(user))
    return Evidence.objects.visible_to(user).filter(
        own | Q(Exists(citations_in(campaign).filter(evidence=OuterRef("pk"))))
    )


def units_with_full_access(user: User) -> list[int]:
    """Return the units whose whole library the person may read."""
    return [
        grant.unit for grant, reach in user.grants_for(Permission.EVIDENCE_READ) if reach is Reach.UNIT and grant.unit
    ]


def citations_in(campaign: Campaign) -> CitationQuerySet:
    """Return active citations in readable tasks of the campaign. Callers exclude deleted pieces."""
    return Citation.objects.in_readable_tasks().filter(removed_at=None, task__campaign=campaign)


def with_citation_counts(queryset: EvidenceQuerySet, campaign: Campaign) -> EvidenceQuerySet:
    """Annotate ``cite_count``, the number of tasks of the campaign that cite the piece."""
    rows = citations_in(campaign).filter(evidence=OuterRef("pk")).order_by().values("evidence")
    return queryset.annotate(cite_count=Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0))


def newest_first(queryset: EvidenceQuerySet, campaign: Campaign) -> EvidenceQuerySet:
    """Order as the list does, with what it may be ordered by instead."""
    return with_citation_counts(queryset, campaign).order_by("-created_at", "-pk")


def rows(keys: list[int], user: User, campaign: Campaign) -> EvidenceQuerySet:
    """Return these pieces with what a row needs: ``newest`` versions (the first is the newest) and the ``shown`` citations in tasks that
    the person may see."""
    versions = EvidenceVersion.objects.order_by("-number").defer("text")
    citing_them = Task.objects.filter(pk__in=Citation.objects.filter(evidence__in=keys).values("task"))
    citations = citations_in(campaign).filter(task__in=citing_them.visible_to(user))
    joins = ("number", "task__indicator", "task__action", "task__finding", "task__unit", "task__campaign")
    return (
        with_citation_counts(Evidence.objects.filter(pk__in=keys), campaign)
        .select_related("unit")
        .prefetch_related(
            "secrecy_marks",
            Prefetch("versions", versions, to_attr="newest"),
            Prefetch("citations", citations.select_related(*joins).order_by("number__point", "pk"), to_attr="shown"),
        )
    )


def outside_window(queryset: Any, campaign: Campaign) -> Any:
    """Return pieces dated outside the campaign's window."""
    outside = Q(pk__in=())
    if campaign.window_from:
        outside |= Q(dated_on__lt=campaign.window_from)
    if campaign.window_to:
        outside |= Q(dated_on__gt=campaign.window_to)
    return queryset.filter(outside)
