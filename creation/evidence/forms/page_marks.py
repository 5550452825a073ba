"""The form of a page mark: its place, and what it proves."""

from typing import Any

from django import forms

from creation.evidence.page_marks import LEAST_SIDE, OUTSIDE, Box, lies_on_page
from creation.models.mark import BOX
from creation.web.bootstrap_forms import refuse_marks


class MarkNoteForm(forms.Form):
    note = forms.CharField(
        label="说明",
        max_length=100,
        required=False,
        validators=[refuse_marks],
        error_messages={"max_length": "说明最多 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )


class MarkForm(MarkNoteForm):
    """A page mark. ``version`` is the number of the version that was read. The box is given completely or not at all."""

    wrong = {"required": "没有收到页码，请刷新页面后再标记。", "invalid": "页码不是数字，请刷新页面后再标记。"}
    version = forms.IntegerField(min_value=1, max_value=9999, error_messages=wrong)
    page = forms.IntegerField(min_value=1, max_value=999_999, error_messages=wrong)
    left = forms.FloatField(min_value=0, max_value=1, required=False)
    top = forms.FloatField(min_value=0, max_value=1, required=False)
    width = forms.FloatField(min_value=LEAST_SIDE, max_value=1, required=False)
    height = forms.FloatField(min_value=LEAST_SIDE, max_value=1, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = [values[name] for name in BOX if values.get(name) is not None]
        whole = len(given) == len(BOX) and lies_on_page((given[0], given[1], given[2], given[3]))
        if any(name in self.errors for name in BOX) or (given and not whole):
            self.add_error(None, OUTSIDE)
        return values

    def box(self) -> Box | None:
        left, top, width, height = (self.cleaned_data[name] for name in BOX)
        return None if left is None else (round(left, 4), round(top, 4), round(width, 4), round(height, 4))

    def sentence(self) -> str:
        """Return the first error."""
        errors = self.errors.get_json_data()
        return str(next(iter(errors.get("__all__") or next(iter(errors.values()))))["message"])
