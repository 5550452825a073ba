"""Forms for a leader's instruction and for the coordinator's answer to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.communication import instructions
from creation.communication.instructions import InstructionText
from creation.models import Unit
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class InstructionForm(forms.Form):
    text = forms.CharField(
        label="批示内容",
        max_length=instructions.MAX_TEXT,
        widget=text_area(2),
        help_text="综合协调组会转为工作事项下发，或者答复您；进展显示在“领导批示”里。",
        error_messages={"required": instructions.NO_TEXT},
    )
    lead = forms.ModelChoiceField(
        label="牵头单位", queryset=Unit.objects.none(), required=False, empty_label="由综合协调组确定"
    )
    due_on = forms.DateField(label="完成时限", required=False, widget=date_input())
    assists = UnitsField(label="配合单位", queryset=Unit.objects.none(), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        units: Any,
        offered: Sequence[Unit] | None = None,
        about: str = "",
    ) -> None:
        """``offered``: the same units, if they are at hand, so that they are not read for each field.

        ``about``: what the instruction is about, to begin its text with.
        """
        super().__init__(data, auto_id="id_instruct_%s", initial={"text": f"{about}：" if about else ""})
        self.offered = offered
        offer_choices(self, lead=units, assists=units)
        if offered is not None:
            lead: Any = self.fields["lead"]
            lead.widget.choices = [("", lead.empty_label), *((unit.pk, str(unit)) for unit in offered)]
        apply_bootstrap(self)

    @property
    def instruction_text(self) -> InstructionText:
        return InstructionText(**self.cleaned_data)


class InstructionAnswerForm(forms.Form):
    answer = forms.CharField(
        label="办理情况",
        max_length=instructions.MAX_TEXT,
        widget=text_area(2),
        error_messages={"required": instructions.NO_ANSWER},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: int) -> None:
        super().__init__(data, auto_id=f"id_settle{key}_%s")
        apply_bootstrap(self)
