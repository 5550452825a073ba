"""Targets in the words of the papers."""

from collections import defaultdict

from creation.models import Campaign, Measure


def target_texts(campaign: Campaign) -> dict[int, str]:
    """Checkpoint → 行政规范性文件合法性审核率= 100%；…"""
    found: dict[int, list[str]] = defaultdict(list)
    for measure in Measure.objects.filter(indicator__system=campaign.system_id).order_by("pk"):
        found[measure.indicator_id].append(f"{measure.name}{measure.target_text}")
    return {indicator: "；".join(texts) for indicator, texts in found.items()}
