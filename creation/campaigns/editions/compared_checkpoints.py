"""Checkpoints in the form in which editions are compared: from the edition in force, or from an imported table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creation.models import Indicator, IndicatorLevel, IndicatorSystem


@dataclass(frozen=True, slots=True)
class ComparedCheckpoint:
    """A checkpoint of either edition. ``pk`` is 0 in the new edition; ``key`` is "" where the table names none."""

    code: str
    title: str
    proof: str
    item: str  # its title; the code is the checkpoint's without the last part
    section: str
    key: str = ""
    pk: int = 0
    official_wording: str = ""
    clause: str = ""

    @property
    def item_code(self) -> str:
        return self.code.rpartition("-")[0]

    @property
    def section_code(self) -> str:
        return self.item_code.rpartition("-")[0]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


def checkpoints_of(system: IndicatorSystem) -> list[ComparedCheckpoint]:
    """Return the checkpoints of the system in the order of the tree."""
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
        row.official_wording,
        row.clause,
    )


def checkpoints_from_rows(rows: list[Mapping[str, Any]]) -> list[ComparedCheckpoint]:
    """Return the checkpoints from the rows stored in ``EditionChange.points``."""
    return [ComparedCheckpoint(**row) for row in rows]
