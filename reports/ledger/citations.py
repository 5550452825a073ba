"""The evidence cited by the tasks of a ledger, with its data at submission: later corrections do not change what was reviewed."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery

from creation.evidence import page_marks
from creation.models import ANSWERED, Campaign, Citation, Evidence, Submission, SubmittedCitation, TaskStatus, User
from creation.models.citation import CitationQuerySet
from creation.models.evidence import is_flagged
from reports.ledger.historical_state import HistoricalState

STANDING_STATUSES = (TaskStatus.SIGNING, *ANSWERED)


class CitedFields(NamedTuple):
    """The data of a piece of evidence when it was submitted."""

    title: str
    kind: str
    doc_number: str
    dated_on: date | None
    issuer: str
    pages: int | None
    passage: str
    outside_reason: str


SubmittedFields = Mapping[tuple[int, str], CitedFields]  # by task and number


def cited_evidence(chosen: Any, state: HistoricalState | None) -> CitationQuerySet:
    """Return what the tasks cite now, or cited on the past day."""
    if state is None:
        return Citation.objects.counting().filter(~is_flagged("evidence"), task__in=chosen)
    kept = Q(removed_at=None) | Q(removed_at__gte=state.until)
    not_deleted = Q(evidence__deleted_at=None) | Q(evidence__deleted_at__gte=state.until)
    in_sight = Q(evidence__hidden_at=None) & ~Q(is_flagged("evidence"))
    return Citation.objects.filter(kept, not_deleted, in_sight, task__in=chosen, created_at__lt=state.until)


def evidence_keys(chosen: Any, state: HistoricalState | None, viewer: User | None) -> frozenset[int]:
    """Return the keys of the pieces that the ledger names and whose words the viewer may read today."""
    cited = cited_evidence(chosen, state).order_by().values_list("evidence", flat=True)
    submitted = SubmittedCitation.objects.unrestricted().filter(submission__task__in=chosen).order_by()
    withheld = Evidence.objects.words_withheld_from(viewer).values_list("pk", flat=True) if viewer else ()
    named = {*cited, *submitted.values_list("version__evidence", flat=True)}
    return frozenset(named.difference(withheld))


def submitted_fields(chosen: Any, state: HistoricalState | None) -> SubmittedFields:
    """Return the data from the current submissions, or from the last ones before the end of the past day; ordered by number."""
    newest = Submission.objects.filter(task=OuterRef("submission__task")).order_by("-number")
    rows = SubmittedCitation.objects.unrestricted().filter(submission__task__in=chosen)
    if state:
        newest = newest.filter(created_at__lt=state.until)
    else:
        rows = rows.filter(submission__task__status__in=STANDING_STATUSES, version__evidence__deleted_at=None)
    rows = rows.filter(submission=Subquery(newest.values("pk")[:1])).order_by("number", "pk")
    facts = rows.values_list("submission__task_id", "number", *CitedFields._fields)
    return {(task, number): CitedFields(*fields) for task, number, *fields in facts.iterator()}


def evidence_lines(chosen: Any, campaign: Campaign, state: HistoricalState | None) -> dict[int, list[str]]:
    """Return for each task the number and title of each piece, with the pages that the office marked as proof."""
    known, places = submitted_fields(chosen, state), page_marks.page_texts_by_number(chosen)

    def line(task: int, number: str, title: str, day: date | None, reason: str) -> str:
        pages = f"（{places[task, number]}）" if (task, number) in places else ""
        return f"{number} {title}{pages}{_outside(campaign, day, reason)}"

    found: dict[int, list[str]] = defaultdict(list)
    facts = ("task_id", "number__point", "number__serial", "evidence__title", "evidence__dated_on", "outside_reason")
    for task, point, serial, title, day, reason in (
        cited_evidence(chosen, state).order_by("task", "number__serial").values_list(*facts)
    ):
        number = f"{point}-{serial:02d}"
        if fields := known.get((task, number)):
            title, day, reason = fields.title, fields.dated_on, fields.outside_reason
        found[task].append(line(task, number, title, day, reason))
    if state:
        return found
    submitted_lines: dict[int, list[str]] = defaultdict(list)
    for (task, number), fields in known.items():
        submitted_lines[task].append(line(task, number, fields.title, fields.dated_on, fields.outside_reason))
    return found | submitted_lines


def _outside(campaign: Campaign, day: date | None, reason: str) -> str:
    """Return a note for a piece dated outside the permitted period, with the reason."""
    if day is None or campaign.window_includes(day):
        return ""
    return f"（{day:%Y-%m-%d}，时间范围外：{reason or '未说明理由'}）"
