"""Reasons that are asked for before a piece is cleared, removed for good, hidden or shown again."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.evidence.library import hiding, stopping
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
    "clear": ("不涉密的理由", stopping.NO_CLEARING),
    "purge": ("清除原因", stopping.NO_PURGING),
    "hide": ("隐藏原因", hiding.NO_HIDING),
    "show": ("解除原因", hiding.NO_SHOWING),
}
