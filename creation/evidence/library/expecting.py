"""Which kinds of material a checkpoint expects, ticked by what is cited. A hint, never a block."""

from collections.abc import Iterable
from dataclasses import dataclass

from creation.models import EvidenceKind, Task


@dataclass(frozen=True, slots=True)
class Expected:
    label: str
    there: bool


def kinds(task: Task, cited: Iterable[str]) -> list[Expected]:
    """``cited``: the kinds of the cited pieces. Nothing where the checkpoint says nothing."""
    there = set(cited)
    wanted = task.indicator.kinds if task.indicator else []
    return [Expected(EvidenceKind(kind).label, kind in there) for kind in wanted]
