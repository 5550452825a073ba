from django.core.paginator import Paginator
from django.http import HttpRequest
from django_tables2 import RequestConfig, Table

PAGE_SIZE = 50  # rows


def paginate_table(table: Table, request: HttpRequest) -> None:
    """Sort as the address asks and show its ``?page=``: a number too large is the last page, what is no number the first.

    How many rows a page has is ours to say, not the address's: a page of all rows would take the server down.
    """
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(paginator_class=Paginator, per_page=PAGE_SIZE)
    table.page = table.paginator.get_page(request.GET.get("page"))
