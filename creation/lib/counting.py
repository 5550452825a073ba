"""Several counts of different tables from one query."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value

CountedPart = tuple[QuerySet[Any], Any]  # rows, and the expression by which they are grouped


def count_together(parts: Mapping[str, QuerySet[Any]]) -> Counter[str]:
    """Return the number of rows of each queryset, by its name."""
    found = count_by({name: (rows, Value(0)) for name, rows in parts.items()})
    return Counter({name: found[name, 0] for name in parts})


def count_by(parts: Mapping[str, CountedPart]) -> Counter[tuple[str, Any]]:
    """Return (name, group) → number of rows."""
    rows = [
        queryset.order_by()
        .annotate(counted_as=Value(name, CharField()), counted_by=group)
        .values_list("counted_as", "counted_by")
        .annotate(n=Count("pk"))
        for name, (queryset, group) in parts.items()
    ]
    if not rows:
        return Counter()
    whole = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    return Counter({(name, group): count for name, group, count in whole})
