"""The office's settings of reminder rules: created from the preset, added, changed, enabled and disabled."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from creation import presets
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import strings
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import Campaign, PhaseKind, ReminderRule, RuleAudience
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.text_template import FIELD_NAMES, unknown_fields

MAX_DAYS = 180  # days ahead, and workdays between two reminders
MAX_LEAD_TIMES = 10
TOO_MANY = f"最多写 {MAX_LEAD_TIMES} 个天数，请减少。"


def create_rules(campaign: Campaign, rules: Iterable[presets.ReminderRulePreset]) -> None:
    """Create the rules of a new campaign. Existing rules are not changed."""
    ReminderRule.objects.bulk_create([_build_rule(campaign, rule) for rule in rules], ignore_conflicts=True)


def _build_rule(campaign: Campaign, rule: presets.ReminderRulePreset) -> ReminderRule:
    return ReminderRule(
        campaign=campaign,
        phase_kind=rule.phase,
        name=rule.name,
        audience=rule.audience,
        condition=rule.condition,
        lead_times=list(rule.lead_times),
        overdue_every=rule.overdue_every,
        text=rule.text,
        leader_after=rule.leader_after,
        office_after=rule.office_after,
    )


def missing_conditions(phase_kind: str, present: Collection[str]) -> list[str]:
    """Return the conditions that a rule of the phase can have and no rule of it has."""
    return [name for name, each in CONDITIONS.items() if phase_kind in each.phases and name not in present]


def propose_rule(campaign: Campaign, phase_kind: str, condition: str) -> ReminderRule:
    """Return an unsaved rule of the phase with what the registry proposes for the condition."""
    found = CONDITIONS[condition]
    return ReminderRule(
        campaign=campaign,
        phase_kind=phase_kind,
        condition=condition,
        name=found.proposed.name,
        audience=found.audiences[0],
        text=found.proposed.text,
        lead_times=list(found.proposed.lead_times),
        overdue_every=found.proposed.overdue_every,
        leader_after=found.proposed.leader_after,
        office_after=found.proposed.office_after,
    )


def add_rule(proposed: ReminderRule, values: Mapping[str, Any], actor: Actor) -> ReminderRule:
    """Save a proposed rule with the values. Raises Refusal for invalid values, a closed campaign or a rule that is there already."""
    rule = with_values(proposed, values)
    check_rule(rule)
    try:
        with transaction.atomic():
            Campaign.objects.get(pk=rule.campaign_id).require_not_closed()
            rule.save(force_insert=True)
            audit_log.record(actor, "rule.add", rule, detail=strings.shorten(describe_values(values), 1000))
    except IntegrityError:
        raise Refusal(_present(rule)) from None
    return rule


def _present(rule: ReminderRule) -> str:
    phase, condition = PhaseKind(rule.phase_kind).label, CONDITIONS[rule.condition].title
    return f"“{phase}”阶段已经有“{condition}”的提醒规则，没有再添加。请返回列表，点“修改、预览”修改那一条。"


def check_rule(rule: ReminderRule) -> None:
    """Raise Refusal for the first fault of the rule."""
    condition = CONDITIONS[rule.condition]
    require_text(rule.name, "请填写规则的名称。", "name")
    require_text(rule.text, "请填写提醒文字。", "text")
    if unknown := unknown_fields(rule.text, condition.fields):
        known = "、".join(f"{{{name}}}" for name in condition.fields)
        raise Refusal(f"提醒文字里不认识“{{{unknown[0]}}}”。这条规则可以用：{known}。", field="text")
    if rule.audience not in condition.audiences:
        names = "、".join(RuleAudience(each).label for each in condition.audiences)
        raise Refusal(f"“{condition.title}”只能提醒：{names}。", field="audience")
    if len(rule.lead_times) > MAX_LEAD_TIMES:
        raise Refusal(TOO_MANY, field="lead_times")
    for name in ("overdue_every", "leader_after", "office_after"):
        if not 0 <= getattr(rule, name) <= MAX_DAYS:
            raise Refusal(f"次数和间隔须在 0 到 {MAX_DAYS} 之间。", field=name)
    if any(not 0 <= step <= MAX_DAYS for step in rule.lead_times):
        raise Refusal(f"提前天数须在 0 到 {MAX_DAYS} 之间。", field="lead_times")
    if not rule.overdue_every and (not condition.has_lead_times or not rule.lead_times):
        raise Refusal("提前天数和逾期后间隔不能都空着，否则这条规则从不提醒；不需要时请停用。", field="overdue_every")
    if rule.office_after and rule.office_after < rule.leader_after:
        raise Refusal("创建办不能先于分管领导得知：请把次数改大，或改为 0（不告知）。", field="office_after")


def change_rule(rule: ReminderRule, values: Mapping[str, Any], seen: int, actor: Actor) -> None:
    """Change a rule. Raises Refusal for invalid values or a closed campaign, Stale if the rule changed since version ``seen``."""
    check_rule(with_values(rule, values))
    with transaction.atomic():
        _update(rule, values, seen)
        _audit(rule, "rule.edit", actor, describe_values(values))


def set_enabled(rule: ReminderRule, enabled: bool, seen: int, actor: Actor) -> None:
    """Enable or disable a rule. Raises Refusal in a closed campaign, Stale if the rule changed since version ``seen``."""
    with transaction.atomic():
        _update(rule, {"enabled": enabled}, seen)
        _audit(rule, "rule.switch", actor, "启用" if enabled else "停用")


def with_values(rule: ReminderRule, values: Mapping[str, Any]) -> ReminderRule:
    """Return an unsaved copy of the rule with the values."""
    fields = {field.attname: getattr(rule, field.attname) for field in ReminderRule._meta.concrete_fields}
    return ReminderRule(**fields | dict(values))


def describe_values(values: Mapping[str, Any]) -> str:
    """Return one line per value, with the labels of the form."""
    return "\n".join(f"{ReminderRule._meta.get_field(name).verbose_name}：{_text(v)}" for name, v in values.items())  # type: ignore[union-attr]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return str(RuleAudience(value).label) if value in RuleAudience.values else str(value)


def text_fields(condition: str) -> dict[str, str]:
    """Return the fields that a text may use, with their meanings."""
    return {name: FIELD_NAMES[name] for name in CONDITIONS[condition].fields}


def _update(rule: ReminderRule, values: Mapping[str, Any], seen: int) -> None:
    Campaign.objects.get(pk=rule.campaign_id).require_not_closed()
    if not ReminderRule.objects.change(rule.pk, seen, **values):
        raise Stale("您填写期间，有人修改了这条规则，所以没有保存。请对照两边内容后重新填写。")


def _audit(rule: ReminderRule, action: str, actor: Actor, detail: str) -> None:
    rule.refresh_from_db()
    audit_log.record(actor, action, rule, detail=strings.shorten(detail, 1000))
