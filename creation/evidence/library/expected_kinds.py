"""The kinds of material that a checkpoint expects, and whether they are cited. A hint; nothing is blocked."""

from collections.abc import Iterable
from dataclasses import dataclass

from creation.models import EvidenceKind, Task


@dataclass(frozen=True, slots=True)
class ExpectedKind:
    kind: str
    label: str
    is_cited: bool


def expected_kinds(task: Task, cited: Iterable[str]) -> list[ExpectedKind]:
    """Return the expected kinds. ``cited`` are the kinds of the cited pieces. Empty if the checkpoint has no expectation."""
    cited_kinds = set(cited)
    expected = task.indicator.kinds if task.indicator else []
    return [ExpectedKind(kind, EvidenceKind(kind).label, kind in cited_kinds) for kind in expected]
