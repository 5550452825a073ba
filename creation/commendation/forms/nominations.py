"""The form of a nomination, and a member's ballot."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from creation.commendation import nominations
from creation.commendation.nominations import NominationText
from creation.models import Commendation, Nomination, NominationKind, Unit, VoteChoice
from creation.web.bootstrap_forms import apply_bootstrap, text_area
from creation.web.row_choices import offer_choices


class NominationForm(forms.Form):
    """``unit`` is asked only of somebody who nominates for several. ``seen`` is the version on screen."""

    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label="类别", choices=NominationKind.choices)
    name = forms.CharField(
        label="集体名称或个人姓名",
        max_length=60,
        help_text="集体可以是本单位，也可以是本单位的科室、中队、所。",
        error_messages={"required": nominations.NO_NAME},
    )
    post = forms.CharField(
        label="职务（个人填写）",
        required=False,
        max_length=40,
        help_text="除姓名、职务外，不要填写身份证号、电话、住址等个人信息。",
    )
    merits = forms.CharField(
        label="主要事迹",
        max_length=nominations.MAX_TEXT,
        widget=text_area(8),
        error_messages={"required": nominations.NO_MERITS},
    )
    reason = forms.CharField(
        label="推荐理由",
        max_length=nominations.MAX_TEXT,
        widget=text_area(3),
        error_messages={"required": nominations.NO_REASON},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        commendation: Commendation,
        units: Sequence[Unit] = (),
        existing: Nomination | None = None,
    ) -> None:
        names = ("kind", "name", "post", "merits", "reason")
        initial: dict[str, Any] = {name: getattr(existing, name) for name in names} if existing else {}
        super().__init__(data, initial=initial | {"seen": existing.version if existing else 0})
        kinds = [
            (each.value, f"{each.label}（全区名额 {commendation.quota_of(each)}）")
            for each in NominationKind
            if commendation.quota_of(each)
        ]
        rows = Unit.objects.filter(pk__in=[each.pk for each in units]).order_by("order", "pk")
        offer_choices(self, kind=kinds, unit=rows)
        if len(units) < 2:
            del self.fields["unit"]
        apply_bootstrap(self)

    @property
    def text(self) -> NominationText:
        names = ("kind", "name", "post", "merits", "reason")
        return NominationText(**{name: self.cleaned_data[name] for name in names})


class BallotForm(forms.Form):
    """A choice for each nomination: ``n17`` is that of nomination 17."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, nominations: Sequence[Nomination]) -> None:
        super().__init__(data)
        for each in nominations:
            self.fields[f"n{each.pk}"] = forms.ChoiceField(
                label=f"{each.shown_name}（{each.unit.short_name}）",
                choices=VoteChoice.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "请表决。"},
            )
        self.nominations = nominations
        apply_bootstrap(self)

    @property
    def rows(self) -> list[tuple[Nomination, forms.BoundField]]:
        return [(each, self[f"n{each.pk}"]) for each in self.nominations]

    @property
    def choices(self) -> dict[int, str]:
        return {each.pk: self.cleaned_data[f"n{each.pk}"] for each in self.nominations}
