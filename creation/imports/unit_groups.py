"""Words for many units, such as 各乡镇（街道） or 区直各单位, as the list of units that they mean."""

import re
from collections.abc import Iterable, Sequence

from creation.models import Unit, UnitGroup, UnitKind

TOWNSHIPS = re.compile(
    r"(?:全区|全县|全市)?(?:各|有关|相关)*(?=[^各]*(?:乡|镇|街))(?:乡|镇|街道|街|办事处|办|\(|\)|和|及|与|各|/|人民政府)+(?:人民政府|政府|党委政府)?"
)
STREETS = re.compile(r"(?:全区|全县|全市)?(?:各|有关|相关)*(?:街道|街|办事处|办|各|和|及|\(|\))+")
RURAL = re.compile(r"(?:全区|全县|全市)?(?:各|有关|相关)*(?:乡|镇|各|和|及|与|\(|\))+(?:人民政府|政府|党委政府)?")
DEPARTMENTS = re.compile(
    r"(?:全?[区县市](?:直|级)(?:各|有关|相关|机关|执法)*|各(?:[区县市](?:直|级))?)(?:单位|部门|机关)(?:单位)?"
)
OTHERS = re.compile(
    r"(?=.*(?:各|有关|相关|涉及|其他|所有|全体|成员单位|执法|组成部门|工作部门|直属|派出|政府部门)).{1,24}(?:单位|部门|机关|机构|成员|政府|组织|企业|院校|学校|社区|村)"
    r"|(?:省|市|区|县|镇|乡)+[两三]级.{0,14}|(?:省|市)(?:直|级).{0,8}(?:单位|部门|机关)"
)
LISTED_INSIDE = re.compile(r"(?<=[(（])[乡镇街道办事处居村、，,/和及]+(?=[)）])")  # 各镇（乡、街道）
NOBODY = "nobody"
KINDS: dict[UnitGroup, frozenset[str]] = {
    UnitGroup.DEPARTMENTS: frozenset({UnitKind.DEPARTMENT.value}),
    UnitGroup.ORGANS: frozenset({UnitKind.DEPARTMENT.value, UnitKind.PARTY.value}),
    UnitGroup.TOWNSHIPS: frozenset({UnitKind.TOWNSHIP.value}),
    UnitGroup.OUTSIDE: frozenset(UnitKind.values) - {UnitKind.TOWNSHIP.value},
    UnitGroup.ALL: frozenset(UnitKind.values),
}


def certain_group(name: str, units: Iterable[Unit]) -> list[Unit]:
    """Return the units that a name of a group means without doubt: 各街道 are no towns, and 各乡镇 no streets."""
    if not TOWNSHIPS.fullmatch(name):
        return []
    found = [unit for unit in units if unit.kind == UnitKind.TOWNSHIP]
    streets = [unit for unit in found if "街道" in unit.name]
    if STREETS.fullmatch(name):
        return streets or found
    return [unit for unit in found if unit not in streets] or found if RURAL.fullmatch(name) else found


def is_group(name: str) -> bool:
    """Return whether the name means several units; what is added in brackets, such as （含驻区单位）, is asked about with it."""
    plain = re.sub(r"\([^()]*\)$", "", name)
    return bool(DEPARTMENTS.fullmatch(plain) or OTHERS.fullmatch(plain))


def in_one_piece(text: str) -> str:
    """Return the text without the marks that would split 各镇（乡、街道）."""
    return LISTED_INSIDE.sub(lambda found: re.sub("[、，,/和及]", "", found[0]), text)


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
