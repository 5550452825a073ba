"""The library as a list: which pieces stand in it for a person, with everything that a column asks for, in a constant number of queries."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from creation.models import Campaign, Citation, EvidenceVersion, Task, User
from creation.models.evidence import CitationQuerySet, Evidence, EvidenceQuerySet
from creation.rules.policy import Permission, Reach


def visible_in_campaign(user: User, campaign: Campaign) -> EvidenceQuerySet:
    """What this person may read: the own unit's pieces, whatever cites them, and what is cited in the campaign."""
    own = Q(unit__in=units_with_full_access(user))
    return Evidence.objects.visible_to(user).filter(
        own | Q(Exists(citations_in(campaign).filter(evidence=OuterRef("pk"))))
    )


def units_with_full_access(user: User) -> list[int]:
    """The units whose whole library the person reads."""
    return [
        grant.unit for grant, reach in user.grants_for(Permission.EVIDENCE_READ) if reach is Reach.UNIT and grant.unit
    ]


def citations_in(campaign: Campaign) -> CitationQuerySet:
    """Citations that stand, in tasks that stand or were ended by a new edition. Deleted pieces are left to the caller."""
    return Citation.objects.in_readable_tasks().filter(removed_at=None, task__campaign=campaign)


def with_citation_counts(queryset: EvidenceQuerySet, campaign: Campaign) -> EvidenceQuerySet:
    """Annotates ``cite_count``: how many tasks of the campaign cite the piece."""
    rows = citations_in(campaign).filter(evidence=OuterRef("pk")).order_by().values("evidence")
    return queryset.annotate(cite_count=Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0))


def for_table(queryset: EvidenceQuerySet, user: User, campaign: Campaign) -> EvidenceQuerySet:
    """Every join a row needs: ``newest`` versions (the first is it) and the ``shown`` citations in tasks that the person may see."""
    versions = EvidenceVersion.objects.order_by("-number").defer("text")
    citations = citations_in(campaign).filter(task__in=Task.objects.visible_to(user))
    joins = ("number", "task__indicator", "task__action", "task__unit", "task__campaign")
    return (
        with_citation_counts(queryset, campaign)
        .select_related("unit")
        .prefetch_related(
            "secrecy_marks",
            Prefetch("versions", versions, to_attr="newest"),
            Prefetch("citations", citations.select_related(*joins).order_by("number__point", "pk"), to_attr="shown"),
        )
        .order_by("-created_at", "-pk")
    )


def outside_window(queryset: Any, campaign: Campaign) -> Any:
    """Pieces dated outside the days that the campaign admits."""
    outside = Q(pk__in=())
    if campaign.window_from:
        outside |= Q(dated_on__lt=campaign.window_from)
    if campaign.window_to:
        outside |= Q(dated_on__gt=campaign.window_to)
    return queryset.filter(outside)
