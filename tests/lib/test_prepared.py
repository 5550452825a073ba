"""Queries that are composed once and filled in with the values of each call."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from creation.lib.prepared import Slot, prepared
from creation.models import Campaign, Task, User
from tests.support.world import NOW, World

TODAY = NOW.date()


@prepared
def tasks_due(user: User, day: date | None, *, with_units: bool) -> QuerySet[Task, Task]:
    rows = Task.objects.visible_to(user).filter(due_on__lte=day) if day else Task.objects.visible_to(user)
    return (rows.select_related("unit") if with_units else rows).order_by("pk")


def composed_anew(user: User, day: date | None) -> list[Task]:
    rows = Task.objects.visible_to(user)
    return list((rows.filter(due_on__lte=day) if day else rows).order_by("pk"))


@pytest.mark.parametrize("who", ["liaison", "clerk", "coordinator", "chief", "auditor"])
def test_each_person_gets_the_own_rows(world: World, who: str, settings: Any) -> None:
    settings.VERIFY_PREPARED_QUERIES = False
    person = world.people[who]
    for day in (TODAY, TODAY + timedelta(days=400), None, TODAY - timedelta(days=400)):
        assert tasks_due(person, day, with_units=True) == composed_anew(person, day)


def test_people_of_the_same_form_share_what_is_composed_and_not_what_they_see(world: World, settings: Any) -> None:
    settings.VERIFY_PREPARED_QUERIES = False
    composings = []

    @prepared
    def seen(user: User) -> QuerySet[Task, Task]:
        composings.append(user)
        return Task.objects.visible_to(user).order_by("pk")

    people = [world.people["liaison"], world.people["rival"]]
    assert [seen(each) for each in people] == [list(Task.objects.visible_to(each).order_by("pk")) for each in people]
    assert seen(people[0]) != seen(people[1])
    assert len(composings) == 1


def test_rows_come_with_what_is_joined_counted_and_prefetched(world: World) -> None:
    @prepared
    def campaigns(district: int) -> QuerySet[Campaign, Campaign]:
        return Campaign.objects.filter(district=district).select_related("system").prefetch_related("phases")

    found = campaigns(world.campaign.district_id)
    with CaptureQueriesContext(connection) as asked:
        (campaign,) = found
        phases, system = list(campaign.phases.all()), campaign.system
    assert len(asked) == 0
    assert phases == list(world.campaign.phases.all())
    assert system == world.campaign.system


def test_rows_of_values_and_of_a_condition_that_nothing_meets(world: World) -> None:
    @prepared
    def numbers(campaign: Campaign, *, keys: tuple[int, ...]) -> QuerySet[Task, tuple[int, int]]:
        return Task.objects.filter(campaign=campaign, pk__in=keys).order_by("pk").values_list("pk", "unit")

    keys = tuple(world.campaign.tasks.order_by("pk").values_list("pk", flat=True)[:2])
    assert [key for key, _ in numbers(world.campaign, keys=keys)] == list(keys)
    assert numbers(world.campaign, keys=()) == []


def test_a_value_that_does_not_go_into_a_lookup_fails_at_once(world: World) -> None:
    @prepared
    def shifted(day: date) -> QuerySet[Task, Task]:
        return Task.objects.filter(due_on__lte=day + timedelta(days=1))

    with pytest.raises(TypeError):
        shifted(TODAY)


def test_a_query_that_depends_on_a_value_unseen_is_found(world: World) -> None:
    @prepared
    def late(day: date) -> QuerySet[Task, Task]:
        rows = Task.objects.filter(due_on__lt=day)
        return rows if isinstance(day, Slot) or day == TODAY else rows.order_by("-due_on")

    late(TODAY)
    with pytest.raises(AssertionError, match="not the one that its values would give"):
        late(TODAY - timedelta(days=1))
