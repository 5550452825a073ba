"""上年材料: evidence that the unit cited for this work item last year, offered until the unit decides whether it still applies.

Nothing is stored before somebody decides, and it does not count as evidence until then. A piece that still applies is cited like any other.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.rollover import work_items
from creation.evidence import citing
from creation.evidence.library import secrecy_check
from creation.lib.refusals import Refusal
from creation.models import Citation, Evidence, EvidenceVersion, RejectedSuggestion, SubmittedCitation, Task, User
from creation.models.citation import CitationQuerySet


@dataclass(frozen=True, slots=True)
class PreviousEvidence:
    """A piece of last year's evidence. ``citation`` is last year's; ``submitted_version``: the version submitted then, 0 for none."""

    citation: Citation
    version: EvidenceVersion
    submitted_version: int
    is_in_window: bool
    obstacle: str
    is_own_task: bool

    @property
    def evidence(self) -> Evidence:
        return self.citation.evidence


@dataclass(frozen=True, slots=True)
class PreviousYearEvidence:
    undecided: list[PreviousEvidence]
    rejected: list[PreviousEvidence]


def previous_year_evidence(task: Task, reader: User) -> PreviousYearEvidence | None:
    """Return everything offered for the task; None when there is no previous campaign."""
    if task.campaign.previous_id is None:
        return None
    rejected = set(task.rejections.values_list("evidence", flat=True))
    rows = _previous_evidence_rows(
        task, _previous_citations(task).filter(evidence__in=Evidence.objects.not_hidden_from(reader))
    )
    return PreviousYearEvidence(
        undecided=[each for each in rows if each.evidence.pk not in rejected],
        rejected=[each for each in rows if each.evidence.pk in rejected],
    )


def count_undecided(task: Task, reader: User) -> int:
    found = previous_year_evidence(task, reader)
    return len(found.undecided) if found else 0


def previous_evidence(task: Task, evidence: int, reader: User) -> PreviousEvidence | None:
    """Return the piece of evidence, or None when it is already cited in the task."""
    rows = _previous_citations(task).filter(evidence__in=Evidence.objects.not_hidden_from(reader), evidence=evidence)
    return next(iter(_previous_evidence_rows(task, rows)), None)


def _previous_citations(task: Task) -> CitationQuerySet:
    """Last year's citations of the unit for the work item, and of the unit's evidence there, without those already in this year's task."""
    already_cited = Citation.objects.filter(task=task, evidence=OuterRef("evidence"))
    rows = Citation.objects.counting().filter(
        work_items.same_item(task, "task__"), task__campaign=task.campaign.previous_id
    )
    of_unit = Q(task__unit=task.unit_id) | Q(evidence__unit=task.unit_id)
    return rows.filter(of_unit, task__dropped_on=None).exclude(Exists(already_cited))


def _previous_evidence_rows(task: Task, rows: CitationQuerySet) -> list[PreviousEvidence]:
    joins = (
        "evidence__unit",
        "number",
        "task__unit",
        "task__campaign",
        "task__indicator",
        "task__action",
        "task__finding",
    )
    by_evidence: dict[int, Citation] = {}
    for row in rows.select_related(*joins).prefetch_related("evidence__secrecy_marks").order_by("number__serial", "pk"):
        if row.evidence_id not in by_evidence or row.task.unit_id == task.unit_id:
            by_evidence[row.evidence_id] = row
    versions = EvidenceVersion.objects.filter(evidence__in=by_evidence).defer("text").order_by("number")
    newest = {version.evidence_id: version for version in versions}
    citable = set(citing.citable(task).filter(pk__in=by_evidence).values_list("pk", flat=True))
    handed_in = _submitted_versions(by_evidence)
    return [
        PreviousEvidence(
            citation=row,
            version=newest[pk],
            submitted_version=handed_in.get((row.task_id, pk), 0),
            is_in_window=row.evidence.dated_on is None or task.campaign.window_includes(row.evidence.dated_on),
            obstacle=_citation_obstacle(row.evidence, pk in citable),
            is_own_task=row.task.unit_id == task.unit_id,
        )
        for pk, row in by_evidence.items()
    ]


def _submitted_versions(by_evidence: dict[int, Citation]) -> dict[tuple[int, int], int]:
    """Return (task, evidence) → the newest version that was submitted there."""
    tasks = [row.task_id for row in by_evidence.values()]
    rows = SubmittedCitation.objects.filter(submission__task__in=tasks, version__evidence__in=by_evidence).order_by()
    numbers = rows.values("submission__task", "version__evidence").annotate(last=Max("version__number"))
    return {(each["submission__task"], each["version__evidence"]): each["last"] for each in numbers}


def _citation_obstacle(evidence: Evidence, is_citable: bool) -> str:
    if stopped := secrecy_check.citation_obstacle(evidence):
        return stopped
    return "" if is_citable else f"这是{evidence.unit}的资料，该单位在本年任务中引用以后，这里才能引用。"


# Decisions


def cite_again(task: Task, previous: PreviousEvidence, reason: str, actor: Actor) -> Citation:
    """Cite the piece again, with last year's passage. ``reason`` is needed when its date lies outside the period of the campaign."""
    with transaction.atomic():
        citation = citing.cite(task, previous.evidence, actor, previous.citation.passage)
        RejectedSuggestion.objects.filter(task=task, evidence=previous.evidence).delete()
        if reason and not previous.is_in_window:
            citing.set_outside_reason(citation, reason, actor)
    return citation


def reject(task: Task, previous: PreviousEvidence, actor: Actor) -> None:
    """Record that the piece no longer applies."""
    with transaction.atomic():
        citing.lock_open_task(task)
        if Citation.objects.counting().filter(task=task, evidence=previous.evidence).exists():
            raise Refusal("这份资料已经引用在本任务中。不再适用的，请在上面的列表里移除。")
        values = {"created_by": actor.human, "created_at": actor.at}
        _, new = RejectedSuggestion.objects.get_or_create(task=task, evidence=previous.evidence, defaults=values)
        if new:
            audit_log.record(actor, "evidence.dismiss", task, detail=str(previous.evidence))


def undo_rejection(task: Task, previous: PreviousEvidence, actor: Actor) -> None:
    """Undo a rejection: the piece awaits confirmation again."""
    with transaction.atomic():
        citing.lock_open_task(task)
        deleted, _ = RejectedSuggestion.objects.filter(task=task, evidence=previous.evidence).delete()
        if deleted:
            audit_log.record(actor, "evidence.reconsider", task, detail=str(previous.evidence))
