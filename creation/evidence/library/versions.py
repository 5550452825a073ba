"""Two versions of a piece beside each other: what is said of each, and where they differ."""

from dataclasses import dataclass

from django.utils import timezone

from creation.models import EvidenceVersion, Extract, SubmittedCitation
from creation.rules.comparing import Piece, pieces

FACTS = {
    "title": "文件自述题名",
    "author": "文件自述作者",
    "created": "文件创建日期",
    "taken": "拍摄日期",
    "pages": "页数",
}


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    old: str
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new


def lines(old: EvidenceVersion, new: EvidenceVersion) -> list[Line]:
    """A line for everything that is known of one of them."""
    before, after = _facts(old), _facts(new)
    labels = list(dict.fromkeys([*before, *after]))
    return [Line(label, before.get(label, ""), after.get(label, "")) for label in labels]


def texts(old: EvidenceVersion, new: EvidenceVersion) -> list[Piece]:
    """What changed in a text that was typed; nothing for files."""
    return pieces(old.text, new.text) if old.text and new.text and old.pk != new.pk else []


def _facts(version: EvidenceVersion) -> dict[str, str]:
    found = {
        "上传": f"{version.by} {timezone.localtime(version.at):%Y-%m-%d %H:%M}",
        "文件名": version.given_name,
        "链接": version.url,
        "大小": f"{version.size:,} 字节" if version.size else "",
        "摘要": version.sha256[:16],
    }
    extract: Extract | None = getattr(version, "extract", None)
    found |= {label: str(extract.facts.get(name, "")) if extract else "" for name, label in FACTS.items()}
    handed = (
        SubmittedCitation.objects.filter(version=version).select_related("submission__task").order_by("-pk").first()
    )
    if handed:
        found |= {
            "报送时题名": handed.title,
            "报送时文号": handed.doc_number,
            "报送时成文日期": f"{handed.dated_on or ''}",
            "报送时责任者": handed.issuer,
        }
    return {label: text for label, text in found.items() if text}
