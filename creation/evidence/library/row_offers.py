"""What a row of the evidence area offers from its file, until somebody confirms it.

Values for empty fields stand in the field. What the paper itself says, where only the file's name was taken so far, stands beside it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from creation.evidence.citing import CitedEvidence
from creation.evidence.library import metadata_suggestions
from creation.evidence.library.metadata_suggestions import MetadataSuggestion, MetadataSuggestions

OF_THE_PAPER = ("首页", "照片拍摄时间")
SAYS_NOTHING = re.compile(
    r"(?:图片|视频|文件|扫描(?:件|文件|全能王)?|新建.*|未命名.*|无标题.*|[\x00-\x7f]*)[\W\d_]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RowOffers:
    """``in_fields`` are confirmed together, ``beside`` one by one. ``is_reading``: the file has not been read yet."""

    in_fields: list[MetadataSuggestion] = field(default_factory=list)
    beside: list[MetadataSuggestion] = field(default_factory=list)
    is_reading: bool = False

    def as_json(self) -> str:
        """Return field → value, for the script that shows them in the fields."""
        return json.dumps({each.field: str(each.value) for each in self.in_fields}, ensure_ascii=False)

    @property
    def dates(self) -> bool:
        """Whether a date is among the values in the fields."""
        return any(each.field == "dated_on" for each in self.in_fields)

    @property
    def sources(self) -> str:
        """Where the values in the fields come from, as ``成文日期、文号读自首页；责任者读自文件名``."""
        by_source: dict[str, list[str]] = {}
        for each in self.in_fields:
            by_source.setdefault(each.source, []).append(each.label)
        return "；".join(f"{'、'.join(labels)}读自{source}" for source, labels in by_source.items())


def offers_of(rows: Sequence[CitedEvidence]) -> dict[int, RowOffers]:
    """Return the offers of these rows, by key of the piece."""
    found = metadata_suggestions.suggestions_for_many([(row.evidence, row.version) for row in rows])
    return {row.evidence.pk: _offers(row, found[row.evidence.pk]) for row in rows}


def _offers(row: CitedEvidence, found: MetadataSuggestions) -> RowOffers:
    first: dict[str, MetadataSuggestion] = {}
    for each in found.suggestions:  # the paper's own come first
        first.setdefault(each.field, each)
    in_fields = [each for each in first.values() if _stands_in_field(row, each)]
    beside = [each for each in first.values() if each not in in_fields and _stands_beside(row, each)]
    return RowOffers(in_fields, beside, found.is_pending)


def _stands_in_field(row: CitedEvidence, offer: MetadataSuggestion) -> bool:
    stored = getattr(row.evidence, offer.field)
    return not stored or (offer.field == "title" and SAYS_NOTHING.fullmatch(stored) is not None)


def _stands_beside(row: CitedEvidence, offer: MetadataSuggestion) -> bool:
    named = metadata_suggestions.from_name(row.version.given_name, row.evidence.kind)
    return offer.source in OF_THE_PAPER and getattr(row.evidence, offer.field) == named.get(offer.field)
