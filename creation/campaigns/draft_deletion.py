"""Delete a campaign that is still being prepared, with everything that was prepared for it. One that was opened is never deleted."""

from dataclasses import dataclass

from django.db import models, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import (
    Action,
    ActionFile,
    Announcement,
    Assignment,
    Campaign,
    CampaignState,
    EditionChange,
    IndicatorSystem,
    Instruction,
    Membership,
    Paper,
    PaperTemplate,
    Phase,
    ReminderRule,
    Task,
)

OPENED = "“{campaign}”{state}，不能删除。只有筹备中、从未启动的活动可以删除。"


@dataclass(frozen=True, slots=True)
class DraftContents:
    """What goes with a draft when it is deleted, in numbers of rows."""

    phases: int
    assignments: int
    confirmed: int  # of the assignments: no longer examples
    actions: int
    files: int
    rules: int
    roles: int
    templates: int
    own_edition: str  # the edition that only this draft uses and nobody else needs; "" where there is none

    @property
    def lines(self) -> list[str]:
        counted = (
            (self.phases, "个阶段和它们的时间"),
            (self.assignments, f"条任务分工（其中已核对 {self.confirmed} 条）"),
            (self.actions, f"个工作事项、{self.files} 个附件" if self.files else "个工作事项"),
            (self.rules, "条提醒规则"),
            (self.roles, "个只在本活动的任职（人员的账号保留）"),
            (self.templates, "个文书模板"),
        )
        named = [f"{count} {words}" for count, words in counted if count]
        return named + ([f"只有本活动使用的指标体系“{self.own_edition}”"] if self.own_edition else [])


def contents(campaign: Campaign) -> DraftContents:
    assignments = Assignment.objects.filter(campaign=campaign)
    edition = _own_edition(campaign)
    return DraftContents(
        phases=Phase.objects.filter(campaign=campaign).count(),
        assignments=assignments.count(),
        confirmed=assignments.filter(example=False).count(),
        actions=Action.objects.filter(phase__campaign=campaign).count(),
        files=ActionFile.objects.filter(action__phase__campaign=campaign).count(),
        rules=ReminderRule.objects.filter(campaign=campaign).count(),
        roles=Membership.objects.filter(campaign=campaign).count(),
        templates=PaperTemplate.objects.filter(campaign=campaign).count(),
        own_edition=edition.edition if edition else "",
    )


def delete_draft(campaign: Campaign, typed_name: str, actor: Actor) -> None:
    """Delete the draft with its contents. Units, people, evidence and files of units belong to no campaign and stay.

    Raises Refusal unless it is a draft that nothing refers to and ``typed_name`` is its name.
    """
    with transaction.atomic():
        current = (
            Campaign.objects.select_for_update(of=("self",)).select_related("system").filter(pk=campaign.pk).first()
        )
        if current is None:
            raise Refusal("这个活动已经由他人删除。")
        _require_deletable(current)
        if typed_name.strip() != current.name:
            raise Refusal(f"为防误操作，请照抄活动名称“{current.name}”再删除。没有删除。", field="name")
        found, edition = contents(current), _own_edition(current)
        audit_log.record(actor, "campaign.delete", current, detail="一并删除：" + "，".join(found.lines))
        Membership.objects.filter(campaign=current).delete()
        Assignment.objects.filter(campaign=current).delete()
        current.delete()
        if edition:
            edition.delete()


def _require_deletable(campaign: Campaign) -> None:
    if campaign.state != CampaignState.DRAFT:
        raise Refusal(OPENED.format(campaign=campaign, state=campaign.get_state_display()))
    if later := Campaign.objects.filter(previous=campaign).first():
        raise Refusal(f"“{later}”沿用了本活动，不能删除。")
    used: tuple[tuple[type[models.Model], str], ...] = (
        (Task, "任务"),
        (Paper, "编号的用印文件"),
        (Announcement, "公告"),
        (Instruction, "批示"),
    )
    for model, name in used:
        if model._default_manager.filter(campaign=campaign).exists():
            raise Refusal(f"“{campaign}”已有{name}，不能删除。")


def _own_edition(campaign: Campaign) -> IndicatorSystem | None:
    """Return the copy of an edition that was made for this draft, unless another campaign or a change of editions refers to it."""
    system = campaign.system
    others = IndicatorSystem.objects.filter(district=system.district_id, name=system.name).exclude(pk=system.pk)
    shared = Campaign.objects.filter(system=system).exclude(pk=campaign.pk).exists()
    changes = EditionChange.objects.filter(models.Q(before=system) | models.Q(after=system)).exclude(campaign=campaign)
    return None if shared or changes.exists() or not others.exists() else system
