"""Measures that the office adds to a checkpoint of its campaign: a target to be judged, or a plain figure to be reported."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.editions import edition_copy
from creation.lib.refusals import Refusal, require_text
from creation.models import Campaign, Indicator, Measure
from creation.rules.targets import Comparator, MeasureKind

NO_NAME = "请填写测量项的名称，如“法律援助案件数”。"
NO_TARGET = "比率和数量须填写目标值；不设目标的，类型请选“数字（无目标）”。"
NO_DAY = "日期须填写每年的目标日期，如 03-31。"
WRONG_DAY = "请按 03-31 的样子填写月和日。"
NO_PARTS = "比率须写明分子和分母各是什么，填报的人才知道填哪两个数。"


@dataclass(frozen=True, slots=True)
class NewMeasure:
    """See the fields of ``Measure``."""

    name: str
    kind: str
    period: str
    unit: str = ""
    numerator: str = ""
    denominator: str = ""
    comparator: str = Comparator.AT_LEAST
    target: Decimal | None = None
    target_month_day: str = ""
    may_exceed: bool = False
    note: str = ""


def add_measure(campaign: Campaign, checkpoint: Indicator, new: NewMeasure, actor: Actor) -> Measure:
    """Add the measure, in a copy of the edition where other campaigns share it. Raises Refusal."""
    _require_valid(new)
    with transaction.atomic():
        checkpoint = edition_copy.lock_to_change(campaign, checkpoint)
        if edition_copy.make_editable(campaign, actor):
            checkpoint = campaign.system.indicators.get(code=checkpoint.code)
        if checkpoint.measures.filter(name=new.name.strip()).exists():
            raise Refusal(f"{checkpoint.code} 已有测量项“{new.name.strip()}”。", field="name")
        measure = Measure.objects.create(indicator=checkpoint, **_columns(new))
        audit_log.record(actor, "measure.add", campaign, detail=f"{checkpoint.code} {measure} {measure.target_text}")
    return measure


def _require_valid(new: NewMeasure) -> None:
    require_text(new.name, NO_NAME, "name")
    if new.kind in (MeasureKind.RATIO, MeasureKind.COUNT) and new.target is None:
        raise Refusal(NO_TARGET, field="target")
    if new.kind == MeasureKind.RATIO and not (new.numerator.strip() and new.denominator.strip()):
        raise Refusal(NO_PARTS, field="numerator")
    if new.kind == MeasureKind.DATE and not new.target_month_day:
        raise Refusal(NO_DAY, field="target_month_day")
    if new.target_month_day and not _is_a_day_of_every_year(new.target_month_day):
        raise Refusal(WRONG_DAY, field="target_month_day")


def _is_a_day_of_every_year(month_day: str) -> bool:
    try:
        date.fromisoformat(f"2023-{month_day}")  # no leap year
    except ValueError:
        return False
    return True


def _columns(new: NewMeasure) -> dict[str, object]:
    """Return the columns; what a measure of this kind does not have is left empty."""
    ratio, dated = new.kind == MeasureKind.RATIO, new.kind == MeasureKind.DATE
    judged = new.kind in (MeasureKind.RATIO, MeasureKind.COUNT)
    return {
        "name": new.name.strip(),
        "kind": new.kind,
        "period": "year" if dated else new.period,
        "unit": "%" if ratio else "" if dated else new.unit.strip(),
        "numerator": new.numerator.strip() or new.name.strip()[:60],
        "denominator": new.denominator.strip() if ratio else "",
        "comparator": Comparator.AT_MOST if dated else new.comparator,
        "target": new.target if judged else None,
        "target_month_day": new.target_month_day if dated else "",
        "may_exceed": ratio and new.may_exceed,
        "note": new.note.strip(),
    }
