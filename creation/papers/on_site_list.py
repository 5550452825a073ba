"""现场核查清单: what units show on site instead of uploading it, with its place, its keeper and a telephone number."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.models import ANSWERED, AnswerMode, Campaign, Membership, Submission, Task, User
from creation.models.task import TaskQuerySet
from creation.rules.policy import Role


@dataclass(frozen=True, slots=True)
class OnSiteRow:
    """One row. ``person`` is the task's owner, or else a liaison of the unit."""

    task: Task
    keeper: str
    place: str
    person: User | None


def answered_on_site(tasks: TaskQuerySet) -> TaskQuerySet:
    """Return the tasks whose latest answer says that the material is shown on site."""
    latest = Submission.objects.filter(task=OuterRef("pk")).order_by("-number")
    answered = tasks.filter(status__in=ANSWERED)
    return answered.alias(mode=Subquery(latest.values("mode")[:1])).filter(mode=AnswerMode.ON_SITE)


def on_site_rows(tasks: TaskQuerySet, actor: Actor, by_unit: bool) -> list[OnSiteRow]:
    """Return the rows of one campaign in ledger order, or by unit. The number of queries does not grow with the rows."""
    found = answered_on_site(tasks).for_table().in_ledger_order()
    if by_unit:
        found = found.order_by("unit__order", "unit", "indicator__order", "action_id", "pk")
    listed = list(found)
    answers = {row.task_id: row for row in Submission.objects.filter(task__in=listed).order_by("number")}
    liaisons = _liaisons(listed[0].campaign, {task.unit_id for task in listed}, actor) if listed else {}
    return [
        OnSiteRow(task, answers[task.pk].keeper, answers[task.pk].place, _person(task) or liaisons.get(task.unit_id))
        for task in listed
    ]


def _person(task: Task) -> User | None:
    return task.owner if task.owner and task.owner.is_active else None


def _liaisons(campaign: Campaign, units: set[int], actor: Actor) -> dict[int, User]:
    memberships = Membership.objects.recipients(actor.today, Role.LIAISON).for_campaign(campaign).filter(unit__in=units)
    return {m.unit_id: m.user for m in memberships.order_by("-pk") if m.unit_id}


def record_phone_reveal(listed: list[OnSiteRow], campaign: Campaign, actor: Actor) -> None:
    """Record in the audit trail whose mobile numbers were shown in full on the printed list."""
    people = {row.person.pk: row.person.name for row in listed if row.person and row.person.mobile}
    if people:
        audit_log.record(
            actor, "phone.reveal", campaign, detail=f"现场核查清单，{len(people)} 人：{'、'.join(people.values())}"
        )
