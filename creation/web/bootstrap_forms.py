"""Common settings of form fields: Bootstrap classes for Django's widgets, limits for dates, no marks of secrecy in what is typed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from creation.rules import secrecy

MARKED = "文字里带有密级标志（{marks}），没有保存：涉密内容不能写进本系统。确不涉密的，请删去标志后再提交。"

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


def check_moment(moment: datetime) -> None:
    for check in DATE_VALIDATORS:
        check(moment.date())


def refuse_marks(text: str) -> None:
    """Raise ValidationError if the typed text has a mark of secrecy."""
    if marks := secrecy.find_typed_marks(text):
        raise ValidationError(MARKED.format(marks="、".join(marks)), code="marked")


def apply_bootstrap(form: forms.BaseForm, *, holds_marks: bool = False) -> None:
    """Set the Bootstrap class of every widget and the validators of every date and text field.

    ``holds_marks``: a mark of secrecy in a text is no mistake, as it stops the piece of evidence that it describes, or is its subject.
    """
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.validators = DATE_VALIDATORS
        elif isinstance(field, forms.DateTimeField):
            field.validators = [check_moment]
        elif _is_typed(field) and not holds_marks and refuse_marks not in field.validators:
            field.validators.append(refuse_marks)
        name = next(css for kind, css in _CLASSES if isinstance(field.widget, kind))
        if name:
            field.widget.attrs.setdefault("class", name)


def _is_typed(field: forms.Field) -> bool:
    """Return whether people write words into the field. Numbers have the same widget where they are written with commas."""
    return isinstance(field, forms.CharField) and type(field.widget) in (forms.TextInput, forms.Textarea)


def date_input() -> forms.DateInput:
    """Return the browser's date picker. Its value is always ISO."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})
