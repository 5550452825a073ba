"""The three steps of an answer (要求 → 材料 → 填报): what is still to do in each, and which are folded when the page opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from creation.evidence import area_summary
from creation.evidence.area_summary import AreaSummary
from creation.evidence.citing import CitedEvidence
from creation.models import AnswerMode
from creation.tasks import answers
from creation.tasks.forms.answer import AnswerForm


@dataclass(frozen=True, slots=True)
class AnswerSteps:
    """``words`` says how far the text is. A step that is done is folded, except while a returned answer is mended."""

    evidence: AreaSummary
    words: str
    requirement_open: bool
    material_open: bool
    text_open: bool


def steps_of(
    answer: AnswerForm, citations: Sequence[CitedEvidence], pending: Sequence[Any], readings: Sequence[Any], mends: bool
) -> AnswerSteps:
    """``mends``: the answer was returned. ``pending``: uploads that are not finished. ``readings``: slot and form of each."""
    content = {name: str(answer[name].value() or "") for name in answers.FIELDS}
    summary = area_summary.summary_of(citations)
    shows_all = mends or answer.is_bound
    begun = bool(citations or pending or answer.initial_answer.draft or answer.initial_answer.submission)
    lacks_material = bool(answers.lacking(content)) or bool(pending)
    if content["mode"] == AnswerMode.UPLOAD:
        lacks_material |= not summary.is_complete
    return AnswerSteps(
        summary,
        answers.progress_in_words(content),
        requirement_open=not begun,
        material_open=shows_all or lacks_material,
        text_open=shows_all or not _is_written(content, readings),
    )


def _is_written(content: answers.Content, readings: Sequence[Any]) -> bool:
    written = content["mode"] == AnswerMode.STATEMENT or bool(content["measures"] and content["results"])
    return written and all(slot.reading for slot, _ in readings)
