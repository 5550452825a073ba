"""What was said of a piece of evidence when it was handed in: who corrects a title later does not change what was judged."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from creation.models import ANSWERED, Submission, SubmittedCitation, TaskStatus
from reports.ledger.then import Then

STANDING = (TaskStatus.SIGNING, *ANSWERED)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    doc_number: str
    dated_on: date | None
    issuer: str
    passage: str
    outside_reason: str


def words(chosen: Any, then: Then | None) -> dict[tuple[int, str], Words]:
    """By task and number: of answers that stand, or of the last ones before the end of that day."""
    newest = Submission.objects.filter(task=OuterRef("submission__task")).order_by("-number")
    if then:
        newest = newest.filter(at__lt=then.until)
    rows = SubmittedCitation.objects.filter(submission__task__in=chosen, submission=Subquery(newest.values("pk")[:1]))
    if then is None:
        rows = rows.filter(submission__task__status__in=STANDING)
    names = [field.name for field in fields(Words)]
    found = rows.order_by().values_list("submission__task_id", "number", *names)
    return {(task, number): Words(*said) for task, number, *said in found.iterator()}
