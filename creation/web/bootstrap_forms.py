"""What all fields have in common, given in one place: Bootstrap's classes for Django's widgets, days that a calendar knows."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

DATE_VALIDATORS: list[Callable[[Any], None]] = [
    MinValueValidator(date(1900, 1, 1), "日期不能早于 1900 年，请核对年份。"),
    MaxValueValidator(date(2199, 12, 31), "日期不能晚于 2199 年，请核对年份。"),
]  # beyond them the arithmetic of calendars and time zones ends
_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


def apply_bootstrap(form: forms.BaseForm) -> None:
    """Give every widget of the form the class its kind has, and every day the limits of the calendar."""
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.validators = DATE_VALIDATORS
        name = next(css for kind, css in _CLASSES if isinstance(field.widget, kind))
        if name:
            field.widget.attrs.setdefault("class", name)


def date_input() -> forms.DateInput:
    """The browser's own calendar; its value is always ISO."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})
