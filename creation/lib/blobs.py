"""Finds the rows that refer to stored files: every model with a field ``blob``. Sweeper, backup and check all use this list."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

from creation.lib.batches import batches


def models_with_files() -> list[type[models.Model]]:
    found = apps.get_app_config("creation").get_models()
    return [model for model in found if any(field.name == "blob" for field in model._meta.fields)]


def referenced_keys(keys: Iterable[str]) -> set[str]:
    """Return the given keys that some row refers to."""
    wanted, found = list(keys), set[str]()
    for some in batches(wanted):
        for model in models_with_files():
            rows: Any = model._default_manager.filter(blob__in=some)
            found.update(rows.values_list("blob", flat=True))
    return found
