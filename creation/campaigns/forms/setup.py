"""Forms for preparing and running a campaign."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from creation import presets
from creation.campaigns.official_wording import fingerprint
from creation.models import Action, AnswerMode, Audience, Campaign, Indicator, Phase, Unit, UnitKind
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import BoxesField, offer_choices, offered_rows


class CampaignSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Settings of the campaign. ``seen`` is the version on screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Campaign
        fields = ("name", "window_from", "window_to", "finding_prefix", "sign_off", "ranking")
        widgets = {"window_from": date_input(), "window_to": date_input()}
        help_texts = {
            "window_from": "成文日期在此之前的材料会提醒，但不拒收。",
            "sign_off": "勾选后，联络员报送的答复先由本单位分管领导审签，再到创建办。",
            "ranking": "名次只看到期任务的报送率。不勾选时，简报按单位顺序列出各单位进度，不排名次。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        apply_bootstrap(self)


class DeleteDraftForm(forms.Form):
    name = forms.CharField(label="照抄活动名称", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)


class NewCampaignForm(forms.Form):
    preset = forms.ChoiceField(label="预置方案")
    year = forms.IntegerField(label="年度", help_text="四位数年份，如 2026；各阶段日期随年份走，以后可以改。")

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer_choices(self, preset=[(name, presets.load(name).title) for name in presets.available()])
        apply_bootstrap(self)


class PhaseDatesForm(forms.Form):
    starts = forms.DateField(label="开始", required=False, widget=date_input())
    ends = forms.DateField(label="结束", required=False, widget=date_input())
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, phase: Phase) -> None:
        super().__init__(data, initial={"starts": phase.starts, "ends": phase.ends, "seen": phase.version})
        apply_bootstrap(self)


class UnitsField(BoxesField):
    """Units as checkboxes."""

    default_error_messages = {"invalid_choice": "所选的单位不存在，请重新选择。"}


def unit_groups(
    form: forms.Form, name: str, offered: Iterable[Unit] | None = None
) -> list[tuple[str, list[tuple[Unit, bool]]]]:
    """Return the boxes of a UnitsField by kind of unit, ticked as submitted or as saved. ``offered``: its units, if they are at hand."""
    units = list(offered or offered_rows(form, name))
    ticked = {str(value) for value in form[name].value() or ()}
    groups = [
        (str(label), [(unit, str(unit.pk) in ticked) for unit in units if unit.kind == kind])
        for kind, label in UnitKind.choices
    ]
    return [(label, boxes) for label, boxes in groups if boxes]


class CheckpointForm(forms.Form):
    """Lead and assists of one checkpoint. ``seen`` is the fingerprint of the roles on screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    lead = forms.ModelChoiceField(label="牵头单位", queryset=Unit.objects.none(), empty_label="请选择", required=False)
    assists = UnitsField(label="配合单位", queryset=Unit.objects.none(), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, units: Any, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        offer_choices(self, lead=units, assists=units)
        apply_bootstrap(self)


class OfficialWordingForm(forms.Form):
    """Wording and source of a checkpoint. ``seen`` is the fingerprint of those on screen."""

    official_wording = forms.CharField(label="指标原文", required=False, widget=text_area(8))
    clause = forms.CharField(
        label="依据", required=False, help_text="文件名称和条款，如《……实施方案》第四部分（四）第2项。"
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, checkpoint: Indicator) -> None:
        texts = {"official_wording": checkpoint.official_wording, "clause": checkpoint.clause}
        super().__init__(data, initial=texts | {"seen": fingerprint(checkpoint)})
        apply_bootstrap(self)


class ItemAssistsForm(forms.Form):
    """Units that assist every checkpoint of an item."""

    units = UnitsField(
        label="配合单位", queryset=Unit.objects.none(), error_messages={"required": "请至少选择一个单位。"}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data)
        offer_choices(self, units=units)


class NewActionForm(forms.Form):
    phase = forms.ModelChoiceField(label="阶段", queryset=Phase.objects.none(), empty_label="请选择")
    title = forms.CharField(label="事项", max_length=100)
    text = forms.CharField(label="要求", required=False, max_length=4000, widget=text_area(4))
    source = forms.CharField(
        label="来源", required=False, max_length=100, help_text="如：领导批示、会议决定、补充通知及文号。"
    )
    audience = forms.ChoiceField(
        label="对象", choices=Audience.choices, widget=forms.RadioSelect, initial=Audience.EVERY_UNIT
    )
    lead = forms.ModelChoiceField(
        label="牵头单位（可不选）",
        queryset=Unit.objects.none(),
        required=False,
        empty_label="不分牵头和配合",
        help_text="选了牵头单位，其余指定单位为配合单位，提前三个工作日完成。",
    )
    units = UnitsField(label="指定单位", queryset=Unit.objects.none(), required=False)
    modes = forms.MultipleChoiceField(
        label="答复方式",
        choices=AnswerMode.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=list(AnswerMode.values),
    )
    due_on = forms.DateField(
        label="完成时限", required=False, widget=date_input(), help_text="留空则为阶段的最后一天。"
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        campaign: Campaign,
        units: Any,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        offer_choices(self, phase=campaign.phases.order_by("order"), lead=units, units=units)
        apply_bootstrap(self)


class ActionEditForm(forms.Form):
    """An action. ``seen`` is the state of the action on screen."""

    seen = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(label="事项", max_length=100)
    text = forms.CharField(label="要求", required=False, max_length=4000, widget=text_area(4))
    due_on = forms.DateField(
        label="完成时限", required=False, widget=date_input(), help_text="改动后，未报送且沿用原时限的任务随之调整。"
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action) -> None:
        super().__init__(
            data, initial={name: getattr(action, name) for name in ("title", "text", "due_on")} | {"seen": action.state}
        )
        apply_bootstrap(self)
