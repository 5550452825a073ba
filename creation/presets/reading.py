"""Reads the files of a preset's folder. Each table is checked here; ``checking`` checks the tables against each other."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from creation.presets.schema import (
    ANSWER_MODES,
    AUDIENCES,
    CONDITIONS,
    EVIDENCE_KINDS,
    PERIODS,
    PERSONAL_ACTS,
    PHASE_KINDS,
    RULE_AUDIENCES,
    TITLE_LIMIT,
    UNIT_KINDS,
    WORDING_LIMIT,
    ActionPreset,
    AssignmentPreset,
    Checkpoint,
    DistrictPreset,
    Item,
    MeasurePreset,
    PhasePreset,
    Preset,
    ReminderRulePreset,
    Section,
    System,
    UnitPreset,
)
from creation.presets.toml_tables import TomlTable, read_toml
from creation.rules.targets import Comparator, MeasureKind

COMPARATORS = {"=": Comparator.EQUAL, ">=": Comparator.AT_LEAST, "<=": Comparator.AT_MOST}

Groups = Mapping[str, tuple[str, ...]]


def read(name: str, folder: Path) -> Preset:
    """Return the preset in ``folder``. Raises Refusal for an invalid table."""
    system = read_toml(folder / "system.toml").allow_only("title", "district", "system", "window")
    register = read_toml(folder / "units.toml").allow_only("units", "groups")
    phases = read_toml(folder / "phases.toml").allow_only("phases", "reminders")
    assignments = read_toml(folder / "assignments.toml").allow_only("example", "assignments")
    indicators = read_toml(folder / "indicators.toml").allow_only("sections")
    measures = read_toml(folder / "measures.toml").allow_only("measures")
    units = read_units(register)
    groups = read_groups(register, units)
    return Preset(
        name=name,
        title=system.text("title", 100),
        district=read_district(system.row("district")),
        system=read_system(system.row("system")),
        window_years_before=system.row("window").allow_only("years_before").number("years_before"),
        units=units,
        sections=tuple(read_section(row) for row in indicators.rows("sections", "一级指标", "code")),
        measures=tuple(read_measure(row) for row in measures.rows("measures", "量化指标", "checkpoint")),
        phases=tuple(
            read_phase(row, order, groups) for order, row in enumerate(phases.rows("phases", "阶段", "kind"), 1)
        ),
        reminder_rules=tuple(read_reminder(row) for row in phases.rows("reminders", "提醒规则", "phase")),
        assignments=read_assignments(assignments.row("assignments"), groups),
        example=assignments.flag("example"),
    )


def read_district(row: TomlTable) -> DistrictPreset:
    row.allow_only("name", "parent", "host")
    return DistrictPreset(row.text("name", 60), row.text("parent", 60), row.text("host", 20))


def read_system(row: TomlTable) -> System:
    row.allow_only("name", "edition", "source")
    return System(row.text("name", 100), row.text("edition", 40), row.text("source", 200))


def read_units(register: TomlTable) -> tuple[UnitPreset, ...]:
    rows = register.rows("units", "单位", "short_name")
    return tuple(read_unit(row, order) for order, row in enumerate(rows, 1))


def read_unit(row: TomlTable, order: int) -> UnitPreset:
    row.allow_only("name", "short_name", "kind")
    return UnitPreset(row.text("name", 80), row.text("short_name", 20), row.choice("kind", UNIT_KINDS), order)


def read_groups(register: TomlTable, units: tuple[UnitPreset, ...]) -> Groups:
    """Return the members of every name that may be used for units: a group's name and a unit's own name."""
    groups: dict[str, tuple[str, ...]] = {unit.short_name: (unit.short_name,) for unit in units}
    for row in register.rows("groups", "分组", "name"):
        if row.text("name") in groups:
            raise row.error("组名重复，请改名或合并")
        groups[row.text("name")] = group_members(row, units)
    return groups


def group_members(row: TomlTable, units: tuple[UnitPreset, ...]) -> tuple[str, ...]:
    row.allow_only("name", "kinds", "units")
    if not row.text("name").startswith("@"):
        raise row.error("组名须以 @ 开头")
    kinds = row.choices("kinds", UNIT_KINDS) if "kinds" in row.values else ()
    chosen = row.texts_or_empty("units")
    require_known(row, chosen, {unit.short_name for unit in units})
    return tuple(unit.short_name for unit in units if unit.kind in kinds or unit.short_name in chosen)


def require_known(row: TomlTable, names: tuple[str, ...], known: set[str]) -> None:
    if strangers := [name for name in names if name not in known]:
        raise row.error(f"units.toml 中没有“{strangers[0]}”，请写单位简称或 @组名")


def resolve_units(row: TomlTable, names: tuple[str, ...], groups: Groups) -> tuple[str, ...]:
    """Return the short names of the units, without duplicates, in the order of the register."""
    require_known(row, names, set(groups))
    meant = {unit for name in names for unit in groups[name]}
    return tuple(name for name in groups if name in meant)


def read_section(row: TomlTable) -> Section:
    row.allow_only("code", "title", "items")
    code = row.text("code", 20)
    items = tuple(read_item(item) for item in row.rows("items", "二级指标", "code"))
    return Section(code=code, key=code, title=row.text("title", 200), items=items)


def read_item(row: TomlTable) -> Item:
    row.allow_only("code", "title", "clause", "checkpoints")
    code, clause = row.text("code", 20), row.text("clause", 60)
    checkpoints = tuple(read_checkpoint(checkpoint, clause) for checkpoint in row.rows("checkpoints", "要点", "code"))
    return Item(code=code, key=code, title=row.text("title", 200), clause=clause, checkpoints=checkpoints)


def read_checkpoint(row: TomlTable, clause: str) -> Checkpoint:
    row.allow_only("code", "key", "title", "proof", "wording", "kinds")
    return Checkpoint(
        code=row.text("code", 20),
        key=row.text("key", 60),
        title=row.text("title", TITLE_LIMIT),
        proof=row.text("proof"),
        wording=row.text_or_empty("wording", WORDING_LIMIT),
        kinds=row.choices("kinds", EVIDENCE_KINDS),
        clause=clause,
    )


def read_measure(row: TomlTable) -> MeasurePreset:
    """Read a ``[[measures]]`` table: only a rate has a denominator, a date no unit, a plain figure no target."""
    row.allow_only(
        "checkpoint",
        "name",
        "kind",
        "numerator",
        "denominator",
        "unit",
        "comparator",
        "target",
        "period",
        "note",
        "may_exceed",
    )
    kind = MeasureKind(row.choice("kind", set(MeasureKind)))
    dated, plain = kind == MeasureKind.DATE, kind == MeasureKind.PLAIN
    return MeasurePreset(
        checkpoint=row.text("checkpoint"),
        name=row.text("name", 100),
        kind=kind,
        numerator=row.text("numerator", 60),
        denominator=row.text("denominator", 60) if kind == MeasureKind.RATIO else "",
        unit="" if dated else row.text("unit", 10),
        comparator=Comparator.AT_LEAST if plain else read_comparator(row, dated),
        target=None if dated or plain else Decimal(row.number("target")),
        target_month_day=row.month_day("target") if dated else "",
        period=row.choice("period", PERIODS),
        note=row.text_or_empty("note", 100),
        may_exceed="may_exceed" in row.values and row.flag("may_exceed"),
    )


def read_comparator(row: TomlTable, dated: bool) -> Comparator:
    known = {"by": Comparator.AT_MOST} if dated else COMPARATORS
    return known[row.choice("comparator", known)]


def read_phase(row: TomlTable, order: int, groups: Groups) -> PhasePreset:
    row.allow_only("kind", "name", "short_name", "starts", "ends", "announced", "clause", "actions")
    dated = "starts" in row.values or "ends" in row.values
    return PhasePreset(
        kind=row.choice("kind", PHASE_KINDS),
        name=row.text("name", 60),
        short_name=row.text("short_name", 20),
        order=order,
        starts=row.month_day("starts") if dated else "",
        ends=row.month_day("ends") if dated else "",
        announced="" if dated else row.text("announced", 60),
        clause=row.text("clause", 60),
        actions=tuple(read_action(action, groups) for action in row.rows("actions", "事项", "code")),
    )


def read_action(row: TomlTable, groups: Groups) -> ActionPreset:
    row.allow_only(
        "code", "title", "text", "clause", "audience", "units", "modes", "days_before_phase_end", "personal_act"
    )
    audience = row.choice("audience", AUDIENCES)
    if audience != "chosen" and "units" in row.values:
        raise row.error("只有 audience 是 chosen 时才写“units”")
    return ActionPreset(
        code=row.text("code", 20),
        title=row.text("title", 100),
        text=row.text("text"),
        clause=row.text("clause", 60),
        audience=audience,
        units=resolve_units(row, row.texts("units"), groups) if audience == "chosen" else (),
        modes=row.choices("modes", ANSWER_MODES),
        days_before_phase_end=row.number("days_before_phase_end"),
        personal_act=row.choice("personal_act", PERSONAL_ACTS) if "personal_act" in row.values else "",
    )


def read_reminder(row: TomlTable) -> ReminderRulePreset:
    row.allow_only(
        "phase", "name", "audience", "condition", "text", "lead_times", "overdue_every", "leader_after", "office_after"
    )
    return ReminderRulePreset(
        phase=row.choice("phase", PHASE_KINDS),
        name=row.text("name", 60),
        audience=row.choice("audience", RULE_AUDIENCES),
        condition=row.choice("condition", CONDITIONS),
        text=row.text("text", 200),
        lead_times=row.numbers("lead_times"),
        overdue_every=row.number("overdue_every"),
        leader_after=row.number("leader_after") if "leader_after" in row.values else 0,
        office_after=row.number("office_after") if "office_after" in row.values else 0,
    )


def read_assignments(table: TomlTable, groups: Groups) -> dict[str, AssignmentPreset]:
    codes = table.values
    rows = {
        code: TomlTable(value if type(value) is dict else {}, table.file, f"要点 {code}")
        for code, value in codes.items()
    }
    return {code: read_assignment(row.allow_only("lead", "assists"), groups) for code, row in rows.items()}


def read_assignment(row: TomlTable, groups: Groups) -> AssignmentPreset:
    if type(row.values.get("lead")) is list:
        raise row.error("牵头单位只能有一个，其余请写到“assists”")
    lead = row.text("lead", 20)
    require_known(row, (lead,), {name for name in groups if not name.startswith("@")})
    assists = resolve_units(row, row.texts_or_empty("assists"), groups)
    return AssignmentPreset(lead, tuple(unit for unit in assists if unit != lead))
