from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_filters import FilterSet
from django_tables2 import RequestConfig, Table

from creation.web.fragments import wants_fragment

PAGE_SIZE = 50  # rows


def paginate_table(table: Table, request: HttpRequest) -> None:
    """Sort the table by the query string and show its ``?page=``. A number too large shows the last page, an invalid one the first.

    The page size cannot be set in the URL, because a page of all rows would overload the server.
    """
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(paginator_class=Paginator, per_page=PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))


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
