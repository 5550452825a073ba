"""上年材料: what the unit cited at this point last year, offered until the unit says that it still applies, or no longer does.

Nothing is stored before somebody decides, and nothing here counts as evidence: a piece that still applies is cited like any other.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.rollover import points
from creation.evidence import citing
from creation.evidence.library import stopping
from creation.lib.refusals import Refusal
from creation.models import Citation, Dismissal, Evidence, EvidenceVersion, SubmittedCitation, Task, User
from creation.models.evidence import CitationQuerySet


@dataclass(frozen=True, slots=True)
class Piece:
    """``former``: the citation of last year; ``handed_in``: the number of the version that was handed in then, 0 for none."""

    former: Citation
    version: EvidenceVersion
    handed_in: int
    admitted: bool
    obstacle: str
    is_own_task: bool

    @property
    def evidence(self) -> Evidence:
        return self.former.evidence


@dataclass(frozen=True, slots=True)
class Heritage:
    waiting: list[Piece]
    dismissed: list[Piece]


def of_task(task: Task, reader: User) -> Heritage | None:
    """Everything that is offered at the task; None where there was no last year."""
    if task.campaign.previous_id is None:
        return None
    dismissed = set(task.dismissals.values_list("evidence", flat=True))
    pieces = _pieces(task, _former(task).filter(evidence__in=Evidence.objects.in_sight_of(reader)))
    return Heritage(
        waiting=[each for each in pieces if each.evidence.pk not in dismissed],
        dismissed=[each for each in pieces if each.evidence.pk in dismissed],
    )


def waiting(task: Task, reader: User) -> int:
    found = of_task(task, reader)
    return len(found.waiting) if found else 0


def one(task: Task, evidence: int, reader: User) -> Piece | None:
    """The piece, while nobody has cited it in the task."""
    rows = _former(task).filter(evidence__in=Evidence.objects.in_sight_of(reader), evidence=evidence)
    return next(iter(_pieces(task, rows)), None)


def _former(task: Task) -> CitationQuerySet:
    """Last year's citations of the unit at the point, and of the unit's pieces there; without those that this year's task has had."""
    taken = Citation.objects.filter(task=task, evidence=OuterRef("evidence"))
    rows = Citation.objects.live().filter(points.at(task, "task__"), task__campaign=task.campaign.previous_id)
    of_unit = Q(task__unit=task.unit_id) | Q(evidence__unit=task.unit_id)
    return rows.filter(of_unit, task__dropped_on=None).exclude(Exists(taken))


def _pieces(task: Task, rows: CitationQuerySet) -> list[Piece]:
    joins = ("evidence__unit", "number", "task__unit", "task__campaign", "task__indicator", "task__action")
    former: dict[int, Citation] = {}
    for row in rows.select_related(*joins).prefetch_related("evidence__secrecy_marks").order_by("number__serial", "pk"):
        if row.evidence_id not in former or row.task.unit_id == task.unit_id:
            former[row.evidence_id] = row
    versions = EvidenceVersion.objects.filter(evidence__in=former).defer("text").order_by("number")
    newest = {version.evidence_id: version for version in versions}
    citable = set(citing.citable(task).filter(pk__in=former).values_list("pk", flat=True))
    handed_in = _handed_in(former)
    return [
        Piece(
            former=row,
            version=newest[pk],
            handed_in=handed_in.get((row.task_id, pk), 0),
            admitted=row.evidence.dated_on is None or task.campaign.admits(row.evidence.dated_on),
            obstacle=_obstacle(row.evidence, pk in citable),
            is_own_task=row.task.unit_id == task.unit_id,
        )
        for pk, row in former.items()
    ]


def _handed_in(former: dict[int, Citation]) -> dict[tuple[int, int], int]:
    """Task and piece → the newest version that was handed in there."""
    tasks = [row.task_id for row in former.values()]
    rows = SubmittedCitation.objects.filter(submission__task__in=tasks, version__evidence__in=former).order_by()
    numbers = rows.values("submission__task", "version__evidence").annotate(last=Max("version__number"))
    return {(each["submission__task"], each["version__evidence"]): each["last"] for each in numbers}


def _obstacle(piece: Evidence, is_citable: bool) -> str:
    if stopped := stopping.why_not(piece):
        return stopped
    return "" if is_citable else f"这是{piece.unit}的资料，该单位在本年任务中引用以后，这里才能引用。"


# Deciding


def keep(task: Task, piece: Piece, reason: str, actor: Actor) -> Citation:
    """It still applies: cited in this year's draft, with last year's passage. ``reason``: why, where its day lies outside the window."""
    with transaction.atomic():
        citation = citing.cite(task, piece.evidence, actor, piece.former.passage)
        Dismissal.objects.filter(task=task, evidence=piece.evidence).delete()
        if reason and not piece.admitted:
            citing.explain(citation, reason, actor)
    return citation


def drop(task: Task, piece: Piece, actor: Actor) -> None:
    """It no longer applies."""
    with transaction.atomic():
        citing.lock_open(task)
        if Citation.objects.live().filter(task=task, evidence=piece.evidence).exists():
            raise Refusal("这份资料已经引用在本任务中。不再适用的，请在上面的列表里移除。")
        known = {"by": actor.human, "at": actor.at}
        _, new = Dismissal.objects.get_or_create(task=task, evidence=piece.evidence, defaults=known)
        if new:
            trail.audit(actor, "evidence.dismiss", task, detail=str(piece.evidence))


def reconsider(task: Task, piece: Piece, actor: Actor) -> None:
    """It was dropped by mistake: it waits to be confirmed again."""
    with transaction.atomic():
        citing.lock_open(task)
        gone, _ = Dismissal.objects.filter(task=task, evidence=piece.evidence).delete()
        if gone:
            trail.audit(actor, "evidence.reconsider", task, detail=str(piece.evidence))
