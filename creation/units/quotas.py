"""How much of its storage quota a unit has used. A quota warns and never blocks, because on the last day every unit uploads."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from creation.lib.prepared import prepared
from creation.models import EvidenceVersion, Unit

GIGABYTE = 2**30
WARNING_PERCENT = 80  # percent


@dataclass(frozen=True)
class StorageUsage:
    """Storage used by a unit, in bytes: files of every version, including deleted evidence. ``quota`` 0 means no quota."""

    unit: Unit
    files: int
    used: int
    quota: int

    @property
    def percent(self) -> int:
        return self.used * 100 // self.quota if self.quota else 0

    @property
    def is_high(self) -> bool:
        return self.percent >= WARNING_PERCENT

    @property
    def is_over(self) -> bool:
        return self.percent >= 100


def storage_usages(units: QuerySet[Unit]) -> list[StorageUsage]:
    """Return the units by share of their quota, highest first, with two queries."""
    stored = EvidenceVersion.objects.filter(evidence__unit__in=units).exclude(blob="").order_by()
    sums = stored.values_list("evidence__unit").annotate(Count("pk"), Sum("size"))
    found = {pk: (files, used or 0) for pk, files, used in sums}
    rows = [StorageUsage(unit, *found.get(unit.pk, (0, 0)), quota_of(unit)) for unit in units]
    return sorted(rows, key=lambda row: (-row.percent, -row.used, row.unit.order, row.unit.pk))


def storage_usage_of(unit: Unit) -> StorageUsage:
    ((files, used),) = _stored(unit) or [(0, 0)]
    return StorageUsage(unit, files, used or 0, quota_of(unit))


@prepared
def _stored(unit: Unit) -> QuerySet[EvidenceVersion, tuple[int, int | None]]:
    stored = EvidenceVersion.objects.filter(evidence__unit=unit).exclude(blob="").order_by().values("evidence__unit")
    return stored.annotate(files=Count("pk"), used=Sum("size")).values_list("files", "used")


def quota_of(unit: Unit) -> int:
    """Return the unit's own quota in bytes, or the default."""
    return (settings.UNIT_QUOTA_GB if unit.quota_gb is None else unit.quota_gb) * GIGABYTE
