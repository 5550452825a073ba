"""Compares two versions of a piece: their data, and the differences."""

from dataclasses import dataclass

from django.utils import timezone

from creation.models import EvidenceVersion, Extract, SubmittedCitation
from creation.rules.text_diff import DiffChunk, diff_sentences

FACT_LABELS = {
    "title": "文件自述题名",
    "author": "文件自述作者",
    "created": "文件创建日期",
    "taken": "拍摄日期",
    "pages": "页数",
}


@dataclass(frozen=True, slots=True)
class VersionFact:
    label: str
    old: str
    new: str

    @property
    def is_changed(self) -> bool:
        return self.old != self.new


def compare_facts(old: EvidenceVersion, new: EvidenceVersion) -> list[VersionFact]:
    """Return a line for everything that is known of either version."""
    before, after = _facts(old), _facts(new)
    labels = list(dict.fromkeys([*before, *after]))
    return [VersionFact(label, before.get(label, ""), after.get(label, "")) for label in labels]


def compare_texts(old: EvidenceVersion, new: EvidenceVersion) -> list[DiffChunk]:
    """Return the changes between two typed texts; empty for files."""
    return diff_sentences(old.text, new.text) if old.text and new.text and old.pk != new.pk else []


def _facts(version: EvidenceVersion) -> dict[str, str]:
    found = {
        "上传": f"{version.created_by} {timezone.localtime(version.created_at):%Y-%m-%d %H:%M}",
        "文件名": version.given_name,
        "链接": version.url,
        "大小": f"{version.size:,} 字节" if version.size else "",
        "摘要": version.sha256[:16],
    }
    extract: Extract | None = getattr(version, "extract", None)
    found |= {label: str(extract.facts.get(name, "")) if extract else "" for name, label in FACT_LABELS.items()}
    submitted = (
        SubmittedCitation.objects.filter(version=version).select_related("submission__task").order_by("-pk").first()
    )
    if submitted:
        found |= {
            "报送时题名": submitted.title,
            "报送时文号": submitted.doc_number,
            "报送时成文日期": f"{submitted.dated_on or ''}",
            "报送时责任者": submitted.issuer,
        }
    return {label: text for label, text in found.items() if text}
