from typing import TypeVar

from django.db import models

ModelInstance = TypeVar("ModelInstance", bound=models.Model)


def copy_instance(row: ModelInstance, **changes: object) -> ModelInstance:
    """Return an unsaved copy of the row. ``changes`` maps column names to new values."""
    columns = [each.attname for each in row._meta.concrete_fields if not each.primary_key]
    return type(row)(**{name: getattr(row, name) for name in columns} | changes)
