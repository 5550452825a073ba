"""Districts of a city side by side: the sums of each, for who reads the city; what is below, by one's right in the district."""

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.briefing import districts
from creation.models import Campaign, District, Holiday, Membership, Task, Unit
from creation.tasks import progress
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db


def make_city(world: World) -> District:
    """A city with both districts of the world, and a third that has no campaign yet."""
    made = District.objects.create(name="示例市")
    District.objects.filter(pk__in=(world.district.pk, world.elsewhere.district_id)).update(parent=made)
    District.objects.create(name="召陵区", parent=made)
    return made


def read(world: World, who: str, district: District, *more: str) -> None:
    call_command("district_reader", world.people[who].username, district.name, *more)


def rows(city: District, world: World, who: str) -> dict[str, districts.DistrictRow]:
    person = type(world.people[who]).objects.get(pk=world.people[who].pk)
    found = districts.rows_of(city, person, TODAY, Holiday.objects.calendar())
    return {row.district.name: row for row in found}


def test_its_figures_are_those_of_each_board(world: World) -> None:
    city = make_city(world)
    found = rows(city, world, "chief")
    assert list(found) == [world.district.name, world.elsewhere.district.name, "召陵区"]
    for campaign in (world.campaign, world.elsewhere):
        whole = progress.matrix(Task.objects.active().of_plan().filter(campaign=campaign), TODAY).whole
        assert found[campaign.district.name].whole == whole
    assert found["召陵区"].campaign is None


@time_machine.travel(NOW, tick=False)
def test_who_reads_the_city_sees_sums_and_is_led_on_where_they_may_read(world_at_work: World) -> None:
    city = make_city(world_at_work)
    world, address = world_at_work, reverse("districts", args=[city.pk])
    Unit.objects.filter(district=world.elsewhere.district_id).update(name="暗号单位", short_name="暗号单位")
    Campaign.objects.filter(pk=world.elsewhere.pk).update(name="暗号活动")
    assert world.client("chief").get(address).status_code == 404
    read(world, "chief", city)
    page = world.client("chief").get(address).content.decode()
    board, far = (reverse("board", args=[each.pk]) for each in (world.campaign, world.elsewhere))
    assert f'href="{board}"' in page
    assert far not in page
    assert world.elsewhere.district.name in page
    assert "暗号" not in page
    assert address in world.client("chief").get(reverse("todo")).content.decode()
    assert world.client("chief").get(far).status_code == 404
    read(world, "chief", world.elsewhere.district)
    assert f'href="{far}"' in world.client("chief").get(address).content.decode()
    assert "暗号单位" in world.client("chief").get(far).content.decode()
    read(world, "chief", city, "--end")
    assert world.client("chief").get(address).status_code == 404


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("who", ["chief", "coordinator", "liaison", "outsider", "administrator"])
def test_a_person_of_one_district_finds_nothing_of_another(world_at_work: World, who: str) -> None:
    """Also not of one that is its child: the right of a district does not reach up, nor a coordinator's down."""
    city, client = make_city(world_at_work), world_at_work.client(who)
    assert client.get(reverse("districts", args=[city.pk])).status_code == 404
    assert client.get(reverse("districts", args=[world_at_work.district.pk])).status_code == 404
    assert "各区县" not in client.get(reverse("todo")).content.decode()


def test_the_page_costs_the_same_for_two_districts_and_for_twenty(world_at_work: World) -> None:
    city = make_city(world_at_work)
    world, address = world_at_work, reverse("districts", args=[city.pk])
    read(world, "chief", city)
    client = world.client("chief")
    with time_machine.travel(NOW, tick=False):
        client.get(address)
        few = count_queries(client.get, address)
        for number in range(20):
            place = District.objects.create(name=f"第{number}区", parent=city)
            host = Unit.objects.create(district=place, name="司法局", short_name="司法局")
            Campaign.objects.create(
                district=place, system=world.campaign.system, host=host, name=f"活动{number}", year=2026, state="open"
            )
        client.get(address)  # units have changed, and are read again
        with CaptureQueriesContext(connection) as many:
            page = client.get(address).content.decode()
    assert "第19区" in page
    assert len(many) == few


def test_the_command_says_what_is_wrong_and_changes_nothing(world: World) -> None:
    city = make_city(world)
    before = Membership.objects.count()
    for words, sentence in (
        (("nobody.here", city.name), "没有登录名"),
        (("chief", "某市"), "没有名为“某市”的行政区，现有："),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("district_reader", *words)
    read(world, "chief", city)
    with pytest.raises(CommandError, match="无需重复"):
        read(world, "chief", city)
    assert Membership.objects.count() == before + 1


def test_an_auditor_cannot_be_made_a_reader(world: World) -> None:
    city = make_city(world)
    with pytest.raises(CommandError, match="不能再任领导小组"):
        read(world, "auditor", city)
