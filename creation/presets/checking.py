"""Consistency checks between the tables of a preset: no duplicates, no dangling references, a leading unit for every checkpoint."""

import re
from collections import Counter
from collections.abc import Iterable

from creation.lib.refusals import Refusal
from creation.presets.schema import Checkpoint, Item, PhasePreset, Preset, Section

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ANY_YEAR = 2001


def check(preset: Preset) -> Preset:
    """Return the preset if it is consistent. Raises Refusal for the first fault found."""
    check_units(preset)
    check_indicators(preset)
    check_measures(preset)
    check_phases(preset)
    check_assignments(preset)
    return preset


def preset_error(preset: Preset, file: str, place: str, what: str) -> Refusal:
    return Refusal(f"{preset.name}/{file} {place}：{what}。")


def require_unique(preset: Preset, file: str, noun: str, names: Iterable[str]) -> None:
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise preset_error(preset, file, f"{noun} {name}", f"出现了 {times} 次，只能出现一次")


def check_units(preset: Preset) -> None:
    require_unique(preset, "units.toml", "单位简称", (unit.short_name for unit in preset.units))
    require_unique(preset, "units.toml", "单位全称", (unit.name for unit in preset.units))
    if preset.district.host not in {unit.short_name for unit in preset.units}:
        raise preset_error(
            preset, "system.toml", "[district]", f"units.toml 中没有创建办所在单位“{preset.district.host}”"
        )


def check_indicators(preset: Preset) -> None:
    file = "indicators.toml"
    nodes: list[Section | Item | Checkpoint] = [*preset.sections, *preset.items, *preset.checkpoints]
    require_unique(preset, file, "编号", (node.code for node in nodes))
    require_unique(preset, file, "固定标识", (node.key for node in nodes))
    families = [(section.code, item.code) for section in preset.sections for item in section.items]
    families += [(item.code, checkpoint.code) for item in preset.items for checkpoint in item.checkpoints]
    for parent, child in families:
        if not re.fullmatch(rf"{re.escape(parent)}-\d+", child):
            raise preset_error(preset, file, f"编号 {child}", f"上级是 {parent}，编号应形如 {parent}-1")
    for checkpoint in preset.checkpoints:
        if not KEY.fullmatch(checkpoint.key):
            raise preset_error(preset, file, f"要点 {checkpoint.code}", "“key”只能用英文小写字母、数字和短横线")


def check_measures(preset: Preset) -> None:
    codes = {checkpoint.code for checkpoint in preset.checkpoints}
    for measure in preset.measures:
        if measure.checkpoint not in codes:
            raise preset_error(
                preset, "measures.toml", f"量化指标 {measure.checkpoint}", "indicators.toml 中没有这个要点"
            )


def check_phases(preset: Preset) -> None:
    require_unique(preset, "phases.toml", "阶段", (phase.kind for phase in preset.phases))
    require_unique(preset, "phases.toml", "事项", (action.code for action in preset.actions))
    for phase in preset.phases:
        check_days(preset, phase)
    planned = {phase.kind for phase in preset.phases}
    for rule in preset.reminder_rules:
        if rule.phase not in planned:
            raise preset_error(preset, "phases.toml", f"提醒规则 {rule.phase}", "没有这个阶段")
    names = (f"{rule.phase} {rule.condition}" for rule in preset.reminder_rules)
    require_unique(preset, "phases.toml", "提醒规则", names)


def check_days(preset: Preset, phase: PhasePreset) -> None:
    dates = phase.dates(ANY_YEAR)
    if dates is None:
        return
    starts, ends = dates
    if starts > ends:
        raise preset_error(
            preset, "phases.toml", f"阶段 {phase.kind}", f"{phase.starts} 开始，却在 {phase.ends} 结束，请核对"
        )
    for action in phase.actions:
        if action.days_before_phase_end > (ends - starts).days:
            raise preset_error(
                preset, "phases.toml", f"事项 {action.code}", "完成时限早于阶段开始，请减小“days_before_phase_end”"
            )


def check_assignments(preset: Preset) -> None:
    codes = {checkpoint.code for checkpoint in preset.checkpoints}
    if missing := sorted(codes - set(preset.assignments)):
        raise preset_error(preset, "assignments.toml", f"要点 {missing[0]}", "没有牵头单位，请补一行")
    if strange := sorted(set(preset.assignments) - codes):
        raise preset_error(preset, "assignments.toml", f"要点 {strange[0]}", "indicators.toml 中没有这个要点")
