"""Forms to issue, to change and to close a supervision order."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.models import Finding, ReplyCycle, SupervisionOrder, Task, Unit
from creation.supervision import order_changes, orders
from creation.supervision.orders import OrderText
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices


class NewOrderForm(forms.Form):
    title = forms.CharField(label="督办事项（一句话）", max_length=100, error_messages={"required": orders.NO_MATTER})
    text = forms.CharField(label="办理要求（可不填）", required=False, max_length=4000, widget=text_area(4))
    instruction = forms.CharField(
        label="领导批示（可不填）",
        required=False,
        max_length=1000,
        widget=text_area(2),
        help_text="照录批示原话，写明批示人和日期。",
    )
    cycle = forms.ChoiceField(label="报送周期", choices=ReplyCycle.choices, initial=ReplyCycle.ONCE)
    due_on = forms.DateField(
        label="办结时限",
        required=False,
        widget=date_input(),
        help_text="每周报送的周五前报，每月报送的月底前报，不用填。",
    )
    lead = forms.ModelChoiceField(
        label="牵头单位",
        queryset=Unit.objects.none(),
        empty_label="请选择",
        error_messages={"required": orders.NO_LEAD},
    )
    assists = UnitsField(label="配合单位（可不选）", queryset=Unit.objects.none(), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, units: Any, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        offer_choices(self, lead=units, assists=units)
        apply_bootstrap(self)

    def order_text(self, finding: Finding | None, task: Task | None) -> OrderText:
        return OrderText(**self.cleaned_data, finding=finding, task=task)


class OrderEditForm(NewOrderForm):
    """``seen`` is the version on screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any, order: SupervisionOrder) -> None:
        said = order_changes.text_of(order)
        values = {name: getattr(said, name) for name in order_changes.LABELS}
        super().__init__(data, units=units, initial=values | {"seen": order.version})

    @property
    def said(self) -> OrderText:
        return OrderText(**{name: self.cleaned_data[name] for name in order_changes.LABELS})


class CloseOrderForm(forms.Form):
    """``seen`` is the version on screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="办结情况", max_length=500, widget=text_area(2), error_messages={"required": orders.NO_NOTE}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, order: SupervisionOrder) -> None:
        super().__init__(data, initial={"seen": order.version})
        apply_bootstrap(self)
