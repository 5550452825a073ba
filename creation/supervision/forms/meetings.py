"""Forms of a meeting and of what it decided."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.models import Meeting, MeetingKind, Unit
from creation.supervision import meetings
from creation.supervision.meetings import MeetingText
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class MeetingForm(forms.Form):
    kind = forms.ChoiceField(label="会议类型", choices=MeetingKind.choices)
    title = forms.CharField(label="会议名称", max_length=100, error_messages={"required": meetings.NO_TITLE})
    held_on = forms.DateField(label="日期", widget=date_input(), error_messages={"required": "请填写会议日期。"})
    place = forms.CharField(label="地点（可不填）", required=False, max_length=100)
    chair = forms.CharField(label="主持人（可不填）", required=False, max_length=60)
    present = forms.CharField(label="参会单位和人员（可不填）", required=False, max_length=4000, widget=text_area(2))
    agenda = forms.CharField(label="议程（可不填）", required=False, max_length=4000, widget=text_area(4))
    minutes = forms.CharField(label="会议纪要（可会后补）", required=False, max_length=20_000, widget=text_area(6))

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        apply_bootstrap(self)

    @property
    def text_of(self) -> MeetingText:
        return MeetingText(**{name: self.cleaned_data[name] for name in meetings.LABELS})


class MeetingEditForm(MeetingForm):
    """``seen`` is the version on screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, meeting: Meeting) -> None:
        values = {name: getattr(meeting, name) for name in meetings.LABELS}
        super().__init__(data, initial=values | {"seen": meeting.version})


class MeetingDecisionForm(forms.Form):
    title = forms.CharField(label="议定事项", max_length=100, error_messages={"required": "请填写事项。"})
    text = forms.CharField(label="要求（可不填）", required=False, max_length=4000, widget=text_area(3))
    due_on = forms.DateField(label="完成时限（可不填）", required=False, widget=date_input())
    units = UnitsField(
        label="责任单位", queryset=Unit.objects.none(), error_messages={"required": "请至少选择一个单位。"}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data)
        offer_choices(self, units=units)
        apply_bootstrap(self)
