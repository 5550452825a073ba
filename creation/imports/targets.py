"""目标值 of a checkpoint as written on paper: ≥ 95%、不少于 40 学时、03-31 前; a name before it says which measure it belongs to."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from creation.imports import point_rows
from creation.imports.import_plan import FieldChange, ImportPlan, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.refusals import InvalidCell
from creation.imports.row_reader import RowReader
from creation.models import Indicator, Measure
from creation.rules.targets import Comparator, MeasureKind

SIGNS = {
    "=": Comparator.EQUAL, "达到": Comparator.EQUAL, "≥": Comparator.AT_LEAST, ">=": Comparator.AT_LEAST, "不低于": Comparator.AT_LEAST,
    "不少于": Comparator.AT_LEAST, "不小于": Comparator.AT_LEAST, "至少": Comparator.AT_LEAST, "以上": Comparator.AT_LEAST,
    "≤": Comparator.AT_MOST, "<=": Comparator.AT_MOST, "不高于": Comparator.AT_MOST, "不超过": Comparator.AT_MOST,
    "不大于": Comparator.AT_MOST, "至多": Comparator.AT_MOST, "以下": Comparator.AT_MOST, "以内": Comparator.AT_MOST,
}  # fmt: skip
SIGN_PATTERN = "|".join(map(re.escape, SIGNS))
FIGURE = re.compile(
    rf"(.*?)\s*({SIGN_PATTERN})?\s*(\d+(?:\.\d+)?)\s*(%|[^\d\s%=≥≤<>]{{0,10}}?)\s*(以上|以下|以内)?", re.DOTALL
)
# A target relative to another year: 比上年提高 5.
RELATIVE = re.compile(r"(?:提高|提升|增长|增加|上升|下降|降低|减少|压缩)(?:了|约|不低于|不少于|至少|超过)?\s*\d")
RANGE = re.compile(r"\d\s*[%％]?\s*[-~—–～至到]\s*\d")
# The comma between two targets: 覆盖率100%、公开率95%.
PART = re.compile(r"(\d\s*(?:%|学时|[次个件项场人篇])(?:以上|以下|以内)?)[、，,]\s*(?=[^\d、，,]{2,}\d)")
NAMED = re.compile(r"\s*[^\d\s%=≥≤<>]{2,}")
PERIODS = {
    "每年": "year",
    "每年度": "year",
    "全年": "year",
    "年度": "year",
    "每季度": "quarter",
    "每季": "quarter",
    "每个季度": "quarter",
}
NO_MEASURE = re.compile(r"每(?:个?月|半年|周|天|日|旬|[两二三]年)|力争|争取")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
VERB = re.compile(r"(?:提高|提升|上升|下降|降低|减少|控制|保持|达)?(?:到|至|在)$")
DAY = re.compile(r"(.*?)\s*(\d{1,2})(?:-|月)(\d{1,2})日?\s*(?:之|以)?前", re.DOTALL)
FULL_WIDTH = str.maketrans("０１２３４５６７８９．＝％＞＜－", "0123456789.=%><-")
NOTHING = {"", "无", "/", "—", "-", "——"}
BARE = "目标值 {0} 后面没有 %，而“{1}”是比率，请写成 95% 这样"
LEFT = "不是能核算的数字目标，没有导入。要核算的请写成“整改率 = 100%”这样，几个之间用分号隔开"
CELL, NAME = 1000, 100  # in characters
EXAMPLES = "“合法性审核率 = 100%”“≥ 40 学时”“03-31 前”"


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed target. ``figure`` is None for a deadline (``month_day``). ``unit`` is empty for a ratio."""

    name: str
    kind: MeasureKind
    comparator: Comparator
    figure: Decimal | None = None
    unit: str = ""
    month_day: str = ""


class Unmeasurable(InvalidCell):
    """The text is no single figure, such as 全覆盖; such targets are not kept as measures, and listed as left."""


def parse(text: str) -> list[Target]:
    """Return the targets of a cell. Raises InvalidCell for text that cannot be measured."""
    return [_target(part) for part in split(text)]


def split(text: str) -> list[str]:
    """Return the targets of a cell as text."""
    plain = THOUSANDS.sub("", text.translate(FULL_WIDTH))
    listed = re.split(r"[；;\n]", plain)
    parts = (
        part.strip() for each in listed for part in (PART.sub(r"\1\n", each) if NAMED.match(each) else each).split("\n")
    )
    return [part for part in parts if part not in NOTHING]


def _measurable(text: str) -> tuple[list[Target], bool]:
    """Return the targets of a cell that can be measured, and whether there are others."""
    found, rest = [], False
    for part in split(text):
        try:
            found.append(_target(part))
        except Unmeasurable:
            rest = True
    return found, rest


def _target(text: str) -> Target:
    if found := DAY.fullmatch(text):
        month, day = int(found[2]), int(found[3])
        if not (1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)):
            raise InvalidCell(f"没有 {month} 月 {day} 日这一天，请核对")
        return Target(_name(found[1]), MeasureKind.DATE, Comparator.AT_MOST, month_day=f"{month:02}-{day:02}")
    if not re.search(r"\d", text) or RELATIVE.search(text) or RANGE.search(text):
        raise Unmeasurable(f"“{text[:30]}”不是可以核算的目标值。请写成{EXAMPLES}这样，没有数字目标的请留空")
    found = FIGURE.fullmatch(text)
    if (
        not found
        or re.search("[=≥≤<>]", found[1])
        or NO_MEASURE.fullmatch(_name(found[1]))
        or (found[2] and found[5] and found[2] != "达到")
    ):
        raise Unmeasurable(f"“{text[:30]}”不是可以核算的目标值。请写成{EXAMPLES}这样，没有数字目标的请留空")
    figure, unit = Decimal(found[3]), found[4]
    if figure != round(figure, 2) or figure >= 10**8 or (unit == "%" and figure > 100):
        raise InvalidCell(f"目标值 {found[3]}{unit} 不合适：最多两位小数，百分比不超过 100")
    kind = MeasureKind.RATIO if unit == "%" else MeasureKind.COUNT
    usual = Comparator.EQUAL if unit == "%" and figure == 100 else Comparator.AT_LEAST
    comparator = SIGNS.get(found[5] or found[2] or "", usual)
    return Target(_name(found[1]), kind, comparator, figure, "" if unit == "%" else unit)


def _name(text: str) -> str:
    return VERB.sub("", text.strip(" ：:，,"))


@dataclass
class Targets:
    """The measures of the system by checkpoint."""

    measures: Mapping[int, list[Measure]]
    with_readings: frozenset[int]

    @classmethod
    def of(cls, context: ImportContext) -> "Targets":
        existing: dict[int, list[Measure]] = defaultdict(list)
        measures = Measure.objects.filter(indicator__system=context.campaign.system_id).order_by("pk")
        for measure in measures:
            existing[measure.indicator_id].append(measure)
        read = measures.filter(readings__isnull=False).order_by().values_list("pk", flat=True).distinct()
        return cls(existing, frozenset(read))

    def plan(self, rows: Sequence[RowReader], line: PlanLine, node: Indicator | None) -> None:
        """Plan the changes of the rows of one checkpoint. Measures not named there stay; an empty cell changes nothing."""
        reader = rows[0]
        existing = self.measures.get(node.pk, []) if node else []
        try:
            wanted, rest = _measurable(point_rows.text_of(rows, "target", CELL))
            pairs = [(_of(target, existing, len(wanted)), target) for target in wanted]
            changed = [(old, fields) for old, target in pairs if (fields := self._fields(old, target, line))]
        except InvalidCell as invalid:
            reader.add_error("target", str(invalid))
            return
        if rest:
            reader.leave("target", LEFT)
        if changed:
            line.data["targets"] = [(old.pk if old else None, fields) for old, fields in changed]
            before = "；".join(f"{old.name}{old.target_text}" for old, _ in changed if old)
            line.changes.append(FieldChange("目标值", before, "；".join(_text(old, fields) for old, fields in changed)))

    def _fields(self, old: Measure | None, target: Target, line: PlanLine) -> dict[str, Any]:
        """Return the fields to change; empty when nothing differs."""
        fields: dict[str, Any] = {
            "kind": target.kind.value,
            "comparator": target.comparator.value,
            "target": target.figure,
            "target_month_day": target.month_day,
        }
        if target.kind == MeasureKind.DATE and old:
            del fields["comparator"]
        if target.unit or old is None:
            fields["unit"] = target.unit
        if old and old.kind == MeasureKind.RATIO and target.kind == MeasureKind.COUNT and not target.unit:
            raise InvalidCell(BARE.format(target.figure, old.name))
        if old and old.name != target.name and target.name in PERIODS:
            fields["period"] = PERIODS[target.name]
        if old is None and target.kind == MeasureKind.COUNT and not target.unit:
            raise InvalidCell(
                f"目标值 {target.figure} 没有计量单位，请写成 {target.figure}%、{target.figure} 次、{target.figure} 学时这样"
            )
        if old is None:
            name = line.data["title"] if target.name in PERIODS or not target.name else target.name
            return fields | {"name": name[:NAME], "period": PERIODS.get(target.name, "year")}
        if (old.kind != target.kind or fields.get("period", old.period) != old.period) and old.pk in self.with_readings:
            raise InvalidCell(
                f"“{old.name}”已有读数，不能从{old.get_period_display()}的{old.get_kind_display()}改成别的"
            )
        return fields if any(getattr(old, name) != value for name, value in fields.items()) else {}


def _of(target: Target, existing: list[Measure], count: int) -> Measure | None:
    """Return the measure that is meant: the one of that name; if cell and checkpoint have one each, that one; None for a new one."""
    if named := [measure for measure in existing if measure.name == target.name]:
        return named[0]
    if len(existing) == 1 and count == 1:
        return existing[0]
    if (existing or count > 1) and not target.name:
        raise InvalidCell(f"有几个目标值，请在每个前面写上名称，如{EXAMPLES.partition('”')[0]}”，用分号隔开")
    return None


def _text(old: Measure | None, fields: Mapping[str, Any]) -> str:
    made = Measure(name=old.name if old else "", unit=old.unit if old else "", comparator=old.comparator if old else "")
    for name, value in fields.items():
        setattr(made, name, value)
    return f"{made.name}{'每季度 ' if fields.get('period') == 'quarter' else ''}{made.target_text}"


def target_texts_of(measures: QuerySet[Measure]) -> dict[int, str]:
    """Return checkpoint → text such as 行政规范性文件合法性审核率= 100%；…"""
    found: dict[int, list[str]] = defaultdict(list)
    for measure in measures.order_by("pk"):
        found[measure.indicator_id].append(f"{measure.name}{measure.target_text}")
    return {indicator: "；".join(texts) for indicator, texts in found.items()}


def apply(plan: ImportPlan, nodes: Mapping[str, Indicator]) -> None:
    for line in plan.pending_lines:
        for key, fields in line.data.get("targets", ()):
            if key:
                Measure.objects.filter(pk=key).update(**fields)
            else:
                Measure.objects.create(indicator=nodes[line.data["code"]], **fields)
