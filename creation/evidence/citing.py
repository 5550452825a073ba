"""Citing evidence in a task, under a number that is never reused.

Numbers come from a counter row, which is also the lock: citations at a checkpoint are numbered in order across all units. Locks
are always taken in the order task, unit, counter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import page_marks
from creation.evidence.library import search_index, secrecy_check
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal
from creation.models import (
    CHANGEABLE,
    AssignmentRole,
    Campaign,
    Citation,
    Evidence,
    EvidenceNumber,
    EvidenceVersion,
    NumberCounter,
    PageMark,
    Task,
    Unit,
    User,
)
from creation.models.citation import CitationQuerySet
from creation.models.evidence import EvidenceQuerySet, is_flagged
from creation.rules.policy import Permission

CHANGEABLE_STATUSES = CHANGEABLE
ASSISTS_PART = 20  # pieces of the assisting units at a time
FEW_ASSISTS = 5  # that stand on the lead's page at once
Choice = Callable[[Any], CitationQuerySet]  # the citations of a task, or a citation, by its key


@dataclass(frozen=True)
class CitedEvidence:
    """A row of the evidence area: an active citation with the newest version of its evidence."""

    citation: Citation
    version: EvidenceVersion
    is_in_window: bool
    marks: Sequence[page_marks.DisplayedMark] = ()

    @property
    def evidence(self) -> Evidence:
        return self.citation.evidence


# Reading


def accepts_changes(task: Task) -> bool:
    """Return whether the evidence of this task may change: not after it was submitted, is waiting for a signature or was approved."""
    return task.status in CHANGEABLE_STATUSES and task.campaign.is_open and task.dropped_on is None


def cited_by_task(task: Task, reader: User) -> list[CitedEvidence]:
    """Return the task's evidence, in order of its numbers, without pieces whose words the reader may not see."""
    rows = _citations(task, reader) if task.has("citations") else []
    if not rows:
        return []
    for row in rows:
        row.task = task
    marks = _marks(task, chosen_by=_of_task) if task.has("marks") else []
    return _joined(rows, _versions(task, chosen_by=_of_task), marks, task.campaign)


def shown_pieces(rows: Iterable[CitedEvidence]) -> str:
    """Return what a page shows, for the form that it sends: "citation:version" of each piece."""
    return " ".join(f"{row.citation.pk}:{row.version.number}" for row in rows)


@prepared
def _citations(task: Task, reader: User) -> QuerySet[Citation, Citation]:
    return _for_area(Citation.objects.counting().filter(task=task).readable_by(reader))


def _of_task(task: Any) -> CitationQuerySet:
    return Citation.objects.counting().filter(task=task)


def _of_key(key: Any) -> CitationQuerySet:
    return Citation.objects.filter(pk=key).select_related("task__campaign", "task__unit")


@prepared
def _rows(key: int, *, chosen_by: Choice) -> QuerySet[Citation, Citation]:
    return _for_area(chosen_by(key))


@prepared
def _versions(key: Any, *, chosen_by: Choice) -> QuerySet[EvidenceVersion, EvidenceVersion]:
    return _newest_last(chosen_by(key).values("evidence"))


@prepared
def _marks(key: Any, *, chosen_by: Choice) -> QuerySet[PageMark, PageMark]:
    return page_marks.to_display(chosen_by(key).values("pk"))


@dataclass(frozen=True)
class AssistsPage:
    """A part of what the assisting units cite. ``after``: the key of its last row if more follow; ``total`` counts all parts."""

    rows: Sequence[CitedEvidence] = ()
    after: int | None = None
    total: int = 0


def cited_by_assists(task: Task, after: int | None = None) -> AssistsPage:
    """Return what the assisting units cite at the lead's checkpoint and the lead does not: the first part, or the one after a citation.

    In order of the numbers. Empty for other tasks. Eighty units bring more than a page can hold.
    """
    if not (task.is_lead and task.indicator_id):
        return AssistsPage()
    offered = _offered_by_assists(task)
    rest = _for_area(offered.select_related("task__campaign", "task__unit"))
    if last := Citation.objects.filter(pk=after).select_related("number").first() if after else None:
        serial = last.number.serial
        rest = rest.filter(Q(number__serial__gt=serial) | Q(number__serial=serial, pk__gt=last.pk))
    found = list(rest[: ASSISTS_PART + 1])
    rows, has_more = found[:ASSISTS_PART], len(found) > ASSISTS_PART
    marks = page_marks.to_display([row.pk for row in rows])
    part = _joined(rows, _newest_last([row.evidence_id for row in rows]), marks, task.campaign)
    return AssistsPage(part, rows[-1].pk if has_more else None, offered.count() if has_more or after else len(rows))


def assists_in_sight(task: Task) -> AssistsPage:
    """Return what the assisting units cite if it is little; of much, only the ``total``."""
    total = _offered_by_assists(task).count() if task.is_lead and task.indicator_id else 0
    return cited_by_assists(task) if 0 < total <= FEW_ASSISTS else AssistsPage(total=total)


def _offered_by_assists(task: Task) -> CitationQuerySet:
    same = Citation.objects.counting().filter(task__campaign=task.campaign_id, task__indicator=task.indicator_id)
    own = Citation.objects.counting().filter(task=task, evidence=OuterRef("evidence"))
    assisting = same.filter(task__role=AssignmentRole.ASSIST, task__dropped_on=None).exclude(is_flagged("evidence"))
    return assisting.exclude(Exists(own))


def cited_evidence(citation: Citation) -> CitedEvidence:
    rows, versions = _rows(citation.pk, chosen_by=_of_key), _versions(citation.pk, chosen_by=_of_key)
    return _joined(rows, versions, _marks(citation.pk, chosen_by=_of_key), citation.task.campaign)[0]


def _for_area(citations: CitationQuerySet) -> CitationQuerySet:
    joined = citations.select_related("evidence__unit", "evidence__created_by", "number")
    return joined.prefetch_related("evidence__secrecy_marks").order_by("number__serial", "pk")


def _newest_last(evidence: Any) -> QuerySet[EvidenceVersion, EvidenceVersion]:
    versions = EvidenceVersion.objects.filter(evidence__in=evidence)
    return versions.select_related("scan", "extract").order_by("number")


def _joined(
    rows: Iterable[Citation], versions: Iterable[EvidenceVersion], marks: Iterable[PageMark], campaign: Campaign
) -> list[CitedEvidence]:
    displayed = page_marks.displayed_by_citation(marks)
    newest = {version.evidence_id: version for version in versions}
    return [
        CitedEvidence(row, newest[row.evidence_id], _is_in_window(campaign, row.evidence), displayed.get(row.pk, []))
        for row in rows
    ]


def _is_in_window(campaign: Campaign, evidence: Evidence) -> bool:
    return evidence.dated_on is None or campaign.window_includes(evidence.dated_on)


def citable(task: Task) -> EvidenceQuerySet:
    """Return what this task may cite and does not cite yet: its unit's own pieces and, for a lead, pieces cited at its checkpoint."""
    allowed = Q(unit=task.unit_id)
    citations = Citation.objects.counting().filter(evidence=OuterRef("pk"), task__dropped_on=None)
    if task.is_lead and task.indicator_id:
        allowed |= Q(Exists(citations.filter(task__campaign=task.campaign_id, task__indicator=task.indicator_id)))
    return Evidence.objects.active().unrestricted().filter(allowed).exclude(Exists(citations.filter(task=task.pk)))


def open_tasks_for(evidence: Evidence, person: User, campaign: Campaign) -> list[Task]:
    """Return the tasks of the piece's unit to which this person may add it now, in ledger order."""
    reach = person.permission_filter(
        Permission.TASK_CITE, district="campaign__district", campaign="campaign", unit="unit"
    )
    tasks = Task.objects.visible_to(person).filter(reach, campaign=campaign, unit=evidence.unit_id)
    existing = Citation.objects.counting().filter(task=OuterRef("pk"), evidence=evidence)
    if not campaign.is_open:
        return []
    return list(tasks.filter(status__in=CHANGEABLE_STATUSES).exclude(Exists(existing)).for_table().in_ledger_order())


# Citing


def cite_many(evidence: Evidence, wanted: Mapping[Task, str], actor: Actor) -> list[EvidenceNumber]:
    """Cite a piece in many tasks, each with its passage: in all of them or in none. Raises Refusal, naming the task."""
    numbers = []
    with transaction.atomic():
        for task, passage in wanted.items():
            try:
                numbers.append(cite(task, evidence, actor, passage).number)
            except Refusal as error:
                raise Refusal(f"“{task}”：{error}全部没有引用，请取消勾选这一项后再试。") from error
    return numbers


def cite(task: Task, evidence: Evidence, actor: Actor, passage: str = "") -> Citation:
    """Cite an existing piece, unless it is cited already. A citation that was removed is restored with its number. Raises Refusal."""
    with transaction.atomic():
        lock_open_task(task)
        existing = Citation.objects.counting().filter(task=task, evidence=evidence).first()
        if existing:
            return existing
        if stopped := secrecy_check.citation_obstacle(evidence):
            raise Refusal(stopped)
        if not citable(task).filter(pk=evidence.pk).exists():
            raise Refusal("这份资料不能在本任务中引用：只能引用本单位的资料，牵头单位还可引用配合单位的资料。")
        citation = create_citation(task, evidence, actor, passage)
        audit_log.record(actor, "evidence.cite", task, detail=str(citation))
    return citation


def create_citation(
    task: Task, evidence: Evidence, actor: Actor, passage: str = "", first: EvidenceVersion | None = None
) -> Citation:
    """Create or restore the citation with its number.

    For verbs that have locked the task; without ``passage``, a restored one keeps its own. ``first``: the version of a piece that was
    created in this transaction, of which nothing else can be known yet.
    """
    values = {
        "number": _number_for(task, evidence, is_new=first is not None),
        "created_by": actor.human,
        "created_at": actor.at,
        "removed_at": None,
    }
    values |= {"passage": passage} if passage else {}
    if first:
        search_index.add_entry(evidence, first)
        secrecy_check.mark_new(evidence, first)
        return Citation.objects.create(task=task, evidence=evidence, **values)
    citation, _ = Citation.objects.update_or_create(task=task, evidence=evidence, defaults=values)
    search_index.update_entries([evidence])
    secrecy_check.recheck_secrecy(evidence)
    return citation


def lock_open_task(task: Task) -> None:
    """Lock the task's row until the end of the transaction. Raises Refusal if its evidence may not change."""
    locked = Task.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    now = locked.only("dropped_on", "status", "campaign", "campaign__state").get(pk=task.pk)
    if now.dropped_on:
        raise Refusal("该任务已被创建办撤销，印证资料不能再改动。")
    now.campaign.require_open("印证资料不能改动")
    if now.status not in CHANGEABLE_STATUSES:
        raise Refusal(f"任务现为“{now.get_status_display()}”，印证资料不能改动。如需补充，请先撤回，或请创建办退回。")


def lock_unit(unit_id: int) -> None:
    """Lock the unit's row, so that the same content cannot be added twice at the same time."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)


def _number_for(task: Task, evidence: Evidence, *, is_new: bool) -> EvidenceNumber:
    counter = NumberCounter.objects.lock(task.campaign, task.code)
    if not is_new and (given := _existing_number(task, evidence)):
        return given
    return EvidenceNumber.objects.create(
        campaign=task.campaign, point=task.code, serial=counter.take_next(), evidence=evidence
    )


def _existing_number(task: Task, evidence: Evidence) -> EvidenceNumber | None:
    """Return the number that the piece has at the checkpoint, even if a new edition changed the checkpoint's code since."""
    numbers = EvidenceNumber.objects.filter(campaign=task.campaign, evidence=evidence)
    given = list(numbers.order_by("pk"))
    if given and task.indicator_id and (here := numbers.filter(citations__task__indicator=task.indicator_id).first()):
        return here
    return next((number for number in given if number.point == task.code), None)


def uncite(citation: Citation, actor: Actor) -> None:
    """Remove the piece from the task. The piece remains in its unit, and the number is not reused."""
    with transaction.atomic():
        lock_open_task(citation.task)
        if Citation.objects.filter(pk=citation.pk, removed_at=None).update(removed_at=actor.at):
            audit_log.record(actor, "evidence.uncite", citation.task, detail=str(citation))


def set_outside_reason(citation: Citation, reason: str, actor: Actor) -> None:
    """Record why a piece dated outside the campaign's window is cited anyway."""
    with transaction.atomic():
        lock_open_task(citation.task)
        rows = Citation.objects.filter(pk=citation.pk).exclude(outside_reason=reason)
        if rows.update(outside_reason=reason):
            audit_log.record(actor, "evidence.outside", citation.task, detail=f"{citation.number}：{reason}")
    citation.outside_reason = reason


def set_passage(citation: Citation, passage: str, actor: Actor) -> None:
    """Set the passage or page that proves the point."""
    with transaction.atomic():
        lock_open_task(citation.task)
        if Citation.objects.filter(pk=citation.pk).exclude(passage=passage).update(passage=passage):
            audit_log.record(actor, "evidence.passage", citation.task, detail=f"{citation.number}：{passage}")
    citation.passage = passage
