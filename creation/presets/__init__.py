"""Indicator systems and their campaign plans as data: one folder of TOML files per preset, read into frozen dataclasses.

Independent of Django and of the current date. ``creation.campaigns.campaign_lifecycle`` turns a preset into rows.
"""

from pathlib import Path

from creation.lib.refusals import Refusal
from creation.presets.checking import check
from creation.presets.reading import read
from creation.presets.schema import (
    ActionPreset,
    AssignmentPreset,
    Checkpoint,
    DistrictPreset,
    Item,
    MeasurePreset,
    PhasePreset,
    Preset,
    ReminderRulePreset,
    Section,
    System,
    UnitPreset,
)

__all__ = [
    "ActionPreset",
    "AssignmentPreset",
    "Checkpoint",
    "DistrictPreset",
    "Item",
    "MeasurePreset",
    "PhasePreset",
    "Preset",
    "ReminderRulePreset",
    "Section",
    "System",
    "UnitPreset",
    "available",
    "load",
]

FOLDER = Path(__file__).parent


def available(folder: Path = FOLDER) -> list[str]:
    """Return the names of the presets in ``folder``, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/system.toml"))


def load(name: str, folder: Path = FOLDER) -> Preset:
    """Return the preset ``name`` after checking it. Raises Refusal with a Chinese sentence for an unknown name or invalid data."""
    known = available(folder)
    if name not in known:
        raise Refusal(f"没有名为“{name}”的预置方案。可用的有：{'、'.join(known) or '（无）'}。")
    return check(read(name, folder / name))
