"""Enter readings of measures: figures for a measure and period, compared with the target at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal, Stale
from creation.models import Measure, Reading, ReadingChange, Task, Unit
from creation.rules.targets import Figures, MeasureKind, number_text, swings
from creation.tasks import workflow

DIGITS, PLACES = 14, 2  # of a stored figure
NO_NUMBER, NEGATIVE = "请填写数字，例如 1790 或 96.5。", "不能为负数。"
TOO_LARGE, TOO_FINE = "数字太大，请核对位数。", "最多两位小数。"
FIGURES = {
    MeasureKind.RATIO: {"numerator": "分子", "denominator": "分母"},
    MeasureKind.COUNT: {"count": "数量"},
    MeasureKind.DATE: {"day": "日期"},
    MeasureKind.PLAIN: {"count": "数量"},
}
QUARTERS = (("Q1", "第一季度"), ("Q2", "第二季度"), ("Q3", "第三季度"), ("Q4", "第四季度"))


@dataclass(frozen=True, slots=True)
class ReadingSlot:
    """A measure in a period, with its reading if there is one."""

    measure: Measure
    period: str
    label: str
    reading: Reading | None = None

    @property
    def key(self) -> str:
        return f"{self.measure.pk}-{self.period}"

    @property
    def text(self) -> str:
        return as_text(self.reading) if self.reading else ""


def slots_of(task: Task) -> list[ReadingSlot]:
    """Return every reading the task requires: one for each measure and year, or four where the period is a quarter."""
    measures = measures_of(task)
    readings = workflow.readings_of(task) if measures else ()
    existing = {(reading.measure_id, reading.period): reading for reading in readings}
    return [
        ReadingSlot(measure, period, label, existing.get((measure.pk, period)))
        for measure in measures
        for period, label in periods(measure, task.campaign.year)
    ]


def measures_of(task: Task) -> list[Measure]:
    return _measures(task.indicator_id) if task.indicator_id and task.has("measures") else []


@prepared
def _measures(indicator: int) -> QuerySet[Measure, Measure]:
    return Measure.objects.filter(indicator=indicator).order_by("pk")


def periods(measure: Measure, year: int) -> list[tuple[str, str]]:
    """Return period and its Chinese name: ("2026", "2026 年") or ("2026Q1", "第一季度") …"""
    if measure.period == "quarter":
        return [(f"{year}{quarter}", name) for quarter, name in QUARTERS]
    return [(str(year), f"{year} 年")]


def save_reading(task: Task, actor: Actor, slot: ReadingSlot, figures: Figures, note: str, seen: int) -> Reading:
    """Save a reading. ``seen``: the version on screen, 0 for none. Raises Stale when somebody saved other figures meanwhile, Refusal."""
    _refuse_wrong(slot.measure, figures)
    with transaction.atomic():
        _require_answerable(task)
        existing = Reading.objects.filter(measure=slot.measure, unit=task.unit, period=slot.period).first()
        if existing and (existing.figures, existing.note) == (figures, note):
            return existing
        if not note.strip() and (before := swing(slot.measure, task.unit, slot.period, figures)):
            raise Refusal(needs_reason(before), field="note")
        reading = (
            _update(existing, figures, note, actor, seen) if existing else _create(task, slot, figures, note, actor)
        )
        audit_log.record(actor, "task.reading", task, detail=_detail(slot, reading))
    return reading


@dataclass(frozen=True, slots=True)
class ReadingEntry:
    """One of many readings: the task, its slot as it was read, and the new figures."""

    task: Task
    slot: ReadingSlot
    figures: Figures
    note: str


def save_readings(entries: Sequence[ReadingEntry], actor: Actor) -> None:
    """Call ``save_reading`` for many slots, all or none, with few queries besides one UPDATE for each changed one. Raises Refusal."""
    for entry in entries:
        _refuse_wrong(entry.slot.measure, entry.figures)
    with transaction.atomic():
        for task in Task.objects.for_table().filter(pk__in={entry.task.pk for entry in entries}):
            try:
                _refuse_unanswerable(task)
            except Refusal as refused:
                raise Refusal(f"{task.unit}的 {task.code}：{refused}") from refused
        saved = _create_many([entry for entry in entries if not entry.slot.reading], actor)
        saved += [
            (entry, _update(entry.slot.reading, entry.figures, entry.note, actor, entry.slot.reading.version))
            for entry in entries
            if entry.slot.reading
        ]
        details = [(entry.task, _detail(entry.slot, reading)) for entry, reading in saved]
        audit_log.record_many(actor, "task.reading", details)


def wrong_kind(measure: Measure, figures: Figures) -> list[str]:
    """Return the names of figures that a measure of this kind does not take."""
    given = [name for name in Figures.__slots__ if getattr(figures, name) is not None]
    return [name for name in given if name not in FIGURES[MeasureKind(measure.kind)]]


def _refuse_wrong(measure: Measure, figures: Figures) -> None:
    if wrong_kind(measure, figures):
        raise Refusal(f"“{measure}”只填{'、'.join(FIGURES[MeasureKind(measure.kind)].values())}。")
    for value in filter(None, (figures.numerator, figures.denominator, figures.count)):
        if sentence := _wrong_number(value):
            raise Refusal(sentence)


def _wrong_number(value: Decimal) -> str:
    if not value.is_finite():
        return NO_NUMBER
    if value < 0:
        return NEGATIVE
    if value >= 10 ** (DIGITS - PLACES):
        return TOO_LARGE
    return TOO_FINE if value != round(value, PLACES) else ""


def _create_many(entries: Sequence[ReadingEntry], actor: Actor) -> list[tuple[ReadingEntry, Reading]]:
    rows = [_build(entry.task, entry.slot, entry.figures, entry.note, actor) for entry in entries]
    try:
        with transaction.atomic():
            Reading.objects.bulk_create(rows, batch_size=500)
    except IntegrityError:
        raise Refusal("有的读数刚刚有人填过。请重新核对。") from None
    return list(zip(entries, rows, strict=True))


def _detail(slot: ReadingSlot, reading: Reading) -> str:
    return f"{slot.measure} {slot.period}：{reading.verdict.text}"


def _require_answerable(task: Task) -> None:
    _refuse_unanswerable(Task.objects.for_table().get(pk=task.pk))


def _refuse_unanswerable(now: Task) -> None:
    now.campaign.require_open("不能再修改读数", 409)
    if not workflow.accepts_answers(now):
        raise Refusal(f"任务现为“{now.get_status_display()}”，不能再修改读数。", 409)


def _create(task: Task, slot: ReadingSlot, figures: Figures, note: str, actor: Actor) -> Reading:
    try:
        with transaction.atomic():
            reading = _build(task, slot, figures, note, actor)
            reading.save(force_insert=True)
            return reading
    except IntegrityError:
        existing = Reading.objects.get(measure=slot.measure, unit=task.unit, period=slot.period)
        raise _conflict(existing) from None


def _build(task: Task, slot: ReadingSlot, figures: Figures, note: str, actor: Actor) -> Reading:
    key = {"measure": slot.measure, "unit": task.unit, "period": slot.period}
    return Reading(**key, updated_by=actor.human, updated_at=actor.at, **_columns(figures, note))


def swing(measure: Measure, unit: Unit, period: str, figures: Figures) -> str:
    """Return the figures of the period before in words if these differ from them by more than half; otherwise ""."""
    same = Reading.objects.filter(unit=unit, measure__name=measure.name, measure__indicator__key=measure.indicator.key)
    before = same.filter(period=period_before(period)).select_related("measure").order_by("-pk").first()
    return as_text(before) if before and swings(figures, before.figures) else ""


def needs_reason(before: str) -> str:
    return f"与上期（{before}）相差超过一半。请核对；属实的，在“说明”里写明原因后再保存。"


def period_before(period: str) -> str:
    """Return the period before: 2025 before 2026, 2025Q4 before 2026Q1."""
    year, quarter = int(period[:4]), int(period[5:] or 0)
    if not quarter:
        return str(year - 1)
    return f"{year}Q{quarter - 1}" if quarter > 1 else f"{year - 1}Q4"


def _update(existing: Reading, figures: Figures, note: str, actor: Actor, seen: int) -> Reading:
    former = existing.as_data() | {"note": existing.note}
    if not Reading.objects.change(
        existing.pk, seen, updated_by=actor.human, updated_at=actor.at, **_columns(figures, note)
    ):
        raise _conflict(existing)
    ReadingChange.objects.create(reading=existing, former=former, changed_by=actor.human, changed_at=actor.at)
    existing.refresh_from_db()
    return existing


def _conflict(existing: Reading) -> Stale:
    return Stale(f"{existing.updated_by} 刚刚填过：{as_text(existing)}。请核对后再保存。", existing)


def _columns(figures: Figures, note: str) -> dict[str, Decimal | object]:
    return {
        "numerator": figures.numerator,
        "denominator": figures.denominator,
        "count": figures.count,
        "day": figures.day,
        "note": note,
    }


def as_text(reading: Reading) -> str:
    """Return the figures in words: 分子 1727,分母 1790."""
    measure = reading.measure
    named = [
        (measure.numerator or "分子", reading.numerator),
        (measure.denominator or "分母", reading.denominator),
        ("数量", reading.count),
    ]
    parts = [f"{name} {number_text(value)}" for name, value in named if value is not None]
    return "，".join(parts + ([f"{reading.day:%Y-%m-%d}"] if reading.day else []))
