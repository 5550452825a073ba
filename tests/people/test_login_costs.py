"""A login writes in few transactions: on the last evening two hundred people log in beside all others who write."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people.test_login import enter
from tests.support.world import World

WRITING = ("INSERT", "UPDATE", "DELETE")


@pytest.mark.django_db(transaction=True)
def test_a_login_is_one_transaction_beside_that_of_its_session(world: World) -> None:
    client = Client()
    with CaptureQueriesContext(connection) as asked:
        answer = enter(client)
    assert answer.status_code == 302

    is_open, transactions = False, 0
    for query in asked.captured_queries:
        if query["sql"].startswith("BEGIN"):
            is_open, transactions = True, transactions + 1
        elif query["sql"] in ("COMMIT", "ROLLBACK"):
            is_open = False
        elif query["sql"].startswith(WRITING) and not is_open:
            transactions += 1
    # What failed before is forgotten; the login; the session at the end of the request, for its cookie.
    assert transactions <= 3, [query["sql"][:90] for query in asked.captured_queries]
