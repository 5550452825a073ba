from typing import Any, TypeVar

from django.db import models
from django.db.models import F

Row = TypeVar("Row", bound="Versioned", covariant=True)


class VersionedQuerySet(models.QuerySet[Row]):
    """A queryset that increments row versions. No other code does."""

    def change(self, pk: int, seen: int, **values: Any) -> bool:
        """Write ``values`` if the row still has version ``seen``, in one conditional UPDATE. Return whether a row was changed.

        If two people saw the same version, one of them succeeds. The queryset may have further conditions but no join, see
        ``TaskQuerySet.in_open_campaigns``.
        """
        return bool(self.filter(pk=pk, version=seen).bump(**values))

    def bump(self, **values: Any) -> int:
        """Write ``values`` to all rows of the queryset, increment their versions and return the number of rows."""
        return self.update(**values, version=F("version") + 1)


class Versioned(models.Model):
    """A row with a version. Forms carry the version that the person saw, so that nobody overwrites changes they have not read."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def read_again(self) -> None:
        """Read the row as it is now. Related rows that were read before and are still those of the row are kept."""
        known = dict(self._state.fields_cache)
        self.refresh_from_db()
        for field in self._meta.concrete_fields:
            if field.is_relation and (row := known.get(field.name)) and row.pk == getattr(self, field.attname):
                setattr(self, field.name, row)
