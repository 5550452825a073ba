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
