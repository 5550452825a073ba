"""Forms that require a reason to clear, purge, hide or show a piece."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.evidence.library import secrecy_check, visibility
from creation.web.bootstrap_forms import apply_bootstrap


class ReasonForm(forms.Form):
    """A reason; ``label`` and ``required_message`` say for what."""

    reason = forms.CharField(max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str, label: str, required_message: str) -> None:
        super().__init__(data, auto_id=f"{key}-%s")
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = required_message
        apply_bootstrap(self, holds_marks=True)  # it says which mark


def reason_form(action: str, data: Mapping[str, Any] | None = None) -> ReasonForm:
    label, required_message = REASON_TEXTS[action]
    return ReasonForm(data, key=action, label=label, required_message=required_message)


REASON_TEXTS = {
    "clear": ("不涉密的理由", secrecy_check.NO_CLEARING),
    "purge": ("清除原因", secrecy_check.NO_PURGING),
    "hide": ("隐藏原因", visibility.NO_HIDING),
    "show": ("解除原因", visibility.NO_SHOWING),
}
