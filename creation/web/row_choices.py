"""A form field that offers several rows."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from creation.web.shortcuts import KEY_DIGITS


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # Django cannot be subscripted when it runs
    """Like Django's, but a key with more digits than a database holds is an invalid choice; SQLite would raise an OverflowError."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if len(str(key)) > KEY_DIGITS:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": str(key)[:20]})
        return super().clean(value)
