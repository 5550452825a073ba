"""Create, change, deactivate and reactivate units. (Merging has a module of its own.)"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import Assignment, Campaign, CampaignState, District, Membership, Task, TaskStatus, Unit, UnitKind
from creation.people import accounts
from creation.rules.names import person_name, without_blanks

Data = Mapping[str, Any]
EDITABLE = ("kind", "name", "short_name", "order", "leader", "active_from")
TAKEN = "本区已有同名或相同简称的单位，请改用其他名称。"


def create(district: District, data: Data, actor: Actor) -> Unit:
    """Create a unit. Raises Refusal."""
    data = _with_plain_names(data)
    _refuse_wrong(data)
    with transaction.atomic():
        _refuse_taken(district, data, None)
        unit = Unit.objects.create(district=district, **{name: data[name] for name in EDITABLE})
        audit_log.record(actor, "unit.create", unit)
    return unit


def edit(unit: Unit, data: Data, seen: int, actor: Actor) -> None:
    data = _with_plain_names(data)
    _refuse_wrong(data)
    with transaction.atomic():
        _refuse_taken(unit.district, data, unit)
        update(unit, seen, **{name: data[name] for name in EDITABLE})
        audit_log.record(actor, "unit.edit", unit, detail=f"{data['name']}（{data['short_name']}）")


def _with_plain_names(data: Data) -> Data:
    """Return the data with the names as they are kept: without blanks and invisible characters."""
    leader = re.split(r"[、，,/]", data["leader"])
    names = {name: without_blanks(data[name]) for name in ("name", "short_name")}
    return {**data, **names, "leader": "、".join(filter(None, map(person_name, leader)))}


def _refuse_wrong(data: Data) -> None:
    if not data["name"] or not data["short_name"]:
        raise Refusal("请填写单位的名称和简称。")
    if data["kind"] not in UnitKind.values:
        raise Refusal("请选择单位的类型。")


def _refuse_taken(district: District, data: Data, unit: Unit | None) -> None:
    others = Unit.objects.filter(district=district)
    others = others.exclude(pk=unit.pk) if unit else others
    if others.filter(Q(name=data["name"]) | Q(short_name=data["short_name"])).exists():
        raise Refusal(TAKEN)


def update(unit: Unit, seen: int, **values: Any) -> None:
    try:
        changed = Unit.objects.change(unit.pk, seen, **values)
    except IntegrityError:
        raise Refusal(TAKEN) from None
    if not changed:
        raise Stale("该单位刚刚被他人修改，您的修改没有保存。请核对最新内容后再操作。")


def open_work_counts(unit: Unit) -> tuple[int, int]:
    """Return the numbers of unfinished tasks and of assignments of the unit, in campaigns that are not closed."""
    return unfinished_tasks(unit).count(), open_assignments(unit).count()


def deactivate(unit: Unit, seen: int, actor: Actor) -> None:
    """Deactivate the unit from today. Raises Refusal while it has open work: merge it, or assign its work to others first."""
    with transaction.atomic():
        tasks, assignments = open_work_counts(unit)
        if tasks or assignments:
            raise Refusal(
                f"{unit}还有 {tasks} 项未办结任务、{assignments} 项任务分工，不能停用。"
                "请先并入其他单位，或在“任务分工”中改由其他单位承担。"
            )
        _refuse_host(unit)
        update(unit, seen, active_to=actor.today)
        audit_log.record(actor, "unit.stop", unit)
        for membership in current_memberships(unit):
            accounts.close_membership(membership, actor)


def _refuse_host(unit: Unit) -> None:
    if Campaign.objects.exclude(state=CampaignState.CLOSED).filter(host=unit).exists():
        raise Refusal(f"{unit}是创建办所在单位，不能停用。请先在“活动设置”中更换。")


def reactivate(unit: Unit, seen: int, actor: Actor) -> None:
    """Reactivate a unit that was deactivated by mistake. A merged unit stays merged. Raises Refusal."""
    if unit.merged_into_id:
        raise Refusal(f"{unit}已并入{unit.merged_into}，不能恢复。")
    with transaction.atomic():
        update(unit, seen, active_to=None)
        audit_log.record(actor, "unit.resume", unit)


def unfinished_tasks(unit: Unit) -> QuerySet[Task]:
    """Return the unit's unfinished tasks in campaigns that are not closed."""
    tasks = Task.objects.active().filter(unit=unit).exclude(campaign__state=CampaignState.CLOSED)
    return tasks.exclude(status=TaskStatus.APPROVED)


def open_assignments(unit: Unit) -> QuerySet[Assignment]:
    return Assignment.objects.filter(unit=unit).exclude(campaign__state=CampaignState.CLOSED)


def current_memberships(unit: Unit) -> list[Membership]:
    memberships = Membership.objects.filter(unit=unit, ended_on=None).select_related("user__unit", "unit", "campaign")
    return list(memberships.order_by("pk"))
