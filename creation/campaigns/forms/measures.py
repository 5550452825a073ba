"""The form that adds a measure to a checkpoint."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.campaigns import measure_settings
from creation.campaigns.measure_settings import NewMeasure
from creation.models import Campaign, Indicator, Measure
from creation.rules.targets import MeasureKind
from creation.web.bootstrap_forms import apply_bootstrap
from creation.web.row_choices import offer_choices

FIELDS = ("name", "kind", "period", "unit", "numerator", "denominator", "comparator", "target", "may_exceed", "note")


class CheckpointField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [Indicator] at run time
    """Choice of a checkpoint by code and title."""

    def label_from_instance(self, obj: Indicator) -> str:
        return f"{obj.code} {obj.title}"


class MeasureForm(forms.Form):
    checkpoint = CheckpointField(label="要点", queryset=Indicator.objects.none(), empty_label="请选择")
    name = forms.CharField(label="测量项", max_length=100, error_messages={"required": measure_settings.NO_NAME})
    kind = forms.ChoiceField(label="类型", choices=Measure._meta.get_field("kind").choices or ())
    period = forms.ChoiceField(label="周期", choices=Measure._meta.get_field("period").choices or ())
    unit = forms.CharField(label="计量单位", required=False, max_length=10, help_text="如：件、次、万元。比率不用填。")
    numerator = forms.CharField(label="分子是什么", required=False, max_length=60, help_text="比率填写。")
    denominator = forms.CharField(label="分母是什么", required=False, max_length=60, help_text="比率填写。")
    comparator = forms.ChoiceField(label="与目标比较", choices=Measure._meta.get_field("comparator").choices or ())
    target = forms.DecimalField(
        label="目标值", required=False, min_value=0, max_digits=10, decimal_places=2, help_text="比率填百分数，如 95。"
    )
    target_month_day = forms.CharField(
        label="目标日期", required=False, max_length=5, help_text="类型为日期时填写，如 03-31。"
    )
    may_exceed = forms.BooleanField(label="比率可以超过 100%（如完成年度任务的 114%）", required=False)
    note = forms.CharField(label="说明（可不填）", required=False, max_length=100)

    def __init__(self, data: Mapping[str, Any] | None = None, *, campaign: Campaign) -> None:
        super().__init__(data, initial={"kind": MeasureKind.PLAIN, "comparator": "ge"})
        offer_choices(self, checkpoint=campaign.system.indicators.checkpoints().order_by("order"))
        apply_bootstrap(self)

    @property
    def new_measure(self) -> NewMeasure:
        return NewMeasure(**{name: self.cleaned_data[name] for name in (*FIELDS, "target_month_day")})
