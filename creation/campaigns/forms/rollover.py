"""What the office enters to roll a campaign forward: name, year and first day; then the days of each phase as offered or changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.campaigns.rollover import dates, rolling
from creation.campaigns.rollover.dates import Offer, Wish
from creation.models import Campaign
from creation.web.dressing import day_input, dress

REASON_LIMIT = 200


class WishForm(forms.Form):
    name = forms.CharField(label="名称", max_length=100, error_messages={"required": rolling.NO_NAME})
    year = forms.IntegerField(
        label="年度", error_messages={"required": "请填写年度。", "invalid": "请填写四位数年份，如 2027。"}
    )
    starts = forms.DateField(
        label="开始日期",
        required=False,
        widget=day_input(),
        help_text="第一个阶段的第一天；留空则按上一年度的同一天推算。",
        error_messages={"invalid": "请填写存在的日期。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, previous: Campaign) -> None:
        self.previous = previous
        year = previous.year + 1
        start = dates.wished_start(previous, year)
        self.offered = {"name": _named(previous, year), "year": year, "starts": start}
        super().__init__(data if data is not None else self.offered)
        dress(self)

    def clean_starts(self) -> date | None:
        starts: date | None = self.cleaned_data["starts"]
        if sentence := rolling.wrong_start(self.previous, self.cleaned_data.get("year") or 0, starts):
            raise forms.ValidationError(sentence)
        return starts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and (sentence := rolling.why_not(self.previous, self.wish)):
            raise forms.ValidationError(sentence)
        return data

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(data["name"], data["year"], data["starts"])

    @property
    def key(self) -> str:
        """What the days of the phases were reckoned for."""
        return f"{self.wish.year}/{self.wish.starts or ''}"


def _named(previous: Campaign, year: int) -> str:
    """The name with the new year in place of the old, or behind it."""
    if str(previous.year) in previous.name:
        return previous.name.replace(str(previous.year), str(year))
    return f"{previous.name[:92]}（{year}年）"


class DaysForm(forms.Form):
    """First and last day of each phase; ``reckoned`` names the wish they were offered for."""

    reckoned = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, offers: list[Offer], key: str) -> None:
        self.offers = offers
        super().__init__(data, initial={"reckoned": key})
        for offer in offers:
            for name, label, day in (("starts", "开始", offer.starts), ("ends", "结束", offer.ends)):
                field = forms.DateField(
                    label=f"{offer.phase.name}：{label}",
                    required=False,
                    initial=day,
                    widget=day_input(),
                    error_messages={"invalid": f"“{offer.phase.name}”的{label}日期不存在，请改正。"},
                )
                self.fields[f"{offer.phase.kind}_{name}"] = field
        dress(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for offer in self.offers:
            if sentence := rolling.wrong_days(offer.phase.name, *self._pair(data, offer)):
                self.add_error(f"{offer.phase.kind}_starts", sentence)
        return data

    def _pair(self, data: Mapping[str, Any], offer: Offer) -> tuple[date | None, date | None]:
        return data.get(f"{offer.phase.kind}_starts"), data.get(f"{offer.phase.kind}_ends")

    @property
    def days(self) -> rolling.Dates:
        return {offer.phase.kind: self._pair(self.cleaned_data, offer) for offer in self.offers}

    @property
    def rows(self) -> list[tuple[Offer, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"{each.phase.kind}_starts"], self[f"{each.phase.kind}_ends"]) for each in self.offers]


class HeritageForm(forms.Form):
    """What a unit says of a piece that it cited last year."""

    evidence = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    verdict = forms.ChoiceField(choices=[("keep", "仍然适用"), ("drop", "不再适用"), ("again", "恢复待确认")])
    outside_reason = forms.CharField(max_length=REASON_LIMIT, required=False)
