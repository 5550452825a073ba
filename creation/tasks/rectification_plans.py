"""How a unit will rectify a finding and who answers for it (整改措施、责任领导、责任人)."""

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import RectificationPlan, RectificationPlanChange, Task, TaskStatus

MAX_MEASURES = 4000


def plan_of(task: Task) -> RectificationPlan | None:
    return RectificationPlan.objects.filter(task=task).select_related("updated_by").first()


def set_plan(task: Task, measures: str, leader: str, person: str, seen: int, actor: Actor) -> RectificationPlan:
    """Write the plan. ``seen``: the version on screen, 0 for none. Raises Refusal and Stale."""
    values = {"measures": measures.strip(), "leader": leader.strip(), "person": person.strip()}
    if not any(values.values()):
        raise Refusal("请填写整改措施、责任领导或责任人。", field="measures")
    stamp = {"updated_by": actor.human, "updated_at": actor.at}
    with transaction.atomic():
        now = Task.objects.select_for_update(of=("self",), no_key=True).select_related("campaign").get(pk=task.pk)
        if now.dropped_on or not now.campaign.is_open or now.status == TaskStatus.APPROVED:
            raise Refusal(f"整改任务现为“{now.get_status_display()}”，整改方案不能再改动。")
        before = plan_of(now)
        if (before.version if before else 0) != seen:
            raise Stale("整改方案刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。", as_text(before))
        if before is None:
            plan = RectificationPlan.objects.create(task=now, **values, **stamp)
        else:
            RectificationPlan.objects.change(before.pk, seen, **values, **stamp)
            plan = RectificationPlan.objects.get(pk=before.pk)
        former = {name: getattr(before, name, "") for name in values}
        if former != values:
            RectificationPlanChange.objects.create(plan=plan, changed_by=actor.human, changed_at=actor.at, **former)
        audit_log.record(actor, "rectification.plan", now, detail=as_text(plan))
    return plan


def as_text(plan: RectificationPlan | None) -> str:
    if plan is None:
        return ""
    return f"整改措施：{plan.measures}\n责任领导：{plan.leader}\n责任人：{plan.person}"
