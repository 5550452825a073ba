"""The forms of the list of sources: a line for each, and one for a new one."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.models import FindingSource
from creation.supervision import sources
from creation.supervision.sources import SourceChange
from creation.web.bootstrap_forms import apply_bootstrap


class NewSourceForm(forms.Form):
    name = forms.CharField(label="新的来源", max_length=sources.MAX_NAME, error_messages={"required": sources.BAD_NAME})

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        apply_bootstrap(self)


class SourceForm(forms.Form):
    """A line of the list. ``seen`` is what was on screen."""

    order = forms.IntegerField(label="顺序", min_value=0, max_value=999)
    name = forms.CharField(label="来源", max_length=sources.MAX_NAME, error_messages={"required": sources.BAD_NAME})
    active = forms.BooleanField(label="在用", required=False)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, source: FindingSource) -> None:
        self.source = source
        now = {name: getattr(source, name) for name in ("order", "name", "active")}
        super().__init__(data, initial=now | {"seen": sources.state_of(**now)}, prefix=f"s{source.pk}")
        apply_bootstrap(self)
        for name in ("order", "name", "active"):
            self.fields[name].widget.attrs["aria-label"] = f"{source}的{self.fields[name].label}"

    @property
    def change(self) -> SourceChange:
        values = self.cleaned_data
        return SourceChange(self.source, values["name"], values["order"], values["active"], values["seen"])
