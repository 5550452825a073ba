from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from creation.models.district import District
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules import clauses, targets
from creation.rules.policy import Scope
from creation.rules.targets import COMPARATOR_SIGNS, Comparator, Figures, MeasureKind, MeasureResult

CLAUSE_LENGTH, WORDING_LENGTH = 200, 5000  # characters


class IndicatorSystem(models.Model):
    """One edition of an indicator system (《市县法治政府建设示范指标体系》 and its local copies)."""

    district = models.ForeignKey(District, models.PROTECT, related_name="systems", verbose_name="行政区")
    name = models.CharField("名称", max_length=100)
    edition = models.CharField("版本", max_length=40)
    source = models.CharField("依据文件", max_length=200, blank=True)
    dated_on = models.DateField("发布日期", null=True, blank=True)

    class Meta:
        verbose_name = "指标体系"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name", "edition"],
                name="system_edition_once",
                violation_error_message="本区已有该版本的指标体系。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}({self.edition})"

    def scope(self) -> Scope:
        return Scope(self.district_id)


class IndicatorLevel(models.IntegerChoices):
    SECTION = 1, "一级指标"
    ITEM = 2, "二级指标"
    CHECKPOINT = 3, "三级指标"


Choice = tuple[str, str]  # code and title


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def sections(self) -> "IndicatorQuerySet":
        return self.filter(level=IndicatorLevel.SECTION)

    def checkpoints(self) -> "IndicatorQuerySet":
        return self.filter(level=IndicatorLevel.CHECKPOINT)

    def choices(self) -> tuple[list[Choice], list[tuple[str, list[Choice]]]]:
        """Return the choices of a filter: the sections, and the items grouped by section."""
        above = self.filter(level__lt=IndicatorLevel.CHECKPOINT).order_by("order")
        nodes = list(above.only("code", "title", "level", "parent_id", "system_id"))
        sections = [node for node in nodes if node.level == IndicatorLevel.SECTION]
        items = [
            (str(section), [(node.code, str(node)) for node in nodes if node.parent_id == section.pk])
            for section in sections
        ]
        return [(section.code, str(section)) for section in sections], items


class Indicator(models.Model):
    """A node of the tree section › item › checkpoint. ``key`` stays the same in every edition; ``code`` is printed on documents.

    ``official_wording`` is quoted from the document that ``clause`` names, while ``title`` is a short phrase.
    """

    system = models.ForeignKey(IndicatorSystem, models.CASCADE, related_name="indicators", verbose_name="指标体系")
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上级指标"
    )
    level = models.PositiveSmallIntegerField("层级", choices=IndicatorLevel.choices)
    code = models.CharField("编号", max_length=20)
    key = models.CharField("稳定标识", max_length=60)
    order = models.PositiveIntegerField("排序")
    title = models.CharField("名称", max_length=200)
    proof = models.TextField("印证资料要求", blank=True)
    kinds = models.JSONField("资料类型", default=list, blank=True)
    official_wording = models.TextField("指标原文", blank=True)
    clause = models.CharField("依据", max_length=CLAUSE_LENGTH, blank=True)
    points = models.DecimalField("分值", max_digits=6, decimal_places=2, null=True, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "指标"
        ordering = ["system", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "code"], name="indicator_code_once", violation_error_message="指标编号重复。"
            ),
            models.UniqueConstraint(
                fields=["system", "key"], name="indicator_key_once", violation_error_message="指标标识重复。"
            ),
            models.CheckConstraint(
                condition=models.Q(level=IndicatorLevel.SECTION, parent=None)
                | models.Q(level__in=[IndicatorLevel.ITEM, IndicatorLevel.CHECKPOINT], parent__isnull=False),
                name="only_sections_have_no_parent",
                violation_error_message="一级指标没有上级，二、三级指标必须有上级。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def quotation(self) -> str:
        """The official wording, with its source in brackets; "" without a wording."""
        if not self.official_wording or not self.clause:
            return self.official_wording
        return f"{self.official_wording}（{clauses.cited(self.clause)}）"


class Measure(models.Model):
    """A measured target of an indicator: a ratio in per cent, a count or a date, judged by ``creation.rules.targets``."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="measures", verbose_name="指标")
    name = models.CharField("测量项", max_length=100)
    kind = models.CharField(
        "类型",
        max_length=8,
        choices=[(k.value, n) for k, n in zip(MeasureKind, ("比率", "数量", "日期", "数字（无目标）"), strict=True)],
    )
    numerator = models.CharField("分子", max_length=60, blank=True)
    denominator = models.CharField("分母", max_length=60, blank=True)
    unit = models.CharField("计量单位", max_length=10, blank=True)
    comparator = models.CharField("比较", max_length=4, choices=[(c.value, COMPARATOR_SIGNS[c]) for c in Comparator])
    target = models.DecimalField("目标值", max_digits=10, decimal_places=2, null=True, blank=True)
    target_month_day = models.CharField("目标日期", max_length=5, blank=True, help_text="月-日，如 03-31")
    period = models.CharField("周期", max_length=8, choices=[("year", "每年"), ("quarter", "每季度")])
    note = models.CharField("说明", max_length=100, blank=True)
    may_exceed = models.BooleanField("可以超过 100%", default=False)

    class Meta:
        verbose_name = "测量项"
        ordering = ["indicator__order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=MeasureKind.DATE.value, target=None) & ~models.Q(target_month_day="")
                | models.Q(kind__in=[MeasureKind.RATIO.value, MeasureKind.COUNT.value], target__isnull=False)
                | models.Q(kind=MeasureKind.PLAIN.value, target=None, target_month_day=""),
                name="measure_has_the_target_of_its_kind",
                violation_error_message="比率和数量须有目标值，日期须有目标日期，无目标的数字两者都没有。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target_text(self) -> str:
        if self.kind == MeasureKind.PLAIN:
            return ""
        if self.target is None:
            return f"{self.target_month_day} 前"
        sign = "%" if self.kind == MeasureKind.RATIO else self.unit
        return f"{COMPARATOR_SIGNS[Comparator(self.comparator)]} {Decimal(self.target).normalize():f}{sign}"

    def due(self, period: str) -> date:
        """Return the day by which the period's figures are expected: its last day, or the target date."""
        if self.kind == MeasureKind.DATE:
            return date.fromisoformat(f"{period[:4]}-{self.target_month_day}")
        return targets.period_end(period)

    def judge(self, figures: Figures, year: int) -> MeasureResult:
        """Judge the figures. ``year`` is the year of the reading, in which a date target falls."""
        if self.kind == MeasureKind.PLAIN:
            return targets.judge_plain(self.unit, figures)
        if self.kind == MeasureKind.DATE or self.target is None:
            return targets.judge_date(date.fromisoformat(f"{year}-{self.target_month_day}"), figures)
        if self.kind == MeasureKind.RATIO:
            return targets.judge_ratio(Comparator(self.comparator), self.target, figures, may_exceed=self.may_exceed)
        return targets.judge_count(Comparator(self.comparator), self.target, self.unit, figures)


class Reading(Versioned):
    """The value that a unit measured in a period ("2026", "2026Q1"). The verdict is computed, never stored."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="readings", verbose_name="测量项")
    unit = models.ForeignKey("creation.Unit", models.PROTECT, related_name="readings", verbose_name="单位")
    period = models.CharField("期间", max_length=8)
    numerator = models.DecimalField("分子", max_digits=14, decimal_places=2, null=True, blank=True)
    denominator = models.DecimalField("分母", max_digits=14, decimal_places=2, null=True, blank=True)
    count = models.DecimalField("数量", max_digits=14, decimal_places=2, null=True, blank=True)
    day = models.DateField("日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    updated_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="填报人")
    updated_at = models.DateTimeField("填报时间")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = "指标数据"
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "unit", "period"],
                name="reading_once_a_period",
                violation_error_message="本期已填报。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.period}"

    @property
    def figures(self) -> Figures:
        return Figures(self.numerator, self.denominator, self.count, self.day)

    @property
    def verdict(self) -> MeasureResult:
        return self.measure.judge(self.figures, int(self.period[:4]))

    def as_data(self) -> dict[str, Any]:
        """Return the figures in the form stored in an immutable submission."""
        values = {"numerator": self.numerator, "denominator": self.denominator, "count": self.count, "day": self.day}
        shown = {name: str(value) for name, value in values.items() if value is not None}
        return {
            "measure": self.measure.name,
            "target": self.measure.target_text,
            "period": self.period,
            "verdict": self.verdict.text,
        } | shown


class ReadingChange(models.Model):
    """A value that a reading had before it was changed, and who changed it. Append-only."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="changes", verbose_name="指标数据")
    former = models.JSONField("原数据")
    changed_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="修改人")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "读数变动"
        ordering = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.reading} {self.changed_at:%Y-%m-%d %H:%M}"
