"""Common settings of form fields: Bootstrap classes for Django's widgets, and limits for dates."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

# Outside these limits calendar and time zone arithmetic fails.
DATE_VALIDATORS: list[Callable[[Any], None]] = [
    MinValueValidator(date(1900, 1, 1), "日期不能早于 1900 年，请核对年份。"),
    MaxValueValidator(date(2199, 12, 31), "日期不能晚于 2199 年，请核对年份。"),
]
_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


def apply_bootstrap(form: forms.BaseForm) -> None:
    """Set the Bootstrap class of every widget and the validators of every date field."""
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.validators = DATE_VALIDATORS
        name = next(css for kind, css in _CLASSES if isinstance(field.widget, kind))
        if name:
            field.widget.attrs.setdefault("class", name)


def date_input() -> forms.DateInput:
    """Return the browser's date picker. Its value is always ISO."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})
