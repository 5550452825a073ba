"""定稿: the self-assessment report is made final with a numbered paper and a digest; later differences are listed, not prevented.

The campaign goes on after the report was sent off: answers are corrected, evidence is hidden. What is asked then is where the report
that was sent differs from what the system says now.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, FinalAssessment, Paper
from creation.papers.self_assessment import Assessment, Passage, load_assessment
from creation.rules.text_diff import DiffChunk, around_changes, diff_sentences

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A part of the report that differs from the final one.

    ``chunks``: its text as a difference; the lists: numbers and readings that came and went.
    """

    title: str
    chunks: list[DiffChunk] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    slot: str = ""


@dataclass(frozen=True, slots=True)
class FinalDifferences:
    """``counts``: label, then and now, of what can be counted and differs; ``parts``: what differs in words."""

    counts: list[tuple[str, int, int]]
    parts: list[ChangedPart]

    @property
    def is_empty(self) -> bool:
        return not self.counts and not self.parts


def content_of(assessment: Assessment) -> Content:
    """Return what a final report is compared by."""
    return {
        "passages": [_passage(each) for each in assessment.passages],
        "briefs": [{"unit": brief.task.unit.name, "text": brief.text} for brief in assessment.briefs],
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "slot": passage.slot,
        "title": passage.title,
        "text": passage.text,
        "numbers": sorted(passage.numbers),
        "readings": [total.sentence for total in passage.totals],
        "answers": len(passage.sources),
    }


def digest_of(content: Content) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def latest_final(campaign: Campaign) -> FinalAssessment | None:
    rows = FinalAssessment.objects.filter(campaign=campaign).select_related("paper__campaign", "created_by")
    return rows.order_by("-created_at", "-pk").first()


def require_changed(campaign: Campaign, assessment: Assessment) -> None:
    """Raise Refusal when the campaign is closed or the report is the final one already. Asked before a paper is numbered for it, too."""
    if campaign.closed_message:
        raise Refusal(f"“{campaign}”已结束，不能再定稿。确需更正的，请先重新启动活动。")
    last = latest_final(campaign)
    if last and last.digest == digest_of(content_of(assessment)):
        raise Refusal(f"内容与定稿 {last.paper.number} 相同，不必再次定稿。")


def make_final(campaign: Campaign, assessment: Assessment, paper: Paper, actor: Actor) -> FinalAssessment:
    """Record that ``paper``, made from ``assessment``, is the final report. Raises Refusal as ``require_changed`` does."""
    content = content_of(assessment)
    digest = digest_of(content)
    with transaction.atomic():
        require_changed(Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk), assessment)
        row = FinalAssessment.objects.create(
            campaign=campaign,
            paper=paper,
            content=content,
            digest=digest,
            created_by=actor.human,
            created_at=actor.at,
        )
        audit_log.record(actor, "assessment.final", campaign, detail=f"{paper.note}；内容摘要 {digest}")
    return row


def differences(final: FinalAssessment) -> FinalDifferences:
    """Return how the report would differ if it were made now."""
    now = content_of(load_assessment(final.campaign))
    if digest_of(now) == final.digest:
        return FinalDifferences([], [])
    parts = [*_changed_passages(final.content, now), *_changed_briefs(final.content, now)]
    before, after = _counts(final.content), _counts(now)
    counts = [(label, before[label], after[label]) for label in before if before[label] != after[label]]
    return FinalDifferences(counts, parts)


def _counts(content: Content) -> dict[str, int]:
    passages = content["passages"]
    return {
        "汇总的答复": sum(each["answers"] for each in passages),
        "引用的印证资料": sum(len(each["numbers"]) for each in passages),
        "目标值完成情况": sum(len(each["readings"]) for each in passages),
        "已通过的单位自评简报": sum(bool(each["text"]) for each in content["briefs"]),
        "报告字数": sum(len(each["text"]) for each in passages),
    }


def _changed_passages(then: Content, now: Content) -> Iterator[ChangedPart]:
    before = {each["slot"]: each for each in then["passages"]}
    for each in now["passages"]:
        old = before.pop(each["slot"], None)
        if old is None:
            yield ChangedPart(each["title"], [DiffChunk("added", each["text"])], each["numbers"], [], each["slot"])
            continue
        beside = (
            [set(old[name]) for name in ("numbers", "readings")],
            [set(each[name]) for name in ("numbers", "readings")],
        )
        was, is_now = set().union(*beside[0]), set().union(*beside[1])
        chunks = _changes(old["text"], each["text"]) if old["text"] != each["text"] else []
        if chunks or was != is_now:
            yield ChangedPart(each["title"], chunks, sorted(is_now - was), sorted(was - is_now), each["slot"])
    for each in before.values():
        yield ChangedPart(each["title"], [DiffChunk("gone", each["text"])], [], each["numbers"])


def _changed_briefs(then: Content, now: Content) -> Iterator[ChangedPart]:
    before = {each["unit"]: each["text"] for each in then["briefs"]}
    after = {each["unit"]: each["text"] for each in now["briefs"]}
    for unit in dict.fromkeys([*before, *after]):
        old, new = before.get(unit, ""), after.get(unit, "")
        if old != new:
            yield ChangedPart(f"{unit}自评简报", _changes(old, new))


def _changes(old: str, new: str) -> list[DiffChunk]:
    return around_changes(diff_sentences(old, new))
