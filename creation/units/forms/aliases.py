"""The form for an alias of a unit."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from creation.models import Unit, UnitGroup
from creation.units import aliases
from creation.web.bootstrap_forms import apply_bootstrap


class AliasForm(forms.Form):
    name = forms.CharField(
        label="别称",
        max_length=aliases.MAX_NAME,
        help_text="简称、曾用名、合署单位的另一个名称，或“区直各单位”这样的统称。",
        error_messages={"required": aliases.NO_NAME},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Iterable[Unit]) -> None:
        super().__init__(data)
        single = [(str(unit.pk), f"{unit.name}（{unit.short_name}）") for unit in units]
        choices = [("", "请选择"), ("单位", single), ("一类单位", UnitGroup.choices)]
        self.fields["meaning"] = forms.ChoiceField(
            label="指哪个单位", choices=choices, error_messages={"required": aliases.NO_MEANING}
        )
        apply_bootstrap(self)
