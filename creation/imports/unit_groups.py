"""Words for many units, such as 各乡镇（街道） or 区直各单位, as the list of units that they mean."""

import re
from collections.abc import Iterable, Sequence

from creation.models import Unit, UnitGroup, UnitKind

TOWNSHIPS = re.compile(
    r"(?:全区|全县|全市)?(?:各|有关|相关)*(?=[^各]*(?:乡|镇|街))(?:乡|镇|街道|街|办事处|办|\(|\)|和|及|与|各)+(?:人民政府|政府|党委政府)?"
)
DEPARTMENTS = re.compile(
    r"(?:全?[区县市](?:直|级)(?:各|有关|相关|机关|执法)*|各(?:[区县市](?:直|级))?)(?:单位|部门|机关)(?:单位)?"
)
OTHERS = re.compile(r"(?:全区|全县|全市)?(?:各|有关|相关|其他|所有).{0,10}?(?:单位|部门|机关|成员)")
NOBODY = "nobody"
KINDS: dict[UnitGroup, frozenset[str]] = {
    UnitGroup.DEPARTMENTS: frozenset({UnitKind.DEPARTMENT.value}),
    UnitGroup.ORGANS: frozenset({UnitKind.DEPARTMENT.value, UnitKind.PARTY.value}),
    UnitGroup.TOWNSHIPS: frozenset({UnitKind.TOWNSHIP.value}),
    UnitGroup.OUTSIDE: frozenset(UnitKind.values) - {UnitKind.TOWNSHIP.value},
    UnitGroup.ALL: frozenset(UnitKind.values),
}


def certain_group(name: str, units: Iterable[Unit]) -> list[Unit]:
    """Return the units that a name of a group means without doubt."""
    return [unit for unit in units if unit.kind == UnitKind.TOWNSHIP] if TOWNSHIPS.fullmatch(name) else []


def is_group(name: str) -> bool:
    return bool(DEPARTMENTS.fullmatch(name) or OTHERS.fullmatch(name))


def group_options(units: Sequence[Unit]) -> tuple[tuple[str, str], ...]:
    """Return the choices for an uncertain group, each with the number of its units."""
    counted = [(group.value, group.label, len(members(group, units))) for group in UnitGroup]
    return (
        *((key, f"{label}（{count} 个）") for key, label, count in counted if count),
        (NOBODY, "不列入，只按写明的单位"),
    )


def members(key: str, units: Iterable[Unit]) -> list[Unit]:
    kinds = KINDS[UnitGroup(key)] if key in UnitGroup else frozenset()
    return [unit for unit in units if unit.kind in kinds]
