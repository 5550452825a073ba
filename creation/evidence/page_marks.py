"""Marks of the office on the pages of cited evidence. The unit, later readers and the ledger show them.

A mark belongs to the version that was read. If the unit replaces the file, the mark remains and says that the file changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import previews
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal
from creation.models import Citation, EvidenceVersion, PageMark, Task
from creation.models.mark import BOX

LEAST_SIDE, SLACK = 0.002, 0.001  # as fractions of the page: smallest side of a box, and tolerance beyond the edge
OUTSIDE = "框选的范围不完整或超出页面，请重新框选。"
Box = tuple[float, float, float, float]  # left, top, width, height, as fractions of the page


@dataclass(frozen=True)
class DisplayedMark:
    """A mark to display. ``is_outdated`` means that the unit has replaced the file since."""

    mark: PageMark
    is_outdated: bool


# Reading


def marks_by_citation(citations: Iterable[Citation]) -> dict[int, list[DisplayedMark]]:
    """Return the marks of each citation, in page order."""
    return displayed_by_citation(to_display([citation.pk for citation in citations]))


def to_display(citations: Any) -> QuerySet[PageMark, PageMark]:
    """Return the marks of these citations with what a page shows of them."""
    return PageMark.objects.active().filter(citation__in=citations).select_related("version", "created_by")


def displayed_by_citation(marks: Iterable[PageMark]) -> dict[int, list[DisplayedMark]]:
    """Return the marks that ``to_display`` found by citation."""
    found: dict[int, list[DisplayedMark]] = defaultdict(list)
    for displayed in _displayed(marks):
        found[displayed.mark.citation_id].append(displayed)
    return dict(found)


def _displayed(marks: Iterable[PageMark]) -> list[DisplayedMark]:
    rows = list(marks)
    if not rows:
        return []
    newest = dict(
        EvidenceVersion.objects.filter(evidence__in={row.version.evidence_id for row in rows})
        .order_by()
        .values_list("evidence")
        .annotate(last=Max("number"))
    )
    return [DisplayedMark(row, row.version.number < newest[row.version.evidence_id]) for row in rows]


def page_texts(tasks: Any) -> dict[int, str]:
    """Return the text beside each citation in the ledger, such as 第3页、第5页. Pages of a replaced file are labelled."""
    found: dict[int, list[str]] = defaultdict(list)
    for displayed in _displayed(to_display(Citation.objects.filter(task__in=tasks))):
        if displayed.mark.is_picture and not displayed.is_outdated:
            continue
        page_text = f"{displayed.mark.place}（原文件）" if displayed.is_outdated else displayed.mark.place
        if page_text not in found[displayed.mark.citation_id]:
            found[displayed.mark.citation_id].append(page_text)
    return {citation: "、".join(words) for citation, words in found.items() if words}


def page_texts_by_number(tasks: Any) -> dict[tuple[int, str], str]:
    """Return the same by task and number, the key that papers have."""
    if not (found := page_texts(tasks)):
        return {}
    cited = Citation.objects.counting().filter(task__in=tasks)
    rows = cited.values_list("pk", "task_id", "number__point", "number__serial")
    return {(task, f"{point}-{serial:02d}"): found[pk] for pk, task, point, serial in rows if pk in found}


def accepts_marks(task: Task) -> bool:
    """Return whether marks of this task may change: until the campaign ends, in any status."""
    return task.campaign.is_open and task.dropped_on is None


# Marking


def lies_on_page(box: Box) -> bool:
    left, top, width, height = box
    inside = left >= 0 and top >= 0 and left + width <= 1 + SLACK and top + height <= 1 + SLACK
    return inside and width >= LEAST_SIDE and height >= LEAST_SIDE


def add_mark(
    citation: Citation, version: EvidenceVersion, page: int, note: str, box: Box | None, actor: Actor
) -> PageMark:
    """Mark a page or a part of it. Marking the same place twice makes one mark. Raises Refusal."""
    with transaction.atomic():
        _lock_citation(citation)
        if version.evidence_id != citation.evidence_id:
            raise Refusal("标记的文件不是这份资料的，请刷新页面后再标记。")
        if not version.sha256:
            raise Refusal("链接和文本没有页码，只有文件可以标记。")
        if page < 1:
            raise Refusal("没有收到页码，请刷新页面后再标记。")
        if page > (last := previews.page_count(version.sha256) or 1):
            raise Refusal(f"这份资料只有 {last} 页，没有第 {page} 页。")
        if box and not lies_on_page(box):
            raise Refusal(OUTSIDE)
        place = {"page": page, "note": note, **dict(zip(BOX, box or [None] * 4, strict=True))}
        same = PageMark.objects.active().filter(citation=citation, version=version, **_equal_or_null(place))
        if existing := same.first():
            return existing
        made = PageMark.objects.create(
            citation=citation, version=version, created_by=actor.human, created_at=actor.at, **place
        )
        audit_log.record(actor, "citation.mark", citation.task, detail=f"{made} {note}".strip())
    return made


def _equal_or_null(values: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}__isnull" if value is None else name: True if value is None else value for name, value in values.items()
    }


def edit_note(mark: PageMark, note: str, actor: Actor) -> None:
    """Change the note that says what the page proves."""
    with transaction.atomic():
        _lock_citation(mark.citation)
        if PageMark.objects.active().filter(pk=mark.pk).exclude(note=note).update(note=note):
            audit_log.record(actor, "citation.note", mark.citation.task, detail=f"{mark}：{note}")


def remove_mark(mark: PageMark, actor: Actor) -> None:
    with transaction.atomic():
        _lock_citation(mark.citation)
        values = {"removed_at": actor.at, "removed_by": actor.human}
        if PageMark.objects.active().filter(pk=mark.pk).update(**values):
            audit_log.record(actor, "citation.unmark", mark.citation.task, detail=f"{mark} {mark.note}".strip())


def _lock_citation(citation: Citation) -> None:
    """Lock the citation until the end of the transaction, so that a double click finds the first mark.

    Raises Refusal if marks may not change.
    """
    citation_row = Citation.objects.counting().select_for_update(of=("self",), no_key=True).filter(pk=citation.pk)
    if not citation_row.exists():
        raise Refusal("任务已不再引用这份资料，不能标记。")
    if not accepts_marks(citation.task):
        raise Refusal(f"“{citation.task.campaign}”{citation.task.campaign.get_state_display()}，标记不能再改动。")


def citations_by_evidence(task: Task, evidence: Collection[int]) -> dict[int, Citation]:
    """Return the task's active citation of each piece of evidence."""
    return {row.evidence_id: row for row in _counting(task) if row.evidence_id in evidence}


@prepared
def _counting(task: Task) -> QuerySet[Citation, Citation]:
    return Citation.objects.counting().filter(task=task).select_related("number")
