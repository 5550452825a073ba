"""Reasons that are asked for before a piece is cleared, removed for good, hidden or shown again."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.web.dressing import dress


class ReasonForm(forms.Form):
    """One reason; ``label`` and ``asked`` say of what."""

    reason = forms.CharField(max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str, label: str, asked: str) -> None:
        super().__init__(data, auto_id=f"{key}-%s")
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = asked
        dress(self)


def reason_form(act: str, data: Mapping[str, Any] | None = None) -> ReasonForm:
    label, asked = ASKED[act]
    return ReasonForm(data, key=act, label=label, asked=asked)


ASKED = {
    "clear": ("不涉密的理由", "请写明为什么不涉密，如：标志属于引用的法规原文。"),
    "purge": ("清除原因", "请写明清除原因，审计时要用。"),
    "hide": ("隐藏原因", "请写明隐藏原因，审计时要用。"),
    "show": ("解除原因", "请写明解除隐藏的原因，审计时要用。"),
}
