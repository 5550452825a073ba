"""Bootstrap's classes for Django's widgets, given in one place."""

from django import forms

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)


def dress(form: forms.BaseForm) -> None:
    """Give every widget of the form the class its kind has."""
    for field in form.fields.values():
        name = next(css for kind, css in _CLASSES if isinstance(field.widget, kind))
        if name:
            field.widget.attrs.setdefault("class", name)


def day_input() -> forms.DateInput:
    """The browser's own calendar; its value is always ISO."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def text_area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})
