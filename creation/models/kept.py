"""Which rows name a stored file: whoever sweeps, checks or backs up files asks here."""

from typing import Any

from django.apps import apps
from django.db import models


def keepers() -> list[type[models.Model]]:
    """Every model with a ``blob``, and beside it ``sha256`` and ``size``; a new one is found by its field."""
    return [model for model in apps.get_app_config("creation").get_models() if "blob" in _names(model)]


def _names(model: Any) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}
