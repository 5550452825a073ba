"""The form for a check of a link by hand."""

from datetime import date
from typing import Any

from django import forms

from creation.evidence.links import manual_checks
from creation.web.bootstrap_forms import apply_bootstrap, date_input


class ManualCheckForm(forms.Form):
    opens = forms.TypedChoiceField(
        label="打开的结果",
        choices=[("1", "能打开，内容与题名相符"), ("0", "打不开，或内容已不是原来的")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择打开的结果。"},
    )
    seen_on = forms.DateField(
        label="核查日期",
        widget=date_input(),
        error_messages={"required": "请填写核查日期。", "invalid": "请填写存在的日期。"},
    )
    note = forms.CharField(label="说明", max_length=200, required=False)
    picture = forms.FileField(
        label="网页截图",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text="建议上传，截图应看得到网址和日期。",
        error_messages={"empty": "截图是空文件，请重新截图。"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, today: date) -> None:
        super().__init__(data, files, initial={"seen_on": today})
        self.today = today
        apply_bootstrap(self)

    def clean_seen_on(self) -> date:
        day: date = self.cleaned_data["seen_on"]
        if sentence := manual_checks.wrong_day(day, self.today):
            raise forms.ValidationError(sentence)
        return day

    def check_data(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("opens", "seen_on", "note")}
