"""Indicator systems with their campaign plan, as data: one folder of TOML files a preset, read into frozen dataclasses.

Knows neither Django nor the clock; ``creation.campaigns.campaign_lifecycle`` turns a preset into rows.
"""

from pathlib import Path

from creation.lib.refusals import Refusal
from creation.presets.checking import check
from creation.presets.reading import read
from creation.presets.schema import (
    Action,
    Assignment,
    Checkpoint,
    District,
    Item,
    Measure,
    Phase,
    Preset,
    ReminderRule,
    Section,
    System,
    Unit,
)

__all__ = [
    "Action",
    "Assignment",
    "Checkpoint",
    "District",
    "Item",
    "Measure",
    "Phase",
    "Preset",
    "ReminderRule",
    "Section",
    "System",
    "Unit",
    "available",
    "load",
]

FOLDER = Path(__file__).parent


def available(folder: Path = FOLDER) -> list[str]:
    """Names of the presets in ``folder``, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/system.toml"))


def load(name: str, folder: Path = FOLDER) -> Preset:
    """The preset ``name``, checked as a whole. Raises Refusal with a Chinese sentence for an unknown name or faulty data."""
    known = available(folder)
    if name not in known:
        raise Refusal(f"没有名为“{name}”的预置方案。可用的有：{'、'.join(known) or '（无）'}。")
    return check(read(name, folder / name))
