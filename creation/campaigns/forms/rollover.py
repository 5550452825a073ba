"""Forms for rolling a campaign forward: name, year and first day; then the dates of each phase; and last year's evidence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.campaigns.rollover import dates, roll_forward
from creation.campaigns.rollover.dates import PhaseDates, RolloverTarget
from creation.models import Campaign
from creation.web.bootstrap_forms import apply_bootstrap, date_input

REASON_LIMIT = 200


class RolloverForm(forms.Form):
    name = forms.CharField(label="名称", max_length=100, error_messages={"required": roll_forward.NO_NAME})
    year = forms.IntegerField(
        label="年度", error_messages={"required": "请填写年度。", "invalid": "请填写四位数年份，如 2027。"}
    )
    starts = forms.DateField(
        label="开始日期",
        required=False,
        widget=date_input(),
        help_text="第一个阶段的第一天；留空则按上一年度的同一天推算。",
        error_messages={"invalid": "请填写存在的日期。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, previous: Campaign) -> None:
        self.previous = previous
        year = previous.year + 1
        start = dates.default_start(previous, year)
        self.offered = {"name": _name_for(previous, year), "year": year, "starts": start}
        super().__init__(data if data is not None else self.offered)
        apply_bootstrap(self)

    def clean_starts(self) -> date | None:
        starts: date | None = self.cleaned_data["starts"]
        if sentence := roll_forward.wrong_start(self.previous, self.cleaned_data.get("year") or 0, starts):
            raise forms.ValidationError(sentence)
        return starts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and (sentence := roll_forward.refusal_reason(self.previous, self.target)):
            raise forms.ValidationError(sentence)
        return data

    @property
    def target(self) -> RolloverTarget:
        data = self.cleaned_data
        return RolloverTarget(data["name"], data["year"], data["starts"])

    @property
    def dates_key(self) -> str:
        """The year and start for which the dates of the phases were calculated."""
        return f"{self.target.year}/{self.target.starts or ''}"


def _name_for(previous: Campaign, year: int) -> str:
    """Return the name with the new year in place of the old one, or with the year appended."""
    if str(previous.year) in previous.name:
        return previous.name.replace(str(previous.year), str(year))
    return f"{previous.name[:92]}（{year}年）"


class RolloverDatesForm(forms.Form):
    """First and last day of each phase. ``reckoned`` is the ``dates_key`` for which the dates were offered."""

    reckoned = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, phase_dates: list[PhaseDates], dates_key: str) -> None:
        self.phase_dates = phase_dates
        super().__init__(data, initial={"reckoned": dates_key})
        for dated_phase in phase_dates:
            for name, label, day in (("starts", "开始", dated_phase.starts), ("ends", "结束", dated_phase.ends)):
                field = forms.DateField(
                    label=f"{dated_phase.phase.name}：{label}",
                    required=False,
                    initial=day,
                    widget=date_input(),
                    error_messages={"invalid": f"“{dated_phase.phase.name}”的{label}日期不存在，请改正。"},
                )
                self.fields[f"{dated_phase.phase.kind}_{name}"] = field
        apply_bootstrap(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for dated_phase in self.phase_dates:
            if sentence := roll_forward.wrong_days(dated_phase.phase.name, *self._pair(data, dated_phase)):
                self.add_error(f"{dated_phase.phase.kind}_starts", sentence)
        return data

    def _pair(self, data: Mapping[str, Any], dated_phase: PhaseDates) -> tuple[date | None, date | None]:
        return data.get(f"{dated_phase.phase.kind}_starts"), data.get(f"{dated_phase.phase.kind}_ends")

    @property
    def days(self) -> roll_forward.DatesByPhase:
        return {dated_phase.phase.kind: self._pair(self.cleaned_data, dated_phase) for dated_phase in self.phase_dates}

    @property
    def rows(self) -> list[tuple[PhaseDates, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"{each.phase.kind}_starts"], self[f"{each.phase.kind}_ends"]) for each in self.phase_dates]


class PreviousYearForm(forms.Form):
    """The unit's decision about a piece of evidence that it cited last year."""

    evidence = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    verdict = forms.ChoiceField(choices=[("keep", "仍然适用"), ("drop", "不再适用"), ("again", "恢复待确认")])
    outside_reason = forms.CharField(max_length=REASON_LIMIT, required=False)
