"""Forms to record and correct a finding, and to give further units a rectification of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.campaigns.forms.measures import CheckpointField
from creation.campaigns.forms.setup import UnitsField
from creation.models import Campaign, Finding, FindingSource, Indicator, Severity, Unit
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class FindingForm(forms.Form):
    """What is written about a finding."""

    title = forms.CharField(
        label="问题（一句话）",
        max_length=100,
        error_messages={"required": findings.NO_TITLE},
    )
    text = forms.CharField(label="问题表述（可不填）", required=False, max_length=4000, widget=text_area(4))
    source = forms.ModelChoiceField(
        label="问题来源",
        queryset=FindingSource.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择问题来源。"},
    )
    source_paper = forms.CharField(
        label="来源文件（可不填）", required=False, max_length=200, help_text="如：省督察反馈意见，豫法督〔2026〕3 号。"
    )
    found_on = forms.DateField(label="发现日期", required=False, widget=date_input())
    severity = forms.ChoiceField(label="程度", choices=Severity.choices, initial=Severity.GENERAL)
    is_common = forms.BooleanField(label="共性问题（多个单位都有）", required=False)
    indicator = CheckpointField(
        label="对应要点（可不选）", queryset=Indicator.objects.none(), required=False, empty_label="不对应要点"
    )
    basis = forms.CharField(label="依据（可不填）", required=False, max_length=300)
    demand = forms.CharField(
        label="整改要求（可不填）",
        required=False,
        max_length=4000,
        widget=text_area(3),
        help_text="单位在任务页看到的要求。",
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, campaign: Campaign, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        kept = FindingSource.objects.filter(district=campaign.district_id)
        chosen: Any = self.initial.get("source")
        sources = kept.filter(active=True) | kept.filter(pk=chosen.pk if chosen else 0)
        offer_choices(self, source=sources, indicator=campaign.system.indicators.checkpoints().order_by("order"))
        apply_bootstrap(self)

    @property
    def text_of(self) -> FindingText:
        return FindingText(**{name: self.cleaned_data[name] for name in findings.LABELS})


class RectificationsForm(forms.Form):
    """The units that have to rectify a finding, and their common due day."""

    due_on = forms.DateField(
        label="整改时限",
        required=False,
        widget=date_input(),
        help_text="留空为待定。各单位时限不同的，先登记大多数，再在问题页逐个增加。",
    )
    units = UnitsField(label="整改单位", queryset=Unit.objects.none(), error_messages={"required": findings.NO_UNITS})

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer_choices(self, units=units)
        apply_bootstrap(self)

    @property
    def due_days(self) -> dict[Unit, date | None]:
        return dict.fromkeys(self.cleaned_data["units"], self.cleaned_data["due_on"])


class NewFindingForm(RectificationsForm, FindingForm):
    """A finding with its first units."""


class FindingEditForm(FindingForm):
    """``seen`` is the version on screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, finding: Finding) -> None:
        values = {name: getattr(finding, name) for name in findings.LABELS}
        super().__init__(data, campaign=finding.campaign, initial=values | {"seen": finding.version})
