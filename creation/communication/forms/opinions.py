"""Forms for an assessor's opinion and for the office's answer to it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.communication import opinions
from creation.web.bootstrap_forms import apply_bootstrap, text_area


class OpinionForm(forms.Form):
    text = forms.CharField(
        label="您的意见",
        max_length=opinions.MAX_TEXT,
        widget=text_area(3),
        help_text="创建办会看到并处理；承担单位看不到。",
        error_messages={"required": opinions.NO_TEXT},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="id_opinion_%s")
        apply_bootstrap(self)


class OpinionAnswerForm(forms.Form):
    answer = forms.CharField(
        label="处理情况",
        max_length=opinions.MAX_TEXT,
        widget=text_area(2),
        error_messages={"required": opinions.NO_ANSWER},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: int) -> None:
        super().__init__(data, auto_id=f"id_settle{key}_%s")
        apply_bootstrap(self)
