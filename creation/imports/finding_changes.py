"""Carry out what a 问题清单 says, through the verbs of findings and rectifications."""

from collections import defaultdict
from datetime import date

from creation.audit.actor import Actor
from creation.imports.findings import FindingGroup
from creation.imports.import_plan import ImportPlan
from creation.imports.kinds import ImportContext
from creation.lib.refusals import Refusal
from creation.models import Campaign, DueDateOrigin, Finding, FindingSource
from creation.supervision import findings, sources
from creation.supervision.findings import FindingText
from creation.tasks import bulk_changes, rectification_plans

REASON = "按导入的问题清单调整"


def apply(context: ImportContext, plan: ImportPlan) -> str:
    groups = list({id(line.data["group"]): line.data["group"] for line in plan.pending_lines}.values())
    try:
        made = [_carry_out(context.campaign, group, context.actor) for group in groups]
        _move_due_days(context.campaign, groups, context.actor)
        for group, finding in zip(groups, made, strict=True):
            _write_plans(group, finding, context.actor)
    except Refusal as refused:
        raise Refusal(f"没有导入，一项也没有改。{refused}") from refused
    return _summary(groups)


def _carry_out(campaign: Campaign, group: FindingGroup, actor: Actor) -> Finding:
    assert group.text is not None  # noqa: S101  # a row without a finding has errors or is asked about
    if group.finding is None:
        return findings.record_finding(campaign, _with_saved_source(group.text, actor), group.new, actor)
    if group.rewritten:
        text = _with_saved_source(group.text, actor)
        findings.edit_finding(group.finding, text, actor, group.finding.version)
    if group.new:
        findings.add_units(group.finding, group.new, actor)
    return group.finding


def _with_saved_source(text: FindingText, actor: Actor) -> FindingText:
    """Return the text with its source; one that the person wants to add is added first."""
    if text.source.pk:
        return text
    source: FindingSource = sources.add_source(text.source.district, text.source.name, actor)
    return FindingText(**{name: getattr(text, name) for name in findings.LABELS} | {"source": source})


def _move_due_days(campaign: Campaign, groups: list[FindingGroup], actor: Actor) -> None:
    by_day: dict[date, dict[int, int]] = defaultdict(dict)
    for task, day in (moved for group in groups for moved in group.moved):
        by_day[day][task.pk] = task.version
    for day, seen in sorted(by_day.items()):
        bulk_changes.change_due_day(campaign, seen, day, REASON, actor, DueDateOrigin.IMPORT)


def _write_plans(group: FindingGroup, finding: Finding, actor: Actor) -> None:
    """Write the measures of the units. What a cell does not say stays."""
    if not group.plans:
        return
    tasks = finding.rectifications.active().filter(unit__in=list(group.plans)).select_related("unit", "campaign")
    for task in tasks:
        known = rectification_plans.plan_of(task)
        texts = {key: getattr(known, key, "") for key in ("measures", "leader", "person")} | group.plans[task.unit]
        rectification_plans.set_plan(task, **texts, seen=known.version if known else 0, actor=actor)


def _summary(groups: list[FindingGroup]) -> str:
    new, given = sum(group.finding is None for group in groups), sum(len(group.new) for group in groups)
    changed = sum(group.finding is not None for group in groups)
    said = [f"登记 {new} 个问题"] if new else []
    said += [f"修改 {changed} 个问题"] if changed else []
    said += [f"下发 {given} 项整改"] if given else []
    return "、".join(said)
