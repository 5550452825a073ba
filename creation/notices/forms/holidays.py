"""Forms for the State Council's pasted notice, and for a single day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.models import DayKind
from creation.rules import holiday_notice_parser
from creation.rules.holiday_notice_parser import HolidayNotice
from creation.web.bootstrap_forms import apply_bootstrap, text_area

EXAMPLE_TEXT = "元旦：1月1日（周五）至3日（周日）放假，共3天。\n春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。"


class HolidayNoticeForm(forms.Form):
    """The pasted notice. ``parsed_notice`` is the result with its faults, after validation."""

    text = forms.CharField(
        label="放假安排",
        max_length=20000,
        widget=text_area(12, placeholder=EXAMPLE_TEXT),
        help_text="把通知全文或其中的放假安排粘贴进来；也可以粘贴表格，一行一天：日期、放假或上班、节日名称。",
        error_messages={
            "required": "请粘贴国务院办公厅通知中的放假安排。",
            "max_length": "粘贴的内容太长，请只粘贴放假安排部分。",
        },
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, year: int) -> None:
        super().__init__(data)
        self.year, self.parsed_notice = year, HolidayNotice()
        apply_bootstrap(self)

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        self.parsed_notice = holiday_notice_parser.parse(text, self.year)
        if self.parsed_notice.faults:
            raise forms.ValidationError(
                f"有 {len(self.parsed_notice.faults)} 行读不懂，没有保存。请照下面的说明改正后再试。"
            )
        if not self.parsed_notice.days:
            raise forms.ValidationError("没有读出任何放假或调休上班的日期。请对照示例核对粘贴的内容。")
        return text

    def days(self) -> dict[date, tuple[DayKind, str]]:
        return {
            day: (DayKind.OFF if entry.off else DayKind.WORK, entry.name[:40])
            for day, entry in self.parsed_notice.days.items()
        }


class DayForm(forms.Form):
    kind = forms.ChoiceField(label="这一天", choices=DayKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="说明（可不填）", required=False, max_length=40, help_text="例如：春节、春节调休。")

    def __init__(self, data: Mapping[str, Any] | None = None, *, is_off: bool, name: str) -> None:
        super().__init__(data, initial={"kind": DayKind.OFF if is_off else DayKind.WORK, "name": name})
        apply_bootstrap(self)
