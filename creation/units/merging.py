"""Merge a unit into another. What happens to tasks, assignments, evidence and people is computed and shown before it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns import task_generation
from creation.lib.refusals import Refusal
from creation.lib.relations import Stays
from creation.models import (
    Action,
    Announcement,
    AppraisalRequest,
    Assignment,
    AssignmentRole,
    Campaign,
    CampaignState,
    CaseState,
    Evidence,
    Instruction,
    Membership,
    Nomination,
    NoticeKind,
    Question,
    Reading,
    Receipt,
    SupervisionOrder,
    Task,
    TypicalCase,
    Unit,
    UnitAlias,
    User,
    Visit,
)
from creation.people import accounts, credentials, notifications, ownership, sessions
from creation.rules.policy import UNIT_ROLES, Role
from creation.units.lifecycle import current_memberships, open_assignments, unfinished_tasks, update


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging would do, in numbers, shown before it is done."""

    moved: int  # unfinished tasks that move as they are, with drafts and citations
    dropped: int  # unanswered tasks that the other unit has as well
    kept: int  # answered tasks that the other unit has as well: they stay, for the office to finish
    history: int  # approved tasks and closed campaigns: they keep the old name
    assignments: int
    evidence: int
    people: int
    announcements: int  # of campaigns that are not closed, whose current version the unit has not signed


def plan(unit: Unit, into: Unit) -> MergePlan:
    movable, duplicates = _split(unit, into)
    answered = Task.objects.filter(pk__in=duplicates, submissions__isnull=False).distinct().count()
    live = Task.objects.active().filter(unit=unit).count()
    return MergePlan(
        moved=len(movable),
        dropped=len(duplicates) - answered,
        kept=answered,
        history=live - len(movable) - len(duplicates),
        assignments=open_assignments(unit).count(),
        evidence=Evidence.objects.active().filter(unit=unit).count(),
        people=User.objects.filter(unit=unit).count(),
        announcements=_unsigned(unit).count(),
    )


def merge(unit: Unit, into: Unit, seen: int, actor: Actor) -> MergePlan:
    """Carry out the plan in one transaction: tasks, assignments, evidence, readings and people move to ``into``."""
    with transaction.atomic():
        _require_mergeable(unit, into, actor)
        result = plan(unit, into)
        update(unit, seen, active_to=actor.today, merged_into=into)
        for decide in UNIT_KEYS.values():
            if not isinstance(decide, Stays):
                decide(unit, into, actor)
        audit_log.record(actor, "unit.merge", unit, detail=_audit_detail(into, result))
        for campaign in Campaign.objects.open().filter(district=unit.district_id):
            task_generation.generate_tasks(campaign, actor)
        ownership.reassign_tasks(into, actor)
        _notify(unit, into, result, actor)
    return result


def _notify(unit: Unit, into: Unit, result: MergePlan, actor: Actor) -> None:
    """Tell the people of ``into``, also those who came over, and the office: an administrator may have merged."""
    moved = f"{unit}已并入{into}：移交未办结任务 {result.moved} 项、印证资料 {result.evidence} 份"
    kept = f"；{result.kept} 项{unit}答复过的任务留在其名下，请办结" if result.kept else ""
    told = {
        f"{moved}，请在“待办”中核对。": Membership.objects.recipients(actor.today, *UNIT_ROLES).filter(unit=into),
        f"{moved}，撤销重复任务 {result.dropped} 项{kept}。": Membership.objects.recipients(
            actor.today, Role.COORDINATOR
        ).filter(district=unit.district_id),
    }
    for text, held in told.items():
        people = [person for person in held.people() if person != actor.person]
        notifications.notify_all(
            people, NoticeKind.CHANGED, text, actor, subject=f"unit/{into.pk}", dedup_key=f"merged {unit.pk}"
        )


def _require_mergeable(unit: Unit, into: Unit, actor: Actor) -> None:
    if unit.pk == into.pk or unit.district_id != into.district_id:
        raise Refusal("请选择本区的另一个单位。")
    if unit.merged_into_id:
        raise Refusal(f"{unit}已经并入{unit.merged_into}。")
    if into.merged_into_id or not into.is_active(actor.today):
        raise Refusal(f"{into}已停用，不能并入。请选择在用单位。")


def _audit_detail(into: Unit, result: MergePlan) -> str:
    return (
        f"并入 {into.name}；移交任务 {result.moved}，重复撤销 {result.dropped}，重复保留 {result.kept}，"
        f"分工 {result.assignments}，资料 {result.evidence}，人员 {result.people}，通知公告 {result.announcements}"
    )


def _split(unit: Unit, into: Unit) -> tuple[list[int], list[int]]:
    """Return the keys of the unfinished tasks that ``into`` has no task for, and of those it has (also removed ones)."""
    key = ("campaign", "indicator", "action", "finding", "period")
    existing = set(Task.objects.filter(unit=into).values_list(*key))
    movable: list[int] = []
    duplicates: list[int] = []
    for pk, *fields in unfinished_tasks(unit).values_list("pk", *key):
        (duplicates if tuple(fields) in existing else movable).append(pk)
    return movable, duplicates


def _move_tasks(unit: Unit, into: Unit, actor: Actor) -> None:
    movable, duplicates = _split(unit, into)
    Task.objects.filter(pk__in=movable).bump(unit=into)
    _end_duplicates(duplicates, unit, into, actor)


def _end_duplicates(duplicates: list[int], unit: Unit, into: Unit, actor: Actor) -> None:
    """End unanswered rectifications and order replies that ``into`` has as well; those of the plan are ended by ``generate_tasks``."""
    outside_plan = Q(finding__isnull=False) | Q(action__order__isnull=False)
    ended = Task.objects.filter(outside_plan, pk__in=duplicates).never_submitted()
    reason = f"{unit}并入{into}，由{into}的同一事项接续"
    for task in ended.for_table():
        task_events.record_event(task, actor, "unit.merge", "单位合并", reason)
    ended.bump(dropped_on=actor.today, ended=reason[:200])


def _move_assignments(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move assignments. Where both units have a role, the lead role is kept. ``generate_tasks`` then creates the missing tasks."""
    existing_assignments = {(row.campaign_id, row.indicator_id): row for row in Assignment.objects.filter(unit=into)}
    for row in list(open_assignments(unit)):
        duplicate = existing_assignments.get((row.campaign_id, row.indicator_id))
        if duplicate is None:
            Assignment.objects.filter(pk=row.pk).update(unit=into)
            continue
        row.delete()
        if row.role == AssignmentRole.LEAD:
            Assignment.objects.filter(pk=duplicate.pk).update(role=AssignmentRole.LEAD)


def _move_actions(unit: Unit, into: Unit, actor: Actor) -> None:
    for action in Action.objects.filter(units=unit).exclude(phase__campaign__state=CampaignState.CLOSED):
        action.units.remove(unit)
        action.units.add(into)


def _move_led_actions(unit: Unit, into: Unit, actor: Actor) -> None:
    Action.objects.filter(lead=unit).exclude(phase__campaign__state=CampaignState.CLOSED).update(lead=into)


def _move_general_questions(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move the questions that are on no task; those on a task are of its unit."""
    Question.objects.filter(unit=unit).update(unit=into)


def _move_led_instructions(unit: Unit, into: Unit, actor: Actor) -> None:
    Instruction.objects.waiting().filter(lead=unit).update(lead=into)


def _move_assisted_instructions(unit: Unit, into: Unit, actor: Actor) -> None:
    for instruction in Instruction.objects.waiting().filter(assists=unit):
        instruction.assists.remove(unit)
        instruction.assists.add(into)


def _move_announcements(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move unsigned announcements; ``into`` receives and signs for them. What the unit has signed stays under its name."""
    for announcement in list(_unsigned(unit)):
        announcement.units.remove(unit)
        announcement.units.add(into)


def _unsigned(unit: Unit) -> QuerySet[Announcement]:
    """Return announcements to the unit, of campaigns that are not closed, whose current version it has not signed."""
    signed = Receipt.objects.filter(announcement=OuterRef("pk"), version=OuterRef("version"), unit=unit)
    sent = Announcement.objects.filter(units=unit, withdrawn_at=None)
    return sent.exclude(campaign__state=CampaignState.CLOSED).exclude(Exists(signed))


def _move_evidence(unit: Unit, into: Unit, actor: Actor) -> None:
    Evidence.objects.filter(unit=unit).update(unit=into)


def _move_hosting(unit: Unit, into: Unit, actor: Actor) -> None:
    Campaign.objects.exclude(state=CampaignState.CLOSED).filter(host=unit).update(host=into)


def _move_orders(unit: Unit, into: Unit, actor: Actor) -> None:
    SupervisionOrder.objects.open().filter(lead=unit).update(lead=into)


def _move_readings(unit: Unit, into: Unit, actor: Actor) -> None:
    existing = set(Reading.objects.filter(unit=into).values_list("measure", "period"))
    rows = Reading.objects.filter(unit=unit).values_list("pk", "measure", "period")
    free = [pk for pk, measure, period in rows if (measure, period) not in existing]
    Reading.objects.filter(pk__in=free).update(unit=into)


def _move_people(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move accounts to the other unit; end their sessions and one-time links."""
    for person in User.objects.filter(unit=unit):
        User.objects.get_queryset().filter(pk=person.pk).bump(unit=into)
        credentials.revoke_links(person, actor)
        sessions.end_all_sessions(person, actor)


def _move_memberships(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move roles. Where ``into`` has a liaison already, the other one becomes a colleague (承办人)."""
    has_liaison = Membership.objects.active(actor.today).of_role(Role.LIAISON).filter(unit=into).exists()
    for membership in current_memberships(unit):
        _end_and_follow(membership, into, actor, has_liaison)


def _end_and_follow(membership: Membership, into: Unit, actor: Actor, has_liaison: bool) -> None:
    accounts.close_membership(membership, actor)
    person = User.objects.get(pk=membership.user_id)
    role = Role.CLERK if membership.role == Role.LIAISON and has_liaison else Role(membership.role)
    existing = Membership.objects.active(actor.today).filter(user=person, role=role, unit=into)
    if person.is_active and (membership.expires is None or membership.expires >= actor.today) and not existing.exists():
        accounts.add_membership(
            person, role, actor, unit=into, campaign=membership.campaign, expires=membership.expires
        )


def _move_appraisal_requests(unit: Unit, into: Unit, actor: Actor) -> None:
    """Let the other unit answer what assessors still wait for."""
    waiting = AppraisalRequest.objects.filter(unit=unit, answered_at=None, seat__appraisal__closed_at=None)
    waiting.update(unit=into)


def _move_cases(unit: Unit, into: Unit, actor: Actor) -> None:
    """Let the other unit finish the cases that are still written; selected ones keep their author."""
    TypicalCase.objects.filter(unit=unit).exclude(state=CaseState.SELECTED).bump(unit=into)


def _move_visits(unit: Unit, into: Unit, actor: Actor) -> None:
    """Move visits that are still ahead, to be announced anew. What was recorded stays under the name of the unit that was visited."""
    ahead = Visit.objects.unrecorded().exclude(round__campaign__state=CampaignState.CLOSED).filter(unit=unit)
    for visit in list(ahead.values_list("pk", flat=True)):
        Visit.objects.filter(pk=visit).bump(unit=into, announced_for=None)


def _move_nominations(unit: Unit, into: Unit, actor: Actor) -> None:
    """Let the other unit go on with nominations that are not put to the vote yet."""
    open_calls = Nomination.objects.filter(commendation__voting_at=None)
    existing = set(open_calls.active().filter(unit=into).values_list("commendation", "kind", "name"))
    rows = open_calls.filter(unit=unit).values_list("pk", "commendation", "kind", "name")
    Nomination.objects.filter(pk__in=[pk for pk, *key in rows if tuple(key) not in existing]).bump(unit=into)


def _move_aliases(unit: Unit, into: Unit, actor: Actor) -> None:
    UnitAlias.objects.filter(unit=unit).update(unit=into)


# The decision about every key to Unit, in the order in which they are carried out.
UNIT_KEYS: dict[str, Callable[[Unit, Unit, Actor], None] | Stays] = {
    "Task.unit": _move_tasks,
    "Assignment.unit": _move_assignments,
    "Action.units": _move_actions,
    "Action.lead": _move_led_actions,
    "Question.unit": _move_general_questions,
    "Instruction.lead": _move_led_instructions,
    "Instruction.assists": _move_assisted_instructions,
    "Reading.unit": _move_readings,
    "SupervisionOrder.lead": _move_orders,
    "Evidence.unit": _move_evidence,
    "Campaign.host": _move_hosting,
    "Announcement.units": _move_announcements,
    "User.unit": _move_people,
    "Membership.unit": _move_memberships,
    "UnitAlias.unit": _move_aliases,
    "Appraisal.units": Stays("an assessment is of the units that there were then"),
    "Score.unit": Stays("a score is of the unit that was assessed"),
    "AppraisalRequest.unit": _move_appraisal_requests,
    "Publicity.unit": Stays("what was published bears the name of the unit that published it"),
    "TypicalCase.unit": _move_cases,
    "SurveyBatch.unit": Stays("codes are printed with the unit's name"),
    "SurveyAnswer.unit": Stays("what people said of the unit that there was then"),
    "Visit.unit": _move_visits,
    "Nomination.unit": _move_nominations,
    "Receipt.unit": Stays("a signature is that of the unit that gave it"),
    "Paper.unit": Stays("a paper bears the name and the seal of the unit that it was made for"),
    "PhoneCall.unit": Stays("a record of whom the office called"),
    "Unit.merged_into": Stays("units merged earlier keep naming the unit that they were merged into"),
}
