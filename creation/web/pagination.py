from django.core.paginator import Paginator
from django.http import HttpRequest
from django_tables2 import RequestConfig, Table

PAGE_SIZE = 50  # rows


def paginate_table(table: Table, request: HttpRequest) -> None:
    """Sort the table by the query string and show its ``?page=``. A number too large shows the last page, an invalid one the first.

    The page size cannot be set in the URL, because a page of all rows would overload the server.
    """
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(paginator_class=Paginator, per_page=PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
