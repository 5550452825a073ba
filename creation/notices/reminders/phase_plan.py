"""What the plan says about the dates of a phase, for phases that have none yet."""

from functools import cache

from creation import presets
from creation.models import Phase
from creation.presets import PhasePreset

UNKNOWN = "另行通知"


def plan_text(phase: Phase) -> str:
    """Return the words of the campaign's preset, such as ``以省、国家通知为准`` or ``6 月 21 日至 7 月 10 日``."""
    for each in _planned(phase.campaign.preset):
        if each.kind == phase.kind:
            days = each.dates(phase.campaign.year)
            return "至 ".join(f"{day.month} 月 {day.day} 日" for day in days) if days else each.announced
    return UNKNOWN


@cache  # reading a preset takes a tenth of a second; it changes with the program only
def _planned(preset: str) -> tuple[PhasePreset, ...]:
    return presets.load(preset).phases if preset in presets.available() else ()
