"""Every route × every role × every place of an object: the status code expected by the policy, and an audit entry for refusals only.

Expectations are computed from ``policy.PERMISSION_MATRIX`` and ``tests/support/route_objects.py``, never from the views. A
normal run samples a twelfth of the 404 cases, the largest group, and a sixth of the others: ``tests/support/sampling.py``.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from creation.audit import audit_actions
from creation.models import AuditEntry, User
from creation.rules import policy
from tests.support import route_objects
from tests.support.route_objects import RouteTarget
from tests.support.routes import FINE, PUBLIC, ROUTES, Route
from tests.support.sampling import Chosen
from tests.support.world import CAST, World

pytestmark = pytest.mark.usefixtures("at_now")

WRITES = ("INSERT", "UPDATE", "DELETE")
SESSIONS = ("django_session", "creation_usersession")  # of the login itself, not of the request


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield str(pattern.name)


def expected(route: Route, place: RouteTarget, person: User) -> frozenset[int]:
    """Return 404 for an object the person may not see, 403 for an action they may not do.

    If the action is checked on the parent, 403 comes first.
    """
    if route.kind == "page":
        return FINE if not route.act or person.grants_for(route.act) else frozenset({403})
    if place.act_scope and not place.is_known_to(person) and place.scope is None:
        around = RouteTarget("around", {}, place.act_scope, place.around)
        if not around.is_known_to(person):
            return frozenset({404})
        return frozenset({404 if around.admits(person, route.act) else 403})
    if not place.is_known_to(person):
        return frozenset({404})
    return FINE | route.also if place.admits(person, route.act) else frozenset({403})


def ask(client: Client, route: Route, place: RouteTarget) -> Any:
    url = reverse(route.name, kwargs=place.args | route.more)
    return getattr(client, route.method)(url)


@pytest.mark.every_day
def test_every_route_is_in_the_table() -> None:
    missing = set(names(get_resolver().url_patterns)) - PUBLIC - {route.name for route in ROUTES}
    assert not missing, f"give each a line in tests/support/routes.py: {sorted(missing)}"


@pytest.mark.every_day
def test_every_route_in_the_table_exists() -> None:
    assert {route.name for route in ROUTES} <= set(names(get_resolver().url_patterns))


@pytest.mark.every_day
def test_every_act_has_a_chinese_name() -> None:
    assert set(policy.Permission) == set(policy.PERMISSION_MATRIX)
    assert all(permission.label for permission in policy.Permission)
    assert set(policy.Permission) <= set(audit_actions.AUDIT_ACTIONS)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_responds_to_each_role_according_to_the_policy(
    route: Route, world_at_work: World, one_in: Callable[[int], Chosen]
) -> None:
    world = world_at_work
    asked, a_twelfth, a_sixth = getattr(route_objects, route.kind)(world), one_in(12), one_in(6)
    wrong = []
    for name in CAST:
        person = User.objects.get(username=name)
        cases = [(place, expected(route, place, person)) for place in asked]
        chosen = [each for each in cases if (a_twelfth if each[1] == {404} else a_sixth)(route, name, each[0].name)]
        if not chosen:
            continue
        client = world.client(name)
        for place, codes in chosen:
            code, writes, entries = answer(client, route, place)
            if code not in codes:
                wrong.append(f"{name} at {place.name}: {code} instead of {sorted(codes)}")
            elif code in {403, 404} and not (code == 404 and 404 in route.also and place.is_known_to(person)):
                left = [sql for sql in writes if "creation_auditentry" not in sql]
                if left or entries != (code == 403):
                    wrong.append(f"{name} at {place.name}: {code} left {entries} audit rows and {left}")
    assert not wrong, "\n".join(wrong)


def answer(client: Client, route: Route, place: RouteTarget) -> tuple[int, list[str], int]:
    """Return the status code, the writes beyond the login's own, and the number of audit rows. Then roll back for the next request."""
    before = AuditEntry.objects.count()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, route, place)
            if response.streaming:
                response.getvalue()  # reads the file to its end, which closes it
        code = (
            401 if response.status_code == 302 and response["Location"].startswith("/login/") else response.status_code
        )
        entries = AuditEntry.objects.count() - before
        transaction.set_rollback(True)
    sql = [query["sql"] for query in queries.captured_queries if query["sql"].startswith(WRITES)]
    return code, [each for each in sql if not any(table in each for table in SESSIONS)], entries


ANYTHING = {"IntConverter": 1, "UUIDConverter": uuid4(), "SlugConverter": "x", "StringConverter": "x"}


def addresses(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """Return each name with a matching URL; whether the object exists does not matter."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns)
        else:
            args = {key: ANYTHING[type(value).__name__] for key, value in pattern.pattern.converters.items()}
            yield str(pattern.name), reverse(str(pattern.name), kwargs=args)


def test_anonymous_users_are_redirected_to_the_login_page(db: None) -> None:
    for name, url in addresses(get_resolver().url_patterns):
        if name in PUBLIC:
            continue
        for method in ("get", "post"):
            response = getattr(Client(), method)(url)
            assert response.status_code == 302, name
            assert response["Location"].startswith("/login/?next=/"), name
        assert Client().put(url).status_code == 401, name
        assert Client().get(url, headers={"HX-Request": "true"}).status_code == 401, name


def test_a_method_that_a_route_does_not_know_is_405(world: World) -> None:
    client = world.client("coordinator")
    for name, url in addresses(get_resolver().url_patterns):
        known = {route.method for route in ROUTES if route.name == name}
        for method in {"get", "post", "put", "delete"} - known if known else ():
            assert getattr(client, method)(url).status_code == 405, f"{method} {name}"


def test_the_page_of_a_refusal_names_the_roles_that_may(world: World) -> None:
    page = world.client("liaison").get(reverse("review_queue", args=[world.campaign.pk]))
    assert page.status_code == 403
    assert "可以操作的角色" in page.content.decode()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.result, entry.person_id) == ("review.queue", "refused", world.people["liaison"].pk)


def test_the_trace_of_a_refusal_stays_when_its_request_is_rolled_back() -> None:
    assert os.environ.get("ATOMIC_REQUESTS") is None
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False
