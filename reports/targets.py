"""Targets as written on papers, from every edition of the indicator system that the campaign has had."""

from django.db.models import Q

from creation.imports.targets import target_texts_of
from creation.models import Campaign, EditionChange, Measure


def of_campaign(campaign: Campaign, system: str) -> Q:
    """Filter for indicator systems of the campaign, present or past. ``system`` is the lookup path to the system."""
    former = EditionChange.objects.confirmed().filter(campaign=campaign).values("before")
    return Q(**{system: campaign.system_id}) | Q(**{f"{system}__in": former})


def target_texts(campaign: Campaign) -> dict[int, str]:
    """Return checkpoint → text such as 行政规范性文件合法性审核率= 100%；…"""
    return target_texts_of(Measure.objects.filter(of_campaign(campaign, "indicator__system")))
