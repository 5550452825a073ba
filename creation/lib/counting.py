"""Several counts of different tables from one query."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value

CountedPart = tuple[QuerySet[Any], Any]  # rows, and the expression by which they are grouped
CountedRow = tuple[str, Any, int]  # name, group, number of rows


def count_by(parts: Mapping[str, CountedPart]) -> Counter[tuple[str, Any]]:
    """Return (name, group) → number of rows."""
    return counted(rows_to_count(parts) if parts else ())


def counted(rows: Iterable[CountedRow]) -> Counter[tuple[str, Any]]:
    return Counter({(name, group): count for name, group, count in rows})


def rows_to_count(parts: Mapping[str, CountedPart]) -> QuerySet[Any, CountedRow]:
    """Return rows of name, group and number, from one query. ``parts`` is not empty."""
    rows = [
        queryset.order_by()
        .annotate(counted_as=Value(name, CharField()), counted_by=group)
        .values_list("counted_as", "counted_by")
        .annotate(n=Count("pk"))
        for name, (queryset, group) in parts.items()
    ]
    whole: QuerySet[Any, CountedRow] = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    return whole
