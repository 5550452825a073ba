from collections.abc import Callable, Iterable
from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_filters import FilterSet
from django_tables2 import RequestConfig, Table
from django_tables2.data import TableQuerysetData

from creation.web.fragments import wants_fragment

PAGE_SIZE = 50  # rows


class LenientPaginator(Paginator):  # type: ignore[type-arg]
    """Shows the last page for a number that is too large, the first for what is no number."""

    def validate_number(self, number: int | float | str) -> int:
        try:
            return super().validate_number(number)
        except PageNotAnInteger:
            return 1
        except EmptyPage:
            return self.num_pages


def paginate_table(table: Table, request: HttpRequest) -> None:
    """Sort the table by the query string and show its ``?page=``. A number too large shows the last page, an invalid one the first.

    The page size cannot be set in the URL, because a page of all rows would overload the server.
    """
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(paginator_class=LenientPaginator, page=request.GET.get("page", 1), per_page=PAGE_SIZE)


class KeyedRows(TableQuerysetData):
    """Rows for a table, of which the page on the screen is read by its keys.

    ``queryset`` chooses and orders; ``read`` returns the rows of some keys, in any order, with all that a row shows, and may be
    prepared (``creation.lib.prepared``), however the list is filtered.
    """

    def __init__(self, queryset: QuerySet[Any], read: Callable[[list[int]], Iterable[Any]]) -> None:
        super().__init__(queryset)
        self.read = read

    def __getitem__(self, key: slice) -> list[Any]:
        keys = list(self.data[key].values_list("pk", flat=True))
        found = {row.pk: row for row in self.read(keys)}
        return [found[each] for each in keys if each in found]


def filtered_list(
    request: HttpRequest, found: FilterSet, table: Table, context: dict[str, Any], *, page: str, results: str
) -> HttpResponse:
    """Return a page with a filtered table, or the results alone if htmx asks. ``page`` and ``results`` are their templates.

    Adds to ``context``: ``filter``, ``table``, ``total``, and ``none_yet``, whether there is no row without a filter either.
    """
    paginate_table(table, request)
    total = table.paginator.count
    context |= {"filter": found, "table": table, "total": total}
    context["none_yet"] = not total and not found.queryset.exists()
    response = render(request, results if wants_fragment(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])  # the same address has two answers
    return response
