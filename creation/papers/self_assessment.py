"""自评报告: composed item by item from approved answers. Passages that the office writes itself are never overwritten.

The text of an item is either composed (``compose``) or the office's own. An own text remembers the answers from which it was written, so
that the page can say when these have changed.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AssessmentText,
    AssessmentTextVersion,
    Audience,
    Campaign,
    Indicator,
    IndicatorLevel,
    Measure,
    Phase,
    PhaseKind,
    Submission,
    SubmittedCitation,
    Task,
    TaskStatus,
)
from creation.papers import reading_totals
from creation.papers.reading_totals import ReadingTotal
from creation.rules.clauses import cited

INTRODUCTION, CONCLUSION = "introduction", "conclusion"
TITLES = {INTRODUCTION: "引言", CONCLUSION: "结语"}
PARTS = (("measures", "主要举措"), ("results", "重要成效"), ("highlights", "突出亮点"))
MAX_LENGTH = 50_000  # characters of a passage
SENTENCE_ENDS = ("。", "！", "；")
SENTENCE = re.compile("[^。！；]+[。！；]?")
# What is said of one's own answer and its review. The same words may be the work itself: 审核意见采纳3条, 发出补正告知书, 退回补充侦查.
OF_REVIEW = re.compile(
    "(?:按照?|根据|针对)(?:创建办|审核组)?的?(?:审核|退回|补正)意见|(?:已|均|全部)(?:逐[条项份])?补正|补充(?:了)?情况说明|更换了?附件"
    "|(?:被|审核)退回|退回(?:后|意见|的意见|修改)|重新(?:报送|上传)|审核组|创建办审核"
)


@dataclass(frozen=True, slots=True)
class Source:
    """An approved answer to a checkpoint of the item."""

    task: Task
    answer: Submission
    numbers: list[str]


@dataclass(slots=True)
class Passage:
    """The text of one slot of the report. ``unapproved_tasks``: lead tasks of the item that are not approved.

    ``quotations``: source → the official wordings of its checkpoints, each once. ``measures``: by indicator and name.
    """

    slot: str
    title: str
    item: Indicator | None = None
    sources: list[Source] = field(default_factory=list)
    unapproved_tasks: list[Task] = field(default_factory=list)
    quotations: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    measures: Mapping[tuple[int, str], Measure] = field(default_factory=dict)
    stored_text: AssessmentText | None = None

    @property
    def is_edited(self) -> bool:
        return bool(self.stored_text and self.stored_text.text)

    @property
    def text(self) -> str:
        return self.stored_text.text if self.stored_text and self.stored_text.text else self.composed

    @property
    def composed(self) -> str:
        return compose(self.sources)

    @property
    def left_out(self) -> list[str]:
        return left_out(self.sources)

    @property
    def digest(self) -> str:
        """Digest over the answers' digests; it changes when an answer is added, corrected or reopened."""
        digests = "".join(f"{source.task.pk}:{source.answer.digest}" for source in self.sources)
        return hashlib.sha256(digests.encode()).hexdigest()

    @property
    def is_outdated(self) -> bool:
        """Return whether the answers have changed since the office wrote its own text."""
        return bool(
            self.stored_text and self.stored_text.text and self.item and self.stored_text.sources != self.digest
        )

    @property
    def version(self) -> int:
        return self.stored_text.version if self.stored_text else 0

    @property
    def numbers(self) -> list[str]:
        return [number for source in self.sources for number in source.numbers]

    @property
    def quoted(self) -> str:
        """The official wordings, behind those of one source its name."""
        parts = (("".join(wordings), source) for source, wordings in self.quotations.items())
        return "".join(f"{wording}（{source}）" if source else wording for wording, source in parts)

    @property
    def totals(self) -> list[ReadingTotal]:
        rows = ((source.task, row) for source in self.sources for row in source.answer.readings)
        return reading_totals.totals(rows, self.measures)


@dataclass(frozen=True, slots=True)
class UnitBrief:
    """A unit's own brief (单位自评简报). ``answer`` is None while none is approved."""

    task: Task
    answer: Submission | None

    @property
    def text(self) -> str:
        """The text, one paragraph for each part; empty without an approved answer."""
        if self.answer is None:
            return ""
        texts = [(label, getattr(self.answer, name)) for name, label in PARTS]
        return "\n".join(
            [*(f"{label}：{text}" for label, text in texts if text), *filter(None, [self.answer.statement])]
        )


@dataclass(slots=True)
class Assessment:
    introduction: Passage
    conclusion: Passage
    sections: list[tuple[Indicator, list[Passage]]]
    briefs: list[UnitBrief]

    @property
    def passages(self) -> list[Passage]:
        items = [passage for _, passages in self.sections for passage in passages]
        return [self.introduction, *items, self.conclusion]

    @property
    def missing(self) -> list[str]:
        """Sentences that say what the report lacks."""
        found = [f"还没有写{each.title}" for each in (self.introduction, self.conclusion) if not each.text]
        found += [f"“{each.title}”没有可用的内容" for each in self.passages if each.item and not each.text]
        lacking = sum(brief.answer is None for brief in self.briefs)
        return found + ([f"{lacking} 个单位的自评简报还没有通过审核"] if lacking else [])


def compose(sources: Iterable[Source]) -> str:
    """Return three paragraphs (measures, results, highlights): leads first, each sentence once, with the name of its unit.

    The units are named as soon as there are several; what several say in the same words is said once. What answers say of their own
    review is left out (see ``left_out``).
    """
    rows = list(sources)
    are_named = len({source.task.unit_id for source in rows}) > 1
    texts = ((label, _paragraph(rows, name, are_named)) for name, label in PARTS)
    return "\n".join(f"{label}：{text}" for label, text in texts if text)


def _paragraph(sources: list[Source], part: str, are_named: bool) -> str:
    units: dict[str, dict[str, None]] = defaultdict(dict)  # text → the units that say it, in order
    for source in sources:
        if text := "".join(_sentences(getattr(source.answer, part))[0]):
            units[text][source.task.unit.short_name] = None
    if not are_named:
        return "".join(units)
    return "".join(f"{'、'.join(names)}：{text}" for text, names in units.items())


def left_out(sources: Iterable[Source]) -> list[str]:
    """Return the sentences about the review of the answers, which belong to the work between office and unit and not into the report."""
    return [
        f"{source.task.unit.short_name}：{sentence}"
        for source in sources
        for name, _ in PARTS
        for sentence in _sentences(getattr(source.answer, name))[1]
    ]


def _sentences(text: str) -> tuple[list[str], list[str]]:
    """Return the sentences of an answer, each with its end, and apart from them those about its review."""
    found = [each.strip() for each in SENTENCE.findall(" ".join(text.split()))]
    whole = [each if each.endswith(SENTENCE_ENDS) else f"{each}。" for each in found if each]
    return [each for each in whole if not OF_REVIEW.search(each)], [each for each in whole if OF_REVIEW.search(each)]


# Reading


def load_assessment(campaign: Campaign) -> Assessment:
    """Load the whole report with a constant number of queries."""
    own = {text.slot: text for text in AssessmentText.objects.filter(campaign=campaign).select_related("updated_by")}
    items: dict[int, list[Passage]] = defaultdict(list)
    by_key: dict[int, Passage] = {}
    for item in campaign.system.indicators.filter(level=IndicatorLevel.ITEM).order_by("order"):
        by_key[item.pk] = Passage(item.code, str(item), item, stored_text=own.get(item.code))
        items[item.parent_id or 0].append(by_key[item.pk])
    _add_quotations(by_key, campaign)
    _add_sources(by_key, campaign)
    sections = [(section, items[section.pk]) for section in campaign.system.indicators.sections().order_by("order")]
    ends = {slot: Passage(slot, title, stored_text=own.get(slot)) for slot, title in TITLES.items()}
    return Assessment(ends[INTRODUCTION], ends[CONCLUSION], sections, _briefs(campaign))


def passage_of(campaign: Campaign, slot: str) -> Passage | None:
    return next((each for each in load_assessment(campaign).passages if each.slot == slot), None)


def _add_quotations(passages: dict[int, Passage], campaign: Campaign) -> None:
    quoted = campaign.system.indicators.checkpoints().exclude(official_wording="").order_by("order")
    for point in quoted.only("parent_id", "official_wording", "clause"):
        passages[point.parent_id or 0].quotations[cited(point.clause)][point.official_wording] = None


def _add_sources(passages: dict[int, Passage], campaign: Campaign) -> None:
    tasks = Task.objects.active().filter(campaign=campaign, indicator__isnull=False).select_related("unit", "indicator")
    ordered = list(tasks.in_ledger_order())
    answers = _approved([task for task in ordered if task.status == TaskStatus.APPROVED])
    numbers = _numbers(answers)
    measures = {
        (each.indicator_id, each.name): each for each in Measure.objects.filter(indicator__system=campaign.system_id)
    }
    for passage in passages.values():
        passage.measures = measures
    for task in ordered:
        found = passages.get(task.indicator.parent_id or 0) if task.indicator else None
        if found is None:
            continue
        if answer := answers.get(task.pk):
            found.sources.append(Source(task, answer, numbers[answer.pk]))
        elif task.is_lead:
            found.unapproved_tasks.append(task)


def _approved(tasks: list[Task]) -> dict[int, Submission]:
    rows = Submission.objects.filter(task__in=[task.pk for task in tasks]).order_by("number")
    return {row.task_id: row for row in rows}


def _numbers(answers: dict[int, Submission]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = SubmittedCitation.objects.unrestricted().filter(submission__in=[answer.pk for answer in answers.values()])
    for submission, number in rows.order_by("number").values_list("submission_id", "number"):
        found[submission].append(number)
    return found


def _briefs(campaign: Campaign) -> list[UnitBrief]:
    """Return the briefs: the units' answers to the actions of the assessment phase."""
    phases = Phase.objects.filter(campaign=campaign, kind=PhaseKind.ASSESSMENT)
    tasks_of_briefs = Task.objects.active().filter(
        campaign=campaign, phase__in=phases, action__audience=Audience.EVERY_UNIT
    )
    tasks = list(tasks_of_briefs.for_table().order_by("unit__order", "pk"))
    answers = _approved([task for task in tasks if task.status == TaskStatus.APPROVED])
    return [UnitBrief(task, answers.get(task.pk)) for task in tasks]


# Writing


def save_passage(campaign: Campaign, slot: str, text: str, seen: int, actor: Actor) -> AssessmentText:
    """Save a passage; an empty text restores the composed one. Earlier texts stay among its versions.

    ``seen`` is the version on screen, 0 for none. Raises Stale, Refusal.
    """
    if campaign.closed_message:
        raise Refusal(f"“{campaign}”已结束，不能再修改自评报告。")
    if len(text) > MAX_LENGTH:
        raise Refusal(f"内容有 {len(text)} 字，超过 {MAX_LENGTH} 字，没有保存。请删减后再保存。")
    found = passage_of(campaign, slot)
    if found is None:
        raise Refusal("指标体系中已没有这一项，没有保存。")
    try:
        with transaction.atomic():
            row = _save_text(campaign, found, text, seen, actor)
            AssessmentTextVersion.objects.create(
                of=row, number=row.version, text=text, created_by=actor.human, created_at=actor.at
            )
            audit_log.record(actor, "assessment.write", campaign, detail=f"{found.title}（{len(text)} 字）")
    except IntegrityError:
        raise _stale(campaign, slot) from None
    return row


def _save_text(campaign: Campaign, found: Passage, text: str, seen: int, actor: Actor) -> AssessmentText:
    values = {
        "text": text,
        "sources": found.digest if found.item else "",
        "updated_by": actor.human,
        "updated_at": actor.at,
    }
    if not seen:
        return AssessmentText.objects.create(campaign=campaign, slot=found.slot, **values)
    rows = AssessmentText.objects.filter(campaign=campaign, slot=found.slot, version=seen)
    if not rows.bump(**values):
        raise _stale(campaign, found.slot)
    return AssessmentText.objects.get(campaign=campaign, slot=found.slot)


def _stale(campaign: Campaign, slot: str) -> Refusal:
    now = AssessmentText.objects.select_related("updated_by").filter(campaign=campaign, slot=slot).first()
    if now is None:
        return Refusal("页面上的版本已不存在，没有保存。请复制您写的内容，刷新本页后再保存。")
    return Stale(f"{now.updated_by} 刚刚保存了这一部分，您的修改没有保存。请核对两份内容后再保存。", now.text)
