"""Forms for changing many tasks at once."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.models import Unit, User
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices

EACH_LIAISON = "liaisons"


class DueForm(forms.Form):
    due_on = forms.DateField(label="新时限", widget=date_input(), error_messages={"required": "请选择新时限。"})
    reason = forms.CharField(
        label="调整理由",
        max_length=200,
        widget=text_area(2),
        help_text="写入每项任务的动态，并通知各单位。",
        error_messages={"required": "请填写调整时限的理由，各单位会在通知里看到。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()
        apply_bootstrap(self)


class OwnerForm(forms.Form):
    """Owner of the tasks. Tasks of one unit may get any of its people; tasks of several units get their own unit's liaison."""

    owner = forms.ChoiceField(label="新责任人", error_messages={"required": "请选择新责任人。"})

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: list[Unit], people: list[User]) -> None:
        super().__init__(data)
        several = [(EACH_LIAISON, "各单位的联络员")]
        named = [(str(person.pk), f"{person.name}（{person.role_names}）") for person in people]
        offer_choices(self, owner=[("", "请选择"), *(named if len(units) == 1 else several)])
        if len(units) > 1:
            self.fields[
                "owner"
            ].help_text = f"所选任务分属 {len(units)} 个单位，各归本单位联络员。要指定某人，请先在任务列表按单位筛选。"
        apply_bootstrap(self)


class UrgeForm(forms.Form):
    reason = forms.CharField(
        label="催办原因",
        max_length=200,
        widget=text_area(2),
        help_text="写入每项任务的办理过程，并通知责任人和联络员。",
        error_messages={"required": "请填写催办原因，各单位会在通知里看到。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="id_urge_%s")
        apply_bootstrap(self)
