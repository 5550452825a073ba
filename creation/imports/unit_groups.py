"""Words for many units, such as 各乡镇（街道） or 区直各单位, as the list of units that they mean."""

import re
from collections.abc import Iterable, Sequence

from creation.models import Unit, UnitKind

TOWNSHIPS = re.compile(
    r"(?:全区|全县|全市)?(?:各|有关|相关)*(?=[^各]*(?:乡|镇|街))(?:乡|镇|街道|街|办事处|办|\(|\)|和|及|与|各)+(?:人民政府|政府|党委政府)?"
)
DEPARTMENTS = re.compile(
    r"(?:全?[区县市](?:直|级)(?:各|有关|相关|机关|执法)*|各(?:[区县市](?:直|级))?)(?:单位|部门|机关)(?:单位)?"
)
OTHERS = re.compile(r"(?:全区|全县|全市)?(?:各|有关|相关|其他|所有).{0,10}?(?:单位|部门|机关|成员)")
NOBODY = "nobody"
OPTIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("departments", "区直部门", frozenset({UnitKind.DEPARTMENT.value})),
    ("organs", "区直部门和党委部门", frozenset({UnitKind.DEPARTMENT.value, UnitKind.PARTY.value})),
    ("townships", "乡镇（街道）", frozenset({UnitKind.TOWNSHIP.value})),
    ("outside", "乡镇（街道）以外的单位", frozenset(UnitKind.values) - {UnitKind.TOWNSHIP.value}),
    ("all", "全部单位", frozenset(UnitKind.values)),
)


def certain_group(name: str, units: Iterable[Unit]) -> list[Unit]:
    """Return the units that a name of a group means without doubt."""
    return [unit for unit in units if unit.kind == UnitKind.TOWNSHIP] if TOWNSHIPS.fullmatch(name) else []


def is_group(name: str) -> bool:
    return bool(DEPARTMENTS.fullmatch(name) or OTHERS.fullmatch(name))


def group_options(units: Sequence[Unit]) -> tuple[tuple[str, str], ...]:
    """Return the choices for an uncertain group, each with the number of its units."""
    counted = [(key, label, len(members(key, units))) for key, label, _ in OPTIONS]
    return (
        *((key, f"{label}（{count} 个）") for key, label, count in counted if count),
        (NOBODY, "不列入，只按写明的单位"),
    )


def members(key: str, units: Iterable[Unit]) -> list[Unit]:
    kinds = next((kinds for each, _, kinds in OPTIONS if each == key), frozenset())
    return [unit for unit in units if unit.kind in kinds]
