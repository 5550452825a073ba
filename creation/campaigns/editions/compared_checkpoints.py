"""Checkpoints as a comparison sees them: of the edition in force, and of a table that was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creation.models import Indicator, IndicatorLevel, IndicatorSystem


@dataclass(frozen=True, slots=True)
class ComparedCheckpoint:
    """``pk`` 0: of the new edition. ``key`` "" where the table names none."""

    code: str
    title: str
    proof: str
    item: str  # its title; the code is the checkpoint's without the last part
    section: str
    key: str = ""
    pk: int = 0

    @property
    def item_code(self) -> str:
        return self.code.rpartition("-")[0]

    @property
    def section_code(self) -> str:
        return self.item_code.rpartition("-")[0]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


def checkpoints_of(system: IndicatorSystem) -> list[ComparedCheckpoint]:
    """In the order of the tree."""
    rows = Indicator.objects.filter(system=system, level=IndicatorLevel.CHECKPOINT).select_related("parent__parent")
    return [_checkpoint(row) for row in rows.order_by("order")]


def _checkpoint(row: Indicator) -> ComparedCheckpoint:
    item = row.parent
    section = item.parent if item else None
    return ComparedCheckpoint(
        row.code,
        row.title,
        row.proof,
        item.title if item else "",
        section.title if section else "",
        row.key,
        row.pk,
    )


def checkpoints_from_rows(rows: list[Mapping[str, Any]]) -> list[ComparedCheckpoint]:
    """What ``EditionChange.points`` holds."""
    return [ComparedCheckpoint(**row) for row in rows]
