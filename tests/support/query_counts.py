"""How many queries something makes. Lists and jobs are to make the same number for one row and for many."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def count_queries(act: Callable[..., object], *args: Any, **kwargs: Any) -> int:
    """Return the number of queries of a call with these arguments."""
    with CaptureQueriesContext(connection) as captured:
        act(*args, **kwargs)
    return len(captured)


def page_queries(client: Client, address: str) -> int:
    """Return the number of queries of a page, which has to be there."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)
