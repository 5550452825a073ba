"""Form fields that offer rows, and what a form sets of its fields when it is made."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from creation.web.shortcuts import KEY_DIGITS


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # Django cannot be subscripted when it runs
    """Like Django's, but a key with more digits than a database holds is an invalid choice; SQLite would raise an OverflowError."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if len(str(key)) > KEY_DIGITS:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": str(key)[:20]})
        return super().clean(value)


class BoxesField(RowsField):
    """Rows as checkboxes."""

    widget = forms.CheckboxSelectMultiple


def offer_choices(form: forms.BaseForm, **offered: Any) -> None:
    """Set what fields offer: rows (a queryset) for a field of rows, pairs of value and label for a field of choices."""
    for name, choices in offered.items():
        field: Any = form.fields[name]
        setattr(field, "queryset" if isinstance(choices, QuerySet) else "choices", choices)


def offered_rows(form: forms.BaseForm, name: str) -> list[Any]:
    """Return the rows that a field of rows offers."""
    field: Any = form.fields[name]
    return list(field.queryset)
