from typing import TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


def anew(row: Row, **changes: object) -> Row:
    """A row like this one, not yet saved; ``changes`` by the names of columns."""
    columns = [each.attname for each in row._meta.concrete_fields if not each.primary_key]
    return type(row)(**{name: getattr(row, name) for name in columns} | changes)
