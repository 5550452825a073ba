from typing import Any, TypeVar

from django.db import models
from django.db.models import F

Row = TypeVar("Row", bound="Versioned", covariant=True)


class VersionedQuerySet(models.QuerySet[Row]):
    """The only place that counts versions up."""

    def change(self, pk: int, seen: int, **values: Any) -> bool:
        """Write ``values`` if the row still has version ``seen``; False when it has not, or does not meet the queryset's conditions.

        One conditional UPDATE: of two who saw the same version, one wins. The queryset may carry further conditions, but no join:
        see ``TaskQuerySet.running``.
        """
        return bool(self.filter(pk=pk, version=seen).bump(**values))

    def bump(self, **values: Any) -> int:
        """Write ``values`` to all rows of the queryset, whatever their version, and count it up. Returns the number of rows."""
        return self.update(**values, version=F("version") + 1)


class Versioned(models.Model):
    """A row whose forms carry the version that the person saw, so that nobody overwrites what they have not read."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
