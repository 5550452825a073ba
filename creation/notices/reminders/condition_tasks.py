"""What the conditions of reminder rules find: small functions that select from the phase's or the campaign's active tasks."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from creation.models import (
    CHANGEABLE,
    UNANSWERED,
    ApplicationEntry,
    Audience,
    Membership,
    Phase,
    PhaseKind,
    Submission,
    Task,
    TaskStatus,
    Visit,
)
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

TaskRows = QuerySet[Task]
MAX_REVIEW_DAYS = 5  # workdays after which an answer has waited for review too long
MAX_RECORDING_DAYS = 3  # workdays after its day from which a visit without a record is missed
MAX_VERIFICATION_DAYS = 3  # workdays after which a reported rectification has waited for verification too long


class Answers(Enum):
    """What is assumed about answers: those that there are, or for a rehearsal none at all, or each on its due day."""

    AS_THEY_ARE = "as they are"
    NONE = "none"
    ON_THE_DUE_DAY = "on the due day"


@dataclass(frozen=True, slots=True)
class EvaluationDate:
    """The day for which conditions are evaluated."""

    today: date
    calendar: Workdays
    answers: Answers = Answers.AS_THEY_ARE

    @property
    def assumes_answers(self) -> bool:
        return self.answers is not Answers.AS_THEY_ARE


def unanswered(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the units' tasks that are open or returned, without the office's own and rectifications, which have their own conditions."""
    return _in_status(_of_plan(_not_the_offices(tasks)), evaluation, *CHANGEABLE)


def awaiting_signature(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    return _in_status(tasks, evaluation, TaskStatus.SIGNING)


def office_items(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the office's own open or returned tasks in the phase."""
    own = tasks.filter(action__audience=Audience.OFFICE)
    return _in_status(own, evaluation, *CHANGEABLE)


def units_without_liaison(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return unanswered tasks of units that have nobody to remind."""
    memberships = Membership.objects.recipients(evaluation.today, Role.LIAISON)
    of_unit = memberships.filter(Q(campaign=None) | Q(campaign=OuterRef("campaign")), unit=OuterRef("unit"))
    owned = Q(owner__is_active=True, owner__unit=F("unit"))
    nobodys = tasks.filter(~Exists(of_unit), ~owned | Q(owner=None))
    return _in_status(nobodys, evaluation, *CHANGEABLE)


def units_behind(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return tasks that a unit has not completed in the phase, such as a working group, plan, brief or publicity."""
    return _in_status(_of_plan(_not_the_offices(tasks)), evaluation, *UNANSWERED)


def review_waiting(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return answers submitted MAX_REVIEW_DAYS workdays ago or earlier that are not reviewed."""
    return _waiting_for(MAX_REVIEW_DAYS, _of_plan(tasks), evaluation)


def rectification_due(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the rectifications that are the unit's turn: not reported, returned, or accepted in part."""
    return _in_status(tasks.filter(finding__isnull=False), evaluation, *CHANGEABLE)


def verification_waiting(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return rectifications reported more than MAX_VERIFICATION_DAYS workdays ago that nobody has verified."""
    return _waiting_for(MAX_VERIFICATION_DAYS + 1, tasks.filter(finding__isnull=False), evaluation)


def to_be_seen_again(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return rectifications without an end (长期坚持), which are looked at again by their due day."""
    return _in_status(tasks.filter(finding__isnull=False), evaluation, TaskStatus.LONG_TERM)


def visit_unrecorded(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return one task of each unit that was to be visited MAX_RECORDING_DAYS workdays ago or earlier, without a record of it.

    Where nobody is assumed to answer, no visit is recorded.
    """
    if evaluation.answers is Answers.ON_THE_DUE_DAY:
        return tasks.none()
    visited_on = PLANNED_VISIT if evaluation.assumes_answers else VISITED_ON
    of_unit = Task.objects.active().filter(campaign=OuterRef("campaign"), unit=OuterRef("unit")).order_by("pk")
    last = evaluation.calendar.shift(evaluation.today, -MAX_RECORDING_DAYS)
    return tasks.filter(pk=Subquery(of_unit.values("pk")[:1])).alias(visited_on=visited_on).filter(visited_on__lte=last)


def not_entered(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return one task, the lead's, for each checkpoint of the campaign that is not recorded as entered on the national site."""
    of_point = Task.objects.active().filter(campaign=OuterRef("campaign"), indicator=OuterRef("indicator"))
    points = tasks.filter(indicator__isnull=False, pk=Subquery(of_point.order_by("-role", "pk").values("pk")[:1]))
    entered = ApplicationEntry.objects.filter(campaign=OuterRef("campaign"), indicator=OuterRef("indicator"))
    return points if evaluation.assumes_answers else points.filter(~Exists(entered))


def undated(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the tasks that wait for the dates of their phase."""
    return _in_status(tasks.filter(phase__starts=None, due_on=None), evaluation, *UNANSWERED)


def _in_status(tasks: TaskRows, evaluation: EvaluationDate, *statuses: TaskStatus) -> TaskRows:
    """Return the tasks in these statuses. Where answers are assumed, every task is open; those answered by then are left out later."""
    if not evaluation.assumes_answers:
        return tasks.filter(status__in=statuses)
    return tasks if TaskStatus.OPEN in statuses else tasks.none()


def _waiting_for(workdays: int, tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    last = evaluation.calendar.shift(evaluation.today, -workdays)
    submitted = _in_status(tasks, evaluation, TaskStatus.SUBMITTED)
    return submitted.alias(waits_since=SUBMITTED_ON).filter(waits_since__lte=last)


def _of_plan(tasks: TaskRows) -> TaskRows:
    """Leave out rectifications, of which the rules of the inspection phase remind, unless the campaign has no such phase."""
    inspection = Phase.objects.filter(campaign=OuterRef("campaign"), kind=PhaseKind.INSPECTION)
    return tasks.filter(Q(finding=None) | ~Exists(inspection))


def _not_the_offices(tasks: TaskRows) -> TaskRows:
    return tasks.filter(Q(action=None) | ~Q(action__audience=Audience.OFFICE))


SUBMITTED_ON = Subquery(
    Submission.objects.filter(task=OuterRef("pk")).order_by("-created_at").values("handed_on")[:1],
    output_field=DateField(),
)


def _first_day(visits: QuerySet[Visit]) -> Subquery:
    """Return the day of the first of the visits to a task's unit in its campaign."""
    of_unit = visits.filter(round__campaign=OuterRef("campaign"), unit=OuterRef("unit"), day__isnull=False)
    return Subquery(of_unit.order_by("day").values("day")[:1], output_field=DateField())


VISITED_ON = _first_day(Visit.objects.unrecorded())
PLANNED_VISIT = _first_day(Visit.objects.active())
APPLICATION_ENDS = Subquery(
    Phase.objects.filter(campaign=OuterRef("campaign"), kind=PhaseKind.APPLICATION).values("ends")[:1],
    output_field=DateField(),
)
CAMPAIGN_BEGINS = Subquery(
    Phase.objects.filter(campaign=OuterRef("campaign"), starts__isnull=False).order_by("starts").values("starts")[:1],
    output_field=DateField(),
)
GIVEN_ON = Coalesce("given_on", CAMPAIGN_BEGINS, "campaign__window_from", output_field=DateField())
