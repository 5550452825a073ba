"""What the filters of lists have in common."""

from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Q


class ListFilter(django_filters.FilterSet):
    """A filter of a list. ``search`` looks for the words in ``search_fields``: each must be in one of them."""

    search_fields: tuple[str, ...] = ()

    q = django_filters.CharFilter(label="查找", method="search")

    @property
    def chosen(self) -> bool:
        """Return whether the URL narrows the list."""
        return self.form.is_valid() and any(value not in (None, "", False) for value in self.form.cleaned_data.values())

    def search(self, rows: Any, name: str, value: str) -> Any:
        for word in value.split():
            rows = rows.filter(reduce(or_, (Q((f"{field}__icontains", word)) for field in self.search_fields)))
        return rows
