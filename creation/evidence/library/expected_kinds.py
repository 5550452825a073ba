"""Which kinds of material a checkpoint expects, ticked by what is cited. A hint, never a block."""

from collections.abc import Iterable
from dataclasses import dataclass

from creation.models import EvidenceKind, Task


@dataclass(frozen=True, slots=True)
class ExpectedKind:
    label: str
    is_cited: bool


def expected_kinds(task: Task, cited: Iterable[str]) -> list[ExpectedKind]:
    """``cited``: the kinds of the cited pieces. Nothing where the checkpoint says nothing."""
    cited_kinds = set(cited)
    expected = task.indicator.kinds if task.indicator else []
    return [ExpectedKind(EvidenceKind(kind).label, kind in cited_kinds) for kind in expected]
