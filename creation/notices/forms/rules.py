"""The form of a reminder rule."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from creation.models import ReminderRule
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.rule_settings import MAX_DAYS, MAX_LEAD_TIMES, TOO_MANY
from creation.web.bootstrap_forms import DATE_VALIDATORS, apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices

SEPARATORS = re.compile(r"[\s,，、;；]+")


class LeadTimesField(forms.CharField):
    """Days before the due day, separated by commas or spaces. The value is in descending order without duplicates."""

    def clean(self, value: Any) -> Any:
        parts = [part for part in SEPARATORS.split(super().clean(value)) if part]
        if len(parts) > MAX_LEAD_TIMES:
            raise forms.ValidationError(TOO_MANY)
        if wrong := [part for part in parts if not re.fullmatch(r"[0-9]{1,3}", part) or int(part) > MAX_DAYS]:
            raise forms.ValidationError(
                f"“{wrong[0][:20]}”不是 0 到 {MAX_DAYS} 的整数，请写成 30、14、7、3、1、0 这样。"
            )
        return sorted({int(part) for part in parts}, reverse=True)


class RuleForm(forms.Form):
    """A reminder rule. ``seen`` is the version on screen."""

    name = forms.CharField(label="名称", max_length=60)
    audience = forms.ChoiceField(label="提醒谁")
    text = forms.CharField(label="提醒文字", max_length=200, widget=text_area(3))
    lead_times = LeadTimesField(
        label="提前几天提醒",
        required=False,
        help_text="如 30、14、7、3、1、0；0 是到期当天。提醒只在周一、三、五发出（逢休息日顺延），每次把下一个提醒日以前该提醒的一起提醒。",
    )
    overdue_every = forms.IntegerField(
        label="逾期后每隔几个工作日提醒",
        min_value=0,
        max_value=MAX_DAYS,
        help_text="0 表示逾期后不再提醒。填 1 到 4 的，前 10 个工作日按此间隔，以后每周一次；填 5 以上的一直按此间隔。",
    )
    leader_after = forms.IntegerField(
        label="第几次逾期提醒起告知分管领导", min_value=0, max_value=MAX_DAYS, help_text="0 表示不告知。"
    )
    office_after = forms.IntegerField(
        label="第几次逾期提醒起告知创建办", min_value=0, max_value=MAX_DAYS, help_text="0 表示不告知。"
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, rule: ReminderRule) -> None:
        condition = CONDITIONS[rule.condition]
        initial = rule.values("name", "audience", "text", "overdue_every", "leader_after", "office_after")
        super().__init__(data, initial=initial | {"lead_times": rule.days, "seen": rule.version})
        offer_choices(self, audience=[(each.value, each.label) for each in condition.audiences])
        for name in [] if condition.escalates else ["leader_after", "office_after"]:
            del self.fields[name]
        if not condition.has_lead_times:
            del self.fields["lead_times"]
        apply_bootstrap(self)

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class PreviewDayForm(forms.Form):
    day = forms.DateField(label="哪一天", widget=date_input(), validators=DATE_VALIDATORS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        apply_bootstrap(self)
