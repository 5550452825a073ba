"""What the evidence area of a task holds, in the words of the bar at the bottom of its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from creation.evidence.citing import CitedEvidence


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """``undated``: pieces without a date of their own. ``stopped``: pieces that keep the answer from being handed in."""

    count: int
    undated: int
    stopped: int

    def __str__(self) -> str:
        if not self.count:
            return "还没有材料"
        parts = [f"材料 {self.count} 份"]
        parts += [f"{self.undated} 份缺日期"] if self.undated else []
        parts += [f"{self.stopped} 份不能报送"] if self.stopped else []
        return " · ".join(parts)

    @property
    def is_complete(self) -> bool:
        return bool(self.count) and not self.undated and not self.stopped


def summary_of(rows: Sequence[CitedEvidence]) -> AreaSummary:
    undated = sum(row.evidence.dated_on is None for row in rows)
    stopped = sum(bool(row.evidence.flagged_marks) or row.version.is_quarantined for row in rows)
    return AreaSummary(len(rows), undated, stopped)
